"""Imports: the runs, their staged rows, and what the visits were when a file spoke of them last."""

from django.db import models

from vovremya.directory.models import Branch
from vovremya.visits.models import Visit


class ImportRun(models.Model):
    """One reading of one file. Goes on where it stopped while `finished_at` is empty."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=64)
    titles = models.JSONField(default=list)  # the headings as the file has them
    started_at = models.DateTimeField()
    staged_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    has_moved = models.BooleanField(default=False)  # a visit has left its place since the rows were last tried

    class Meta:
        indexes = (models.Index(fields=("branch", "file_digest"), name="import_run_of_file"),)


class ImportRow(models.Model):
    """A row of a run. What was read of it is kept until it is applied, a refused one until it is corrected."""

    class State(models.TextChoices):
        STAGED = "staged"
        DEFERRED = "deferred"  # its bay is taken; a later move of the same file may free it
        IMPORTED = "imported"
        CHANGED = "changed"
        UNCHANGED = "unchanged"
        REFUSED = "refused"

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()  # as in the sheet
    state = models.CharField(max_length=16, choices=State.choices)
    starts_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=80, blank=True)
    values = models.JSONField(default=dict)
    cells = models.JSONField(default=list)
    problems = models.JSONField(default=list)  # [column, code, value]
    remarks = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=("run", "state", "starts_at", "number"), name="import_row_to_apply"),)


class ImportedRecord(models.Model):
    """The record of the other program that a visit comes from, and what the file said of it."""

    visit = models.OneToOneField(Visit, on_delete=models.CASCADE, related_name="imported_record")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=80)  # see `rules/matching.py`
    digests = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("branch", "key"), name="imported_record_once"),)
