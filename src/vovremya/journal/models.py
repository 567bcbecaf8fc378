"""The append-only record: audit trail, live feed, outbox and history at once."""

from django.conf import settings
from django.db import models

from vovremya.directory.models import Branch


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

    class Meta:
        indexes = (
            models.Index(fields=("branch", "id"), name="entry_of_branch"),
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
