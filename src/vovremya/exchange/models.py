"""Imports: the runs, their files and rows, and what the visits were when a file spoke of them last. Exports: which list
who took along, and the calendars that are shown to whoever has their link."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vovremya.directory.models import Advisor, Bay, Branch
from vovremya.visits.models import Visit


class ImportRun(models.Model):
    """One import of one file, from its first piece to its being taken back."""

    class Source(models.TextChoices):
        CONSOLE = "console"  # which applies it itself
        BROWSER = "browser"
        FOLDER = "folder"

    class Stage(models.TextChoices):
        """Who has the next step: the program (`UNDER_WAY`), a person, or nobody any more."""

        UPLOADING = "uploading"
        LOOKING = "looking"
        HEADINGS = "headings"  # waits for somebody who says what the columns hold
        READING = "reading"
        CHECKING = "checking"
        CHECKED = "checked"  # waits for somebody who has seen what it would do
        APPLYING = "applying"
        DONE = "done"
        STOPPED = "stopped"
        REFUSED = "refused"  # the file cannot be read; `refusal` says why
        TAKING_BACK = "taking_back"
        TAKEN_BACK = "taken_back"

    UNDER_WAY = (Stage.LOOKING, Stage.READING, Stage.CHECKING, Stage.APPLYING, Stage.TAKING_BACK)

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+", db_index=False)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.CONSOLE)
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.APPLYING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    file_name = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=64, blank=True)
    file_size = models.PositiveBigIntegerField(default=0)
    seen = models.JSONField(default=list)  # the first rows of each sheet, until the columns are known
    chosen = models.JSONField(default=dict)  # sheet, heading row and columns
    refusal = models.JSONField(default=dict)
    titles = models.JSONField(default=list)  # the headings as the file has them
    counts = models.JSONField(default=dict)  # of the rows, by state, when it ended
    started_at = models.DateTimeField()
    staged_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    has_moved = models.BooleanField(default=False)  # a visit has left its place since the rows were last tried
    worked_until = models.DateTimeField(null=True)  # a watch has it in hand, by real time

    class Meta:
        indexes = (
            models.Index(fields=("branch", "file_digest"), name="import_run_of_file"),
            models.Index(fields=("branch", "started_at"), name="import_run_of_branch"),
            models.Index(
                fields=("worked_until",),
                name="import_run_under_way",
                condition=Q(
                    source__in=("browser", "folder"),
                    stage__in=("looking", "reading", "checking", "applying", "taking_back"),
                ),
            ),
        )


class FilePiece(models.Model):
    """A piece of a file that is not read yet. In the database: whoever reads it may be on another machine."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="file_piece_once"),)


class HeadingsKnown(models.Model):
    """What the columns under certain headings hold, as somebody in the branch has said."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+", db_index=False)
    signature = models.CharField(max_length=64)  # see `rules/headings.py`
    columns = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("branch", "signature"), name="headings_known_once"),)


class ImportRow(models.Model):
    """A row of a run. What was read of it is kept until it is applied, a refused one until it is corrected."""

    class State(models.TextChoices):
        STAGED = "staged"
        DEFERRED = "deferred"  # its bay is taken; a later move of the same file may free it
        IMPORTED = "imported"
        CHANGED = "changed"
        UNCHANGED = "unchanged"
        REFUSED = "refused"
        TAKEN_BACK = "taken_back"
        KEPT = "kept"  # was to be taken back, and somebody touched the visit meanwhile

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()  # as in the sheet
    state = models.CharField(max_length=16, choices=State.choices)
    foreseen = models.CharField(max_length=16, choices=State.choices, blank=True)  # by the trial run
    starts_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=80, blank=True)
    values = models.JSONField(default=dict)
    cells = models.JSONField(default=list)
    problems = models.JSONField(default=list)  # [column, code, value]
    remarks = models.JSONField(default=list)
    visit = models.ForeignKey(Visit, on_delete=models.SET_NULL, null=True, related_name="+")
    before = models.JSONField(default=dict)  # of a changed visit, what it is taken back to
    entry_id = models.BigIntegerField(null=True)  # the last of the visit's entries when the row was applied

    class Meta:
        indexes = (
            models.Index(fields=("run", "state", "starts_at", "number"), name="import_row_to_apply"),
            models.Index(fields=("run", "number"), name="import_row_of_run"),
        )


class ImportedRecord(models.Model):
    """The record of the other program that a visit comes from, and what the file said of it."""

    visit = models.OneToOneField(Visit, on_delete=models.CASCADE, related_name="imported_record")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=80)  # see `rules/matching.py`
    digests = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("branch", "key"), name="imported_record_once"),)


class ListExport(models.Model):
    """Access log: who took which list along as a file, and how many whole numbers stood in it."""

    class List(models.TextChoices):
        DAY = "day"
        NOT_ARRIVED = "not_arrived"
        REMOVED = "removed"
        WAITLIST = "waitlist"
        REFUSED_ROWS = "refused_rows"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    list = models.CharField(max_length=32)
    rows = models.PositiveIntegerField()
    phones = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("branch", "at"), name="list_export_of_branch"),)


class CalendarLink(models.Model):
    """A secret address under which a calendar of a bay or an advisor may be read without a login."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+")
    bay = models.ForeignKey(Bay, on_delete=models.CASCADE, null=True, related_name="+")
    advisor = models.ForeignKey(Advisor, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=100)  # whose calendar program it was made for
    token_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(null=True)  # to the hour
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(bay__isnull=False, advisor__isnull=True) | Q(bay__isnull=True, advisor__isnull=False),
                name="calendar_of_a_bay_or_an_advisor",
            ),
        )
