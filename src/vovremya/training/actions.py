"""Opening and closing the branch where people practise, and beginning its day anew.

It is a branch of a network of its own: its clients, works and figures are nobody else's, by the same wall as between
any two networks. A day is a branch as well: the journal of the one before stays whole, and nobody is let in there.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from vovremya.demo.desk import Booking, Desk, Team
from vovremya.demo.layout import pinned_at
from vovremya.demo.network import open_station
from vovremya.demo.scenes import Pin
from vovremya.demo.stories import Deed
from vovremya.directory import actions as directory
from vovremya.directory.models import Branch, Membership, User
from vovremya.directory.rules import TRAINING_CODE, Actor, Right, Role, is_training_code
from vovremya.journal.actions import record
from vovremya.kernel.clock import whole_milliseconds
from vovremya.kernel.refusal import NotFound
from vovremya.training.day import PINS, plan_in
from vovremya.training.queries import training_branch
from vovremya.visits.rules.journal_facts import TrainingDayBegun, TrainingDayEnded

#: Who may begin the day anew: whoever leads contacts, or sees to the branch.
BEGINNERS = (Right.CONTACT, Right.EDIT_BRANCH)
#: Nobody edits the network from there: all have that branch in common, and one would get at staff of other branches.
ROLE_IN_TRAINING = {role: role for role in Role} | {Role.ADMINISTRATOR: Role.SUPERVISOR}
_BOOKED_BEFORE = timedelta(hours=26)
_LAST_IN_THE_MENU = 10_000
_TUTOR = "наставник"


def open_training(beside: Branch, *, actor: Actor, now: datetime) -> Branch:
    """With a new day, in the zone of the branch beside it. All staff are let in, with the roles that they have."""
    _require_network(beside, actor)
    with transaction.atomic():
        directory.lock_installation()
        former = training_branch()
        if former is not None:
            _end(former, actor, now)
        branch = _begin(beside.zone, actor, now)
        _let_everybody_in(branch)
    return branch


def let_newcomers_in(beside: Branch, *, actor: Actor) -> None:
    """Who has come since, and who has got another role."""
    _require_network(beside, actor)
    with transaction.atomic():
        directory.lock_installation()
        branch = training_branch()
        if branch is None:
            raise NotFound
        _let_everybody_in(branch)


def close_training(beside: Branch, *, actor: Actor, now: datetime) -> None:
    """Nobody sees it any more; opened again, it has a new day."""
    _require_network(beside, actor)
    with transaction.atomic():
        directory.lock_installation()
        branch = training_branch()
        if branch is not None:
            _end(branch, actor, now)


def begin_day_anew(*, actor: Actor, now: datetime) -> Branch:
    """For all who practise: those of the day before go along."""
    with transaction.atomic():
        directory.lock_installation()
        former = training_branch()
        if former is None:
            raise NotFound
        actor.require(former.pk, *BEGINNERS)
        held = list(Membership.objects.filter(branch=former).values_list("user_id", "role"))
        _end(former, actor, now)
        branch = _begin(former.zone, actor, now)
        Membership.objects.bulk_create(Membership(user_id=user, branch=branch, role=role) for user, role in held)
    return branch


def _require_network(beside: Branch, actor: Actor) -> None:
    if beside.is_training:
        raise NotFound
    actor.require(beside.pk, Right.EDIT_NETWORK)


def _end(branch: Branch, actor: Actor, now: datetime) -> None:
    """Its address is free for the next; open boards of it are told to look anew, and find no way in."""
    record(TrainingDayEnded(), branch_id=branch.pk, actor=actor, at=now, now=now, action_id=uuid.uuid4())
    Membership.objects.filter(branch=branch).delete()
    Branch.objects.filter(pk=branch.pk).update(code=f"{TRAINING_CODE}-{branch.pk}")


def _let_everybody_in(branch: Branch) -> None:
    """With the roles that they have anywhere; administrators practise as supervisors."""
    roles: dict[int, set[Role]] = defaultdict(set)
    held = Membership.objects.filter(user__is_active=True).values_list("user_id", "role", "branch__code")
    for user_id, role, code in held:
        if not is_training_code(code):
            roles[user_id].add(ROLE_IN_TRAINING[Role(role)])
    Membership.objects.filter(branch=branch).delete()
    Membership.objects.bulk_create(
        Membership(user_id=user_id, branch=branch, role=role)
        for user_id, of_user in sorted(roles.items())
        for role in sorted(of_user)
    )


# --- the day ---


def _begin(zone: str, actor: Actor, now: datetime) -> Branch:
    network = directory.open_network("Учебная сеть")
    station = open_station(network, plan_in(zone), _LAST_IN_THE_MENU, now - _BOOKED_BEFORE)
    tutor = _tutor(station.branch)
    desk = Desk(station, Team(tutor, tutor, tutor))
    beginning = now.replace(second=0, microsecond=0)
    visits: dict[Pin, int] = {}
    for at, do in sorted(_events(desk, visits, tutor, beginning), key=lambda event: event[0]):
        if at <= now:
            do(at)
    branch = station.branch
    record(TrainingDayBegun(), branch_id=branch.pk, actor=actor, at=now, now=now, action_id=uuid.uuid4())
    return branch


def _events(
    desk: Desk, visits: dict[Pin, int], tutor: Actor, beginning: datetime
) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
    """What has happened by now, each through its action, as in the demo."""
    for pin in PINS:
        starts_at = pinned_at(pin, beginning)
        yield beginning - _BOOKED_BEFORE, partial(_book, desk, visits, pin, starts_at)
        for step in pin.story:
            at = whole_milliseconds(starts_at + timedelta(minutes=step.at_minute))
            yield at, partial(_do, desk, visits, pin, step.deed, tutor)


def _book(desk: Desk, visits: dict[Pin, int], pin: Pin, starts_at: datetime, at: datetime) -> None:
    assert pin.person is not None
    visits[pin] = desk.book(Booking(pin.person, pin.bay, starts_at, pin.order), at).pk


def _do(desk: Desk, visits: dict[Pin, int], pin: Pin, deed: Deed, tutor: Actor, at: datetime) -> None:
    desk.do(deed, visits[pin], at, caller=tutor)


def _tutor(branch: Branch) -> Actor:
    """Whoever had the desk before the learner: nobody can sign in as that."""
    tutor, _is_new = User.objects.get_or_create(
        username=_TUTOR,
        defaults={"full_name": "Учебный наставник", "short_name": "Наставник", "password": "!", "is_active": False},
    )
    roles: Mapping[int, frozenset[Role]] = {branch.pk: frozenset({Role.OPERATOR, Role.MASTER, Role.SUPERVISOR})}
    return Actor(tutor.pk, str(tutor), roles)
