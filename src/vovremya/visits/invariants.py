"""What must be true of every database at any time; asked by `vovremya check` and by the random-machine test.

Each invariant finds, in a fixed number of queries, the visits of which it is not true.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lag, Lead

from vovremya.journal.models import Entry
from vovremya.journal.queries import forgotten
from vovremya.schedule.models import Occupation
from vovremya.visits.models import Attempt, Case, Draft, Lease, Visit
from vovremya.visits.queries import case_facts, policy_facts, visit_facts
from vovremya.visits.rules.removal import ReasonGroup
from vovremya.visits.rules.timeline import late_from, next_change_at, state_timeline
from vovremya.visits.rules.words import CaseKind, Confirmation, Grounds, Outcome, Status


@dataclass(frozen=True)
class Broken:
    """An invariant, by its name, and a visit of which it is not true; None where no visit can be named."""

    invariant: str
    visit_id: int | None


#: Only people end a contact like this.
_BY_PEOPLE = (
    Outcome.ARRIVED,
    Outcome.CONFIRMED,
    Outcome.MOVED,
    Outcome.TOLD,
    Outcome.REMINDED,
    Outcome.UNCONFIRMED,
    Outcome.REFUSED,
    Outcome.UNREACHED,
    Outcome.REMOVED,
)
_NOT_YET = (Confirmation.NONE, Confirmation.UNCONFIRMED)
_ANNOUNCED = ("turned_late", "deadline_missed", "reminder_came_due", "retry_came_due", "client_did_not_arrive")


def broken_invariants() -> list[Broken]:
    """Every breach that there is, in a fixed number of queries."""
    return [
        Broken(invariant.__name__.lstrip("_"), visit_id or None)
        for invariant in _INVARIANTS
        for visit_id in sorted({found or 0 for found in invariant()})
    ]


def _ids(visits: QuerySet[Visit]) -> Iterable[int]:
    return visits.values_list("id", flat=True)


def _of_cases(cases: QuerySet[Case]) -> Iterable[int]:
    return cases.values_list("visit_id", flat=True)


def _of_attempts(attempts: QuerySet[Attempt]) -> Iterable[int]:
    return attempts.values_list("case__visit_id", flat=True)


def _open_cases() -> dict[int, Case]:
    """By visit, with policies and attempts. Two queries."""
    cases = Case.objects.filter(ended_at=None).select_related("policy").prefetch_related("attempts")
    return {case.visit_id: case for case in cases}


# --- visits ----------------------------------------------------------------------------------------------------


def _visit_whose_status_lacks_its_instant() -> Iterable[int]:
    arrived = Q(status__in=(Status.ARRIVED, Status.IN_WORK, Status.DONE))
    in_work = Q(status__in=(Status.IN_WORK, Status.DONE))
    return _ids(
        Visit.objects.filter(
            (arrived & Q(arrived_at=None))
            | (~arrived & Q(arrived_at__isnull=False))
            | (in_work & Q(work_started_at=None))
            | (Q(status=Status.DONE) & Q(work_ended_at=None))
        )
    )


def _visit_without_its_booking_in_the_journal() -> Iterable[int]:
    booked = Entry.objects.filter(visit_id=OuterRef("pk"), kind="visit_booked")
    return _ids(Visit.objects.filter(~Exists(booked)))


def _removal_without_its_ground() -> Iterable[int]:
    """The group's ground, or a supervisor's override; somebody removed it, for a reason, at some time."""
    whole = Q(removed_at__isnull=False, removed_by__isnull=False, removal_reason__isnull=False)
    of_the_removal = Case.objects.filter(visit=OuterRef("pk"), ended_at=OuterRef("removed_at"))
    entry = Entry.objects.filter(visit_id=OuterRef("pk"), kind="visit_removed", at=OuterRef("removed_at"))
    no_contact = Q(removal_reason__group=ReasonGroup.NO_CONTACT)
    commented = Q(removal_reason__group__in=(ReasonGroup.STATION, ReasonGroup.TECHNICAL))
    is_failed = Exists(of_the_removal.exclude(grounds=Grounds.NONE))
    is_grounded = (
        (no_contact & (Q(is_failed) | Q(removed_at__gte=F("day_ends_at"))))
        | (commented & (~Q(removal_comment="") | Q(Exists(forgotten(entry)))))
        | Q(removal_reason__group=ReasonGroup.CLIENT)
        | Q(Exists(entry.filter(data__is_override=True)))
    )
    removed = Visit.objects.filter(status=Status.REMOVED)
    return _ids(removed.filter(~(whole & is_grounded & Q(Exists(entry)))))


def _visit_that_the_watch_would_forget() -> Iterable[int]:
    """The next change is the one that the facts give; so deadlines do not depend on restarts."""
    visits = Visit.objects.filter(Q(next_change_at__isnull=False) | Q(status=Status.PLANNED))
    open_cases = _open_cases()
    for visit in visits.select_related("policy", "follows").defer("reason", "comment", "parts"):
        case = open_cases.get(visit.pk)
        facts = visit_facts(visit, case, list(case.attempts.all()) if case else [])
        timeline = state_timeline(facts, policy_facts(case.policy if case else visit.policy))
        if next_change_at(facts, timeline, visit.announced_until) != visit.next_change_at:
            yield visit.pk


def _announcement_made_twice() -> Iterable[int | None]:
    said = Entry.objects.filter(kind__in=_ANNOUNCED).values("visit_id", "kind", "at")
    return said.annotate(times=Count("id")).filter(times__gt=1).values_list("visit_id", flat=True)


def _words_about_a_client_who_is_erased() -> Iterable[int]:
    visits = Visit.objects.filter(client__erased_at__isnull=False)
    spoken = Entry.objects.filter(visit_id=OuterRef("pk"), words__isnull=False)
    noted = Case.objects.filter(visit=OuterRef("pk")).exclude(comment="")
    called = Attempt.objects.filter(case__visit=OuterRef("pk"), phone__isnull=False)
    said = visits.exclude(reason="", parts="", comment="", removal_comment="")
    return _ids(said | visits.filter(Exists(spoken) | Exists(noted) | Exists(called)))


# --- cases -----------------------------------------------------------------------------------------------------


def _two_open_cases_of_a_visit() -> Iterable[int]:
    open_cases = Case.objects.filter(ended_at=None).values("visit_id").annotate(count=Count("id"))
    return open_cases.filter(count__gt=1).values_list("visit_id", flat=True)


def _open_case_of_a_visit_that_is_not_planned() -> Iterable[int]:
    return _of_cases(Case.objects.filter(ended_at=None).exclude(visit__status=Status.PLANNED))


def _open_case_of_another_plan() -> Iterable[int]:
    return _of_cases(Case.objects.filter(ended_at=None).exclude(plan_version=F("visit__plan_version")))


def _open_case_after_its_day() -> Iterable[int]:
    """What has been announced up to the day's end has ended there."""
    return _of_cases(Case.objects.filter(ended_at=None, visit__announced_until__gte=F("visit__day_ends_at")))


def _ended_case_without_who_when_or_why() -> Iterable[int]:
    nobody = Q(ended_by=None, outcome__in=_BY_PEOPLE)
    no_reason = Q(ended_at__isnull=False, outcome="") | (Q(ended_at=None) & ~Q(outcome=""))
    finished = Entry.objects.filter(case_id=OuterRef("pk"), kind="card_finished")
    wordless = Q(comment="") & ~Q(Exists(forgotten(finished)))
    unsaid = Q(outcome=Outcome.CONFIRMED) & (Q(expected_at=None) | wordless | ~Q(answer="yes"))
    untold = Q(ended_at__isnull=False) & ~Q(Exists(finished))
    return _of_cases(Case.objects.filter(nobody | no_reason | unsaid | untold))


def _case_that_waits_for_two_things() -> Iterable[int]:
    """A talk leaves neither a retry nor grounds behind it."""
    talks = Case.objects.filter(reached_at__isnull=False, ended_at=None)
    return _of_cases(talks.filter(Q(retry_at__isnull=False) | ~Q(grounds="")))


def _grounds_that_the_attempts_do_not_give() -> Iterable[int]:
    """As many countable failures as the policy says, each after the first not before its time."""
    for case in _open_cases().values():
        policy = policy_facts(case.policy)
        failures = case_facts(case, list(case.attempts.all())).failures
        is_short = case.grounds == Grounds.FAILURES and len(failures) < policy.attempts
        is_early = any(
            first.ended_at is None or second.started_at < first.ended_at + policy.retry_after
            for first, second in pairwise(failures)
        )
        if is_short or is_early:
            yield case.visit_id


def _grounds_without_a_lateness() -> Iterable[int]:
    """Nobody is removed for not having heard of a move that the station made, or of a visit to come."""
    return _of_cases(Case.objects.exclude(kind=CaseKind.LATE).exclude(grounds=Grounds.NONE))


def _other_call_of_a_late_client() -> Iterable[int]:
    """One about a move or to remind ends where the lateness begins: from then on that is what is called about."""
    calls = Case.objects.filter(ended_at=None).exclude(kind=CaseKind.LATE)
    for case in calls.select_related("policy", "visit__follows"):
        facts = visit_facts(case.visit, case, ())
        has_come_late = late_from(facts, policy_facts(case.policy)) <= case.visit.announced_until
        if has_come_late and not facts.follows_another:
            yield case.visit_id


def _open_reminder_that_is_not_due() -> Iterable[int]:
    due = Q(visit__remind_at__lte=F("visit__announced_until"), visit__confirmation__in=_NOT_YET)
    return _of_cases(Case.objects.filter(ended_at=None, kind=CaseKind.REMIND).exclude(due))


def _confirmation_without_its_reminder() -> Iterable[int]:
    """What a visit says of its reminder a contact has brought; and who has confirmed is reminded no more."""
    reminders = Case.objects.filter(visit=OuterRef("pk"), kind=CaseKind.REMIND)
    is_said = (Q(confirmation=Confirmation.CONFIRMED) & Exists(reminders.filter(outcome=Outcome.REMINDED))) | (
        Q(confirmation=Confirmation.UNCONFIRMED) & Exists(reminders.filter(outcome=Outcome.UNCONFIRMED))
    )
    confirmed_and_due = Q(confirmation=Confirmation.CONFIRMED, remind_at__isnull=False)
    said = Visit.objects.exclude(confirmation=Confirmation.NONE)
    return _ids(said.filter(~is_said | confirmed_and_due))


def _reminder_after_its_visit() -> Iterable[int]:
    """A pause that is resumed is resumed before the visit."""
    late = Q(remind_resumes_at__gte=F("starts_at")) | Q(remind_pauses_at__gte=F("starts_at"))
    pause_of_nothing = Q(remind_at=None) & (Q(remind_pauses_at__isnull=False) | Q(remind_resumes_at__isnull=False))
    return _ids(Visit.objects.filter(late | pause_of_nothing))


def _lease_or_draft_of_an_ended_case() -> Iterable[int]:
    leases = Lease.objects.filter(case__ended_at__isnull=False).values_list("case__visit_id", flat=True)
    drafts = Draft.objects.filter(case__ended_at__isnull=False).values_list("case__visit_id", flat=True)
    return leases.union(drafts)


# --- attempts --------------------------------------------------------------------------------------------------


def _two_live_attempts_about_a_visit() -> Iterable[int]:
    live = Attempt.objects.filter(result="").values("case__visit_id").annotate(count=Count("id"))
    return live.filter(count__gt=1).values_list("case__visit_id", flat=True)


def _two_live_attempts_of_an_operator() -> Iterable[int]:
    other = Attempt.objects.filter(result="", started_by=OuterRef("started_by")).exclude(pk=OuterRef("pk"))
    return _of_attempts(Attempt.objects.filter(Exists(other), result=""))


def _live_attempt_of_an_ended_case() -> Iterable[int]:
    return _of_attempts(Attempt.objects.filter(result="", case__ended_at__isnull=False))


def _attempt_out_of_its_time() -> Iterable[int]:
    """Attempts follow each other, and end after they start."""
    before = Window(Lag("started_at"), partition_by=F("case_id"), order_by=F("id").asc())
    misplaced = (
        Q(started_at__lt=F("before_at"))
        | Q(ended_at__lt=F("started_at"))
        | Q(answered_at__lt=F("started_at"))
        | (Q(result="") & Q(ended_at__isnull=False))
        | (~Q(result="") & Q(ended_at=None))
    )
    return _of_attempts(Attempt.objects.annotate(before_at=before).filter(misplaced))


def _attempt_that_vanished() -> Iterable[int | None]:
    """Every attempt that the journal tells of is there."""
    called = Entry.objects.filter(kind__in=("call_started", "call_ended"))
    told = {(data["attempt"], visit_id) for data, visit_id in called.values_list("data", "visit_id")}
    kept = set(Attempt.objects.values_list("id", "case__visit_id"))
    return (visit_id for _, visit_id in told - kept)


# --- the bays --------------------------------------------------------------------------------------------------


def _occupations_that_overlap() -> Iterable[int | None]:
    following = Window(Lead("starts_at"), partition_by=[F("bay_id"), F("lane")], order_by=F("starts_at").asc())
    rows = Occupation.objects.annotate(following_at=following).filter(following_at__lt=F("ends_at"))
    return rows.values_list("visit_id", flat=True)


def _visit_that_is_not_where_it_stands() -> Iterable[int]:
    """A visit on the board occupies its bay from its start to its end; a removed one occupies nothing."""
    occupied = Occupation.objects.filter(visit_id=OuterRef("pk"))
    in_place = occupied.filter(bay_id=OuterRef("bay_id"), lane=OuterRef("lane"))
    begins, ends = in_place.filter(starts_at=OuterRef("starts_at")), in_place.filter(ends_at=OuterRef("ends_at"))
    removed = Q(status=Status.REMOVED)
    return _ids(Visit.objects.filter((removed & Exists(occupied)) | (~removed & ~(Exists(begins) & Exists(ends)))))


def _work_outside_its_visit() -> Iterable[int | None]:
    """Nothing is occupied elsewhere for a visit, nor before it begins or after it ends."""
    inside = Visit.objects.filter(
        pk=OuterRef("visit_id"),
        bay_id=OuterRef("bay_id"),
        lane=OuterRef("lane"),
        starts_at__lte=OuterRef("starts_at"),
        ends_at__gte=OuterRef("ends_at"),
    )
    rows = Occupation.objects.filter(of=Occupation.Of.VISIT).exclude(Exists(inside))
    return rows.values_list("visit_id", flat=True)


_INVARIANTS: tuple[Callable[[], Iterable[int | None]], ...] = (
    _visit_whose_status_lacks_its_instant,
    _visit_without_its_booking_in_the_journal,
    _removal_without_its_ground,
    _visit_that_the_watch_would_forget,
    _announcement_made_twice,
    _words_about_a_client_who_is_erased,
    _two_open_cases_of_a_visit,
    _open_case_of_a_visit_that_is_not_planned,
    _open_case_of_another_plan,
    _open_case_after_its_day,
    _ended_case_without_who_when_or_why,
    _case_that_waits_for_two_things,
    _grounds_that_the_attempts_do_not_give,
    _grounds_without_a_lateness,
    _other_call_of_a_late_client,
    _open_reminder_that_is_not_due,
    _confirmation_without_its_reminder,
    _reminder_after_its_visit,
    _lease_or_draft_of_an_ended_case,
    _two_live_attempts_about_a_visit,
    _two_live_attempts_of_an_operator,
    _live_attempt_of_an_ended_case,
    _attempt_out_of_its_time,
    _attempt_that_vanished,
    _occupations_that_overlap,
    _visit_that_is_not_where_it_stands,
    _work_outside_its_visit,
)
