"""What the windows show of a visit: its facts, its people, its case, and what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vovremya.board.queries.day import LONGEST_IN_ITS_DAY
from vovremya.customers.models import Phone
from vovremya.directory.rules import Actor, Right
from vovremya.kernel.refusal import NotFound
from vovremya.storage.statements import Reading
from vovremya.visits.models import Attempt, Case, Draft, Lease, Visit
from vovremya.visits.queries import Standing, lease_of, standing_of
from vovremya.visits.rules.case import ATTEMPT_WITHOUT_RESULT_FOR
from vovremya.visits.rules.steps import Step, StepFacts, offered_steps
from vovremya.visits.rules.timeline import Change, contact_deadline, state_at
from vovremya.visits.rules.words import LATE_STATES, CaseKind, State, Status

_DAY = timedelta(days=1)
_VISIT = Reading(
    lambda visit_id: Visit.objects.select_related(
        "branch",
        "client",
        "car",
        "bay",
        "bay__group",
        "advisor",
        "policy",
        "follows",
        "booked_by",
        "removal_reason",
    ).filter(pk=visit_id)
)
_PHONES = Reading(lambda client_id: Phone.objects.filter(client_id=client_id))
_KINDS_OF_ENDED = Reading(
    lambda visit_id: (
        Case.objects.filter(visit_id=visit_id, ended_at__isnull=False).order_by("-round").values_list("kind")
    )
)


@dataclass(frozen=True)
class VisitWindow:
    """A visit as «Ремонты» shows it to this actor."""

    visit: Visit
    zone: ZoneInfo
    standing: Standing
    change: Change
    phones: Sequence[Phone]
    steps: dict[Step, str]  # with the code of why it is off
    now: datetime

    @property
    def state(self) -> State:
        return self.change.state

    @property
    def is_late(self) -> bool:
        return self.state in LATE_STATES

    @property
    def late_minutes(self) -> int:
        return max(0, int((self.now - self.visit.starts_at) / timedelta(minutes=1)))

    @property
    def dialable(self) -> Sequence[Phone]:
        return [phone for phone in self.phones if not phone.is_wrong]


@dataclass(frozen=True)
class CardWindow:
    """The late notice of a visit as this actor sees it: held, or only read."""

    window: VisitWindow
    case: Case
    attempts: Sequence[Attempt]
    lease: Lease | None
    is_mine: bool
    is_lapsed: bool
    may_take_over: bool
    live_attempt: Attempt | None
    draft: Draft | None
    others_draft: Draft | None
    deadline: datetime | None
    other_visits: Sequence[Visit]
    on_the_bay: Visit | None  # still there from before: the client may come and would have to wait


def visit_seen(visit_id: int, actor: Actor) -> Visit:
    """The visit on this side of the branch wall. Raises `NotFound`."""
    visit = _VISIT.first(visit_id)
    if visit is None or not actor.may(Right.SEE_BOARD, visit.branch_id):
        raise NotFound
    return visit


def visit_window(visit_id: int, actor: Actor, now: datetime) -> VisitWindow:
    visit = visit_seen(visit_id, actor)
    standing = standing_of(visit)
    change = state_at(standing.timeline, now)
    phones = _PHONES.all(visit.client_id)
    facts = StepFacts(
        status=Status(visit.status),
        state=change.state,
        has_number=any(not phone.is_wrong for phone in phones),
        ended_case=_kind_of_ended(visit) if standing.case is None else None,
        is_day_over=now >= visit.day_ends_at,
        is_today=visit.day_ends_at - now <= _DAY,
        has_begun=visit.starts_at <= now,
    )
    steps = offered_steps(facts, lambda right: actor.may(right, visit.branch_id))
    return VisitWindow(visit, ZoneInfo(visit.branch.zone), standing, change, phones, steps, now)


def _kind_of_ended(visit: Visit) -> CaseKind | None:
    found = _KINDS_OF_ENDED.first(visit.pk)
    return CaseKind(found[0]) if found else None


def card_window(visit_id: int, actor: Actor, now: datetime, real_now: datetime) -> CardWindow | None:
    """The open case of the visit; None where there is none (any more)."""
    window = visit_window(visit_id, actor, now)
    case = window.standing.case
    if case is None:
        return None
    lease = lease_of(case)
    drafts = {draft.user_id: draft for draft in case.drafts.select_related("user")}
    attempts = window.standing.attempts
    live = next(
        (
            attempt
            for attempt in attempts
            if not attempt.result and attempt.started_at > now - ATTEMPT_WITHOUT_RESULT_FOR
        ),
        None,
    )
    is_mine = lease is not None and lease.user_id == actor.user_id
    is_lapsed = lease is not None and lease.until <= real_now
    return CardWindow(
        window=window,
        case=case,
        attempts=attempts,
        lease=lease,
        is_mine=is_mine,
        is_lapsed=is_lapsed,
        may_take_over=not is_mine
        and live is None
        and actor.may(Right.CONTACT, window.visit.branch_id)
        and (lease is None or is_lapsed or actor.may(Right.TAKE_OVER, window.visit.branch_id)),
        live_attempt=live,
        draft=drafts.pop(actor.user_id or 0, None),
        others_draft=next(iter(drafts.values()), None),
        deadline=contact_deadline(window.standing.facts, window.standing.policy),
        other_visits=_to_remind_of_too(window) if case.kind == CaseKind.REMIND else _other_late_visits(window),
        on_the_bay=None if case.kind == CaseKind.REMIND else _on_the_bay(window.visit),
    )


def typed_in_card(case: Case | None, actor: Actor) -> dict[str, str]:
    """What the actor has typed into the open card and not saved: it goes along with a move and a removal."""
    if case is None or actor.user_id is None:
        return {}
    saved = {"comment": case.comment, "reason": str(case.late_reason_id or "")}
    draft = case.drafts.filter(user_id=actor.user_id).first()
    return saved | ({name: str(draft.body[name]) for name in saved if name in draft.body} if draft else {})


def draft_sequence(case: Case, user_id: int) -> int:
    """The number of the draft of theirs that was kept last; 0 where there is none."""
    kept = case.drafts.filter(user_id=user_id).values_list("sequence", flat=True).first()
    return kept or 0


def eta_in_card(case: Case | None, actor: Actor) -> str:
    """When the client comes, as far as the actor has typed it into the open card."""
    draft = case.drafts.filter(user_id=actor.user_id).first() if case and actor.user_id else None
    return eta_text(draft.body) if draft else ""


def eta_text(typed: Mapping[str, object]) -> str:
    """One of the choices of minutes, or what was typed instead of them."""
    chosen = str(typed.get("eta", ""))
    return str(typed.get("eta_text", "")) if chosen == "time" else "" if chosen == "unknown" else chosen


def visits_of_client(visit: Visit) -> list[Visit]:
    """The client's visits here and elsewhere, newest first; those behind the wall show date and branch only."""
    visits = Visit.objects.filter(client_id=visit.client_id).select_related("branch", "car", "bay")
    return list(visits.order_by("-starts_at")[:30])


def cases_of(visit: Visit) -> list[Case]:
    cases = visit.cases.select_related("opened_by", "ended_by", "late_reason")
    return list(cases.prefetch_related("attempts__phone", "attempts__started_by").order_by("-round"))


def _on_the_bay(visit: Visit) -> Visit | None:
    """The visit that should have left the bay and has not (hard case 21)."""
    # The branch is named for the index: its cars that are here are few, the visits of a bay are many.
    here = Visit.objects.filter(branch_id=visit.branch_id, status__in=(Status.ARRIVED, Status.IN_WORK))
    earlier = here.filter(bay_id=visit.bay_id, lane=visit.lane, starts_at__lt=visit.starts_at)
    return earlier.select_related("car").order_by("-ends_at").first()


def _to_remind_of_too(window: VisitWindow) -> list[Visit]:
    """The client's other visits of the branch that are to be reminded of at this moment."""
    visit = window.visit
    due = Visit.objects.filter(branch_id=visit.branch_id, status=Status.PLANNED, remind_at__lte=window.now)
    others = due.filter(client_id=visit.client_id).exclude(pk=visit.pk)
    near = others.select_related("policy", "follows", "car", "bay").order_by("starts_at")
    return [other for other in near if standing_of(other).state(window.now) is State.TO_REMIND]


def _other_late_visits(window: VisitWindow) -> list[Visit]:
    """The client's other visits of the branch that are late at this moment (hard case 10)."""
    visit = window.visit
    others = Visit.objects.filter(
        client_id=visit.client_id, branch_id=visit.branch_id, status=Status.PLANNED, starts_at__lt=window.now
    ).select_related("policy", "follows", "car", "bay")
    # Whose day is not over has begun lately: said so, or all that the branch ever had would be looked through.
    begun_lately = others.filter(starts_at__gt=window.now - LONGEST_IN_ITS_DAY)
    near = begun_lately.exclude(pk=visit.pk).filter(day_ends_at__gt=window.now)
    return [other for other in near if standing_of(other).state(window.now) in LATE_STATES]
