"""A visit and its late contact: one aggregate, one lock, one timeline."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vovremya.customers.models import Car, Client, Phone
from vovremya.directory.models import Advisor, Bay, Branch, LateReason, Policy, RemovalReason
from vovremya.journal.models import Entry
from vovremya.visits.rules.matters import MatterKind
from vovremya.visits.rules.words import Answer, CallResult, CaseKind, Confirmation, Grounds, Outcome, Status


def _choices(
    words: type[Status]
    | type[CallResult]
    | type[CaseKind]
    | type[Confirmation]
    | type[Grounds]
    | type[Outcome]
    | type[Answer]
    | type[MatterKind],
) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Visit(models.Model):
    class RepairKind(models.TextChoices):
        COMMERCIAL = "commercial", _("коммерческий")
        WARRANTY = "warranty", _("гарантийный")
        MAINTENANCE = "maintenance", _("ТО")
        BODY = "body", _("кузовной / страховой")
        PRE_SALE = "pre_sale", _("предпродажный")
        INTERNAL = "internal", _("внутренний")
        RECALL = "recall", _("отзывная кампания")

    class Source(models.TextChoices):
        CALL = "call", _("звонок")
        SITE = "site", _("сайт")
        APP = "app", _("приложение")
        MESSENGER = "messenger", _("мессенджер")
        WALK_IN = "walk_in", _("визит")
        OUTBOUND = "outbound", _("обзвон")
        INSURER = "insurer", _("страховая")
        CORPORATE = "corporate", _("корпоративный")
        IMPORT = "import", _("импорт")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="visits")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="visits", db_index=False)
    car = models.ForeignKey(Car, on_delete=models.PROTECT, null=True, related_name="visits", db_index=False)

    # The plan.
    bay = models.ForeignKey(Bay, on_delete=models.PROTECT, related_name="visits")
    lane = models.PositiveSmallIntegerField(default=0)  # 0, or the next one when overbooked by right
    advisor = models.ForeignKey(Advisor, on_delete=models.PROTECT, null=True, related_name="visits")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    on = models.DateField()  # the business day it starts in, in the branch's zone
    closes_at = models.DateTimeField(null=True)  # the closing that follows the start; None: never closes
    day_ends_at = models.DateTimeField()
    plan_version = models.PositiveIntegerField(default=1)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    follows = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="followers")
    wished_ready_at = models.DateTimeField(null=True)
    # Of the plan as it stands: when the client is to be reminded next, and what has come of it.
    remind_at = models.DateTimeField(null=True)
    remind_pauses_at = models.DateTimeField(null=True)
    remind_resumes_at = models.DateTimeField(null=True)
    confirmation = models.CharField(max_length=16, choices=_choices(Confirmation), blank=True)
    waits_on_site = models.BooleanField(default=False)
    needs_loan_car = models.BooleanField(default=False)
    needs_tow_truck = models.BooleanField(default=False)

    # What for.
    repair_kind = models.CharField(max_length=16, choices=RepairKind.choices, default=RepairKind.COMMERCIAL)
    reason = models.TextField(blank=True)  # in the client's words
    parts = models.TextField(blank=True)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.CALL)
    comment = models.TextField(blank=True)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    booked_at = models.DateTimeField()

    # Where it stands.
    status = models.CharField(max_length=16, choices=_choices(Status), default=Status.PLANNED.value)
    expected_at = models.DateTimeField(null=True)  # the promised arrival; never moves the occupation
    arrived_at = models.DateTimeField(null=True)
    work_started_at = models.DateTimeField(null=True)
    work_ended_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    removal_reason = models.ForeignKey(RemovalReason, on_delete=models.PROTECT, null=True, related_name="+")
    removal_comment = models.TextField(blank=True)

    # The record in the other program, and its plan as last imported.
    external_number = models.CharField(max_length=64, blank=True)
    imported_starts_at = models.DateTimeField(null=True)
    imported_ends_at = models.DateTimeField(null=True)
    imported_bay_id = models.BigIntegerField(null=True)

    # Bookkeeping of the aggregate: raised by every action; what the watch has announced and will announce.
    version = models.PositiveIntegerField(default=1)
    announced_until = models.DateTimeField()
    next_change_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("branch", "on"), name="visit_of_day"),
            # With the end: whether a visit touches a period is seen without its row.
            models.Index(fields=("branch", "starts_at", "ends_at"), name="visit_of_period"),
            # Repairs of several days: few, so a board finds them however long ago they began.
            models.Index(
                fields=("branch", "ends_at", "starts_at"),
                name="visit_running_on",
                condition=Q(ends_at__gt=models.F("day_ends_at")),
            ),
            # Whose visit it is, the newest first: in place of the plain indexes of the two keys.
            models.Index(fields=("client", "branch", "starts_at"), name="visit_of_client"),
            models.Index(fields=("car", "branch", "starts_at"), name="visit_of_car"),
            # Who has not come and who has not left: few, however many have.
            models.Index(fields=("branch", "status", "starts_at"), name="visit_of_status"),
            models.Index(fields=("next_change_at",), name="visit_due", condition=Q(next_change_at__isnull=False)),
            models.Index(fields=("branch", "removed_at"), name="visit_removed", condition=Q(removed_at__isnull=False)),
            # Whose client is to be reminded: those to come, and of the others only who has not been marked yet.
            models.Index(
                fields=("branch", "remind_at"),
                name="visit_to_remind",
                condition=Q(remind_at__isnull=False, status=Status.PLANNED.value),
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="visit_ends_after_start"),
            models.CheckConstraint(
                condition=Q(remind_pauses_at__isnull=True) | Q(remind_pauses_at__gt=models.F("remind_at")),
                name="visit_pause_after_reminder",
            ),
            models.CheckConstraint(
                condition=Q(remind_resumes_at__isnull=True) | Q(remind_resumes_at__gt=models.F("remind_pauses_at")),
                name="visit_reminder_resumes_after_pause",
            ),
            models.UniqueConstraint(
                fields=("branch", "external_number"),
                condition=~Q(external_number=""),
                name="visit_external_number_once",
            ),
        )

    def __str__(self) -> str:
        return f"№ {self.pk}"


class VisitWork(models.Model):
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="works")
    code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=300)
    norm_minutes = models.PositiveIntegerField(null=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")


class Case(models.Model):
    """One contact to its outcome: of a lateness, or to remind, from the first touch of the bar, of a move from the move
    on."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="cases")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveIntegerField(default=1)
    revision = models.PositiveIntegerField(default=1)  # raised when it is reopened
    version = models.PositiveIntegerField(default=1)
    plan_version = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=_choices(CaseKind), default=CaseKind.LATE.value)
    known_starts_at = models.DateTimeField(null=True)  # of a move: when the client still means to come
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    retry_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)  # while the client's decision is awaited
    first_reached_at = models.DateTimeField(null=True)  # meets the contact deadline
    last_reached_at = models.DateTimeField(null=True)  # failures before it count no longer
    is_incoming = models.BooleanField(default=False)  # the client called us
    grounds = models.CharField(max_length=16, choices=_choices(Grounds), blank=True)

    answer = models.CharField(max_length=8, choices=_choices(Answer), blank=True)
    expected_at = models.DateTimeField(null=True)
    late_reason = models.ForeignKey(LateReason, on_delete=models.PROTECT, null=True, related_name="+")
    comment = models.TextField(blank=True)

    outcome = models.CharField(max_length=16, choices=_choices(Outcome), blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("visit",), condition=Q(ended_at__isnull=True), name="one_open_case_per_visit"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="case_ends_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(kind="move", known_starts_at__isnull=False)
                | (~Q(kind="move") & Q(known_starts_at__isnull=True)),
                name="case_of_a_move_knows_the_time_before",
            ),
        )


class Attempt(models.Model):
    """One dialling and its result. Never deleted; an empty result means the call is under way."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attempts")
    phone = models.ForeignKey(Phone, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=16, choices=_choices(CallResult), blank=True)
    counts = models.BooleanField(default=False)
    is_incoming = models.BooleanField(default=False)

    class Meta:
        ordering = ("started_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=Q(result=""), name="one_live_attempt_per_case"),
            models.UniqueConstraint(
                fields=("started_by",), condition=Q(result=""), name="one_live_attempt_per_operator"
            ),
        )


class Matter(models.Model):
    """An entry of the journal that asks for a supervisor's look; what was found stands beside the entry of the look."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="matters")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="matter")
    kind = models.CharField(max_length=16, choices=_choices(MatterKind))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    look = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = (
            models.Index(fields=("branch", "-at", "-id"), name="matters_of_branch"),
            models.Index(fields=("branch", "kind", "-at", "-id"), name="matters_by_kind"),
            models.Index(fields=("branch", "user", "-at", "-id"), name="matters_by_person"),
            models.Index(fields=("branch", "-at", "-id"), name="matters_open", condition=Q(looked_at__isnull=True)),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(looked_at__isnull=True, look__isnull=True) | Q(looked_at__isnull=False, look__isnull=False),
                name="matter_looked_over_by_an_entry",
            ),
        )


class Lease(models.Model):
    """Who holds the card. Not a fact: it lapses by real time, 90 s after the last renewal."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="lease")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    taken_at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)


class Draft(models.Model):
    """What an operator has typed into the card and not saved yet. Not a fact."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveBigIntegerField(default=0)
    body = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("case", "user"), name="one_draft_per_operator"),)
