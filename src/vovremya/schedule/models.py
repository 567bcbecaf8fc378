"""Opening hours and the occupation of bays."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vovremya.directory.models import Advisor, Bay, Branch


class BranchHours(models.Model):
    """The hours of a weekday (Monday is 0), in minutes on the branch's wall clock. No row: closed."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()  # may exceed 1440: past midnight
    lunch_starts_minute = models.PositiveSmallIntegerField(null=True)
    lunch_ends_minute = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ("weekday",)
        constraints = (
            models.UniqueConstraint(fields=("branch", "weekday"), name="branch_hours_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="branch_hours_weekday"),
            models.CheckConstraint(
                condition=Q(
                    opens_minute__lt=1440,
                    closes_minute__gt=F("opens_minute"),
                    closes_minute__lte=F("opens_minute") + 1440,
                ),
                name="branch_hours_in_order",
            ),
            models.CheckConstraint(
                condition=Q(lunch_starts_minute__isnull=True, lunch_ends_minute__isnull=True)
                | Q(
                    lunch_starts_minute__gte=F("opens_minute"),
                    lunch_ends_minute__gt=F("lunch_starts_minute"),
                    lunch_ends_minute__lte=F("closes_minute"),
                ),
                name="branch_hours_lunch_within",
            ),
        )


class BranchException(models.Model):
    """A date with other hours than its weekday; no minutes: closed."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="exceptions")
    on = models.DateField()
    opens_minute = models.PositiveSmallIntegerField(null=True)
    closes_minute = models.PositiveSmallIntegerField(null=True)
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("on",)
        constraints = (
            models.UniqueConstraint(fields=("branch", "on"), name="branch_exception_once"),
            models.CheckConstraint(
                condition=Q(opens_minute__isnull=True, closes_minute__isnull=True)
                | Q(
                    opens_minute__lt=1440,
                    closes_minute__gt=F("opens_minute"),
                    closes_minute__lte=F("opens_minute") + 1440,
                ),
                name="branch_exception_in_order",
            ),
        )


class BayHours(models.Model):
    """A bay's own hours on a weekday, within those of its branch. A bay without any works as its branch does."""

    bay = models.ForeignKey(Bay, on_delete=models.CASCADE, related_name="own_hours")
    weekday = models.PositiveSmallIntegerField()
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("weekday",)
        constraints = (
            models.UniqueConstraint(fields=("bay", "weekday"), name="bay_hours_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="bay_hours_weekday"),
            models.CheckConstraint(
                condition=Q(
                    opens_minute__lt=1440,
                    closes_minute__gt=F("opens_minute"),
                    closes_minute__lte=F("opens_minute") + 1440,
                ),
                name="bay_hours_in_order",
            ),
        )


class AdvisorShift(models.Model):
    """When an advisor receives cars on a weekday. One without any is there whenever the branch is open."""

    advisor = models.ForeignKey(Advisor, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField()
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("weekday",)
        constraints = (
            models.UniqueConstraint(fields=("advisor", "weekday"), name="advisor_shift_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="advisor_shift_weekday"),
            models.CheckConstraint(
                condition=Q(
                    opens_minute__lt=1440,
                    closes_minute__gt=F("opens_minute"),
                    closes_minute__lte=F("opens_minute") + 1440,
                ),
                name="advisor_shift_in_order",
            ),
        )


class Occupation(models.Model):
    """A period of a bay's lane that is taken. That no two overlap is the database's rule: see `no_overlap`.

    Lane 0 is the bay itself, an overbooked visit takes the next. A visit that lasts days has several rows.
    """

    class Of(models.TextChoices):
        VISIT = "visit"
        HOLD = "hold"
        CLOSURE = "closure"

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    bay = models.ForeignKey(Bay, on_delete=models.PROTECT, related_name="occupations", db_index=False)
    lane = models.PositiveSmallIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    of = models.CharField(max_length=8, choices=Of.choices)
    visit_id = models.BigIntegerField(null=True)  # visits stand above: a number, not a key
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    held_until = models.DateTimeField(null=True)  # real time; all rows of one hold share it
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("branch", "starts_at"), name="occupation_of_day"),
            models.Index(fields=("bay", "lane", "ends_at"), name="occupation_to_come"),
            models.Index(fields=("visit_id",), name="occupation_of_visit", condition=Q(visit_id__isnull=False)),
            models.Index(fields=("held_by",), name="occupation_held", condition=Q(of="hold")),
            # Holds are few: whoever books a bay finds those on it without looking through its past.
            models.Index(fields=("bay",), name="occupation_held_on_bay", condition=Q(of="hold")),
        )
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="occupation_ends_after_start"),
            models.CheckConstraint(
                condition=Q(of="visit", visit_id__isnull=False) | (~Q(of="visit") & Q(visit_id__isnull=True)),
                name="occupation_of_visit_names_it",
            ),
            models.CheckConstraint(
                condition=Q(of="hold", held_by__isnull=False, held_until__isnull=False)
                | (~Q(of="hold") & Q(held_by__isnull=True, held_until__isnull=True)),
                name="occupation_hold_names_holder",
            ),
        )
