"""The waiting list: who waits for which time, what became free, and what was offered to whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vovremya.customers.models import Car, Client
from vovremya.directory.models import Advisor, Bay, BayGroup, Branch, Work
from vovremya.visits.models import Visit
from vovremya.waitlist.rules.words import Ending, OfferAnswer


def _choices(words: type[Ending] | type[OfferAnswer]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Wait(models.Model):
    """A client's place on the list: the visit that is to be sooner, or what is to be booked; and the wishes."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="waits")
    car = models.ForeignKey(Car, on_delete=models.PROTECT, null=True, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="waits")
    known_starts_at = models.DateTimeField(null=True)  # of the visit, when the wait began
    is_urgent = models.BooleanField(default=False)

    # The wishes; empty is anything.
    days = models.JSONField(default=list)  # as ISO dates
    weekdays = models.JSONField(default=list)  # Monday is 0
    part_of_day = models.CharField(max_length=8, blank=True)
    not_before_minute = models.PositiveSmallIntegerField(null=True)
    not_after_minute = models.PositiveSmallIntegerField(null=True)
    group = models.ForeignKey(BayGroup, on_delete=models.PROTECT, null=True, related_name="+")
    bay = models.ForeignKey(Bay, on_delete=models.PROTECT, null=True, related_name="+")
    advisor = models.ForeignKey(Advisor, on_delete=models.PROTECT, null=True, related_name="+")
    until_on = models.DateField()  # the last day that is of use

    # What is to be booked where there is no visit.
    duration_minutes = models.PositiveIntegerField(null=True)  # None: as long as the visit
    is_norm = models.BooleanField(default=False)
    works = models.ManyToManyField(Work, related_name="+")
    waits_on_site = models.BooleanField(default=False)
    needs_loan_car = models.BooleanField(default=False)
    needs_tow_truck = models.BooleanField(default=False)
    repair_kind = models.CharField(max_length=16, choices=Visit.RepairKind.choices, default=Visit.RepairKind.COMMERCIAL)
    source = models.CharField(max_length=16, choices=Visit.Source.choices, default=Visit.Source.CALL)
    reason = models.TextField(blank=True)
    parts = models.TextField(blank=True)
    comment = models.TextField(blank=True)
    wished_ready_at = models.DateTimeField(null=True)

    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ending = models.CharField(max_length=16, choices=_choices(Ending), blank=True)
    ending_comment = models.TextField(blank=True)

    class Meta:
        indexes = (
            # Who waits is few, however many have waited: asked at every visit that frees a bay.
            models.Index(fields=("branch",), name="wait_on_list", condition=Q(ended_at__isnull=True)),
            models.Index(fields=("branch", "ended_at"), name="wait_ended", condition=Q(ended_at__isnull=False)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("visit",), condition=Q(ended_at__isnull=True), name="one_open_wait_per_visit"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="wait_ends_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(visit__isnull=False) | Q(duration_minutes__isnull=False),
                name="wait_without_a_visit_says_how_long",
            ),
        )


class FreedTime(models.Model):
    """A period of a bay that was given up while somebody waited. Not a fact: where to look, and forgotten when past."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+", db_index=False)
    bay = models.ForeignKey(Bay, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    freed_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("branch", "ends_at"), name="freed_time_to_come"),)


class TimeOffer(models.Model):
    """A time offered to one who waits; without an answer the call is under way, while the time is held."""

    wait = models.ForeignKey(Wait, on_delete=models.PROTECT, related_name="offers")
    bay = models.ForeignKey(Bay, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    held_until = models.DateTimeField()  # real time
    answer = models.CharField(max_length=16, choices=_choices(OfferAnswer), blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("held_until",), name="offer_under_way", condition=Q(answer="")),)
        constraints = (
            models.UniqueConstraint(fields=("wait",), condition=Q(answer=""), name="one_offer_under_way_per_wait"),
        )
