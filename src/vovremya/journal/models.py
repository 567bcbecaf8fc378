"""The append-only record: audit trail, live feed, outbox and history at once."""

from typing import Any

from django.conf import settings
from django.db import models

from vovremya.directory.models import Branch


class CurrentTransaction(models.Func):
    """The number of the transaction that writes the row. SQLite has one writer at a time and needs none."""

    output_field = models.BigIntegerField()

    template = "0"

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template="(pg_current_xact_id()::text::bigint)")


class Entry(models.Model):
    """One fact in the past tense. Holds ids, codes, instants and counts; never a name, phone or free text."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()  # when it became true
    recorded_at = models.DateTimeField()  # when it was written; later for announcements
    kind = models.CharField(max_length=40)
    visit_id = models.BigIntegerField(null=True)  # visits stand above the journal
    case_id = models.BigIntegerField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    action_id = models.UUIDField()  # common to all entries of one action
    data = models.JSONField(default=dict)
    words_digest = models.CharField(max_length=64, blank=True)
    # Ids are given out before transactions end; in the order of (xid, id) nothing appears behind what was read.
    xid = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        indexes = (
            models.Index(fields=("branch", "id"), name="entry_of_branch"),
            models.Index(fields=("branch", "xid", "id"), name="entry_in_feed_of_branch"),
            models.Index(fields=("xid", "id"), name="entry_in_feed"),
            models.Index(fields=("visit_id", "id"), name="entry_of_visit"),
        )


class Words(models.Model):
    """Free text that belongs to an entry. Erasure deletes the row; the entry keeps the salted digest."""

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="words")
    text = models.TextField()
    salt = models.CharField(max_length=32)


class Seal(models.Model):
    """A digest over a run of entries of a branch, chained to the seal before."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    from_entry_id = models.BigIntegerField()
    to_entry_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    row_digests = models.TextField()  # the beginning of each row's digest, to name the first bad row

    class Meta:
        constraints = (models.UniqueConstraint(fields=("branch", "from_entry_id"), name="sealed_once"),)


class RequestKey(models.Model):
    """A successful request, remembered for 48 hours so that a repeated one gives the first answer."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    action = models.CharField(max_length=40)
    body_digest = models.CharField(max_length=64)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="request_key_once"),)
