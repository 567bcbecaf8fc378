"""Busy days for the benchmark, straight into the tables: the actions would take minutes for the same rows.

Every state of the board is there, in the shares of a bad day, around two in the afternoon.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, islice, product
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client as HttpClient

from vovremya.customers.models import Car, Client, Phone
from vovremya.customers.rules import fold_name
from vovremya.directory.actions import create_installation, install_branch_defaults, move_clock, open_network
from vovremya.directory.models import Advisor, Bay, BayGroup, Branch, Installation, Membership, Network, Policy, User
from vovremya.directory.rules import PROGRAM, Role
from vovremya.directory.sessions import SessionStore
from vovremya.journal.actions import record
from vovremya.kernel import clock, plates
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.models import Occupation
from vovremya.schedule.queries import calendar_of, place_in_day
from vovremya.schedule.rules.hours import DayHours
from vovremya.schedule.rules.journal_facts import HoursChanged
from vovremya.visits.models import Attempt, Case, Visit, VisitWork
from vovremya.visits.queries import policy_facts, visit_facts
from vovremya.visits.rules.timeline import next_change_at, state_timeline
from vovremya.visits.rules.words import CallResult, Grounds, Status

ZONE = ZoneInfo("Europe/Moscow")
DAY = date(2026, 11, 23)
NOW = datetime.combine(DAY, time(14), ZONE).astimezone(UTC)
_OPENS_MINUTE, _CLOSES_MINUTE = 8 * 60, 21 * 60
_BAYS_OF_GROUP = 10
_MINUTE = timedelta(minutes=1)

_SURNAMES = ("Смирнова", "Кузьмин", "Лебедева", "Гордеев", "Зимина", "Панкратов", "Рябова", "Черкасов", "Юдина", "Ежов")
_NAMES = ("Анна Викторовна", "Павел Ильич", "Ольга Сергеевна", "Руслан Маратович", "Нина Львовна", "Егор Данилович")
_CARS = (("Hyundai", "Solaris"), ("Kia", "Rio"), ("Lada", "Vesta"), ("Skoda", "Octavia"), ("Haval", "Jolion"))
_WORKS = ("ТО-60", "Замена масла и фильтров", "Диагностика подвески", "Замена передних колодок", "Развал-схождение")
_LETTERS = "АВЕКМНОРСТУХ"


@dataclass(frozen=True)
class Size:
    code: str
    bays: int
    visits: int

    def __str__(self) -> str:
        return f"{self.bays} bays × {self.visits:,} visits"


SIZES = (Size("B40", 40, 1_000), Size("B100", 100, 3_000))


@dataclass
class _Day:
    """The rows of one branch's day, in step: the first of each belongs to the first visit."""

    clients: list[Client] = field(default_factory=list)
    cars: list[Car] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)


@transaction.atomic
def fill(sizes: Sequence[Size] = SIZES) -> dict[str, str]:
    """Fill an empty database and sign its operator in; gives the cookies of the session."""
    create_installation(Installation.Kind.TRIAL)
    move_clock(shown_at=NOW, speed=1.0, real_now=clock.real_now())
    network = open_network("Сеть для замеров")
    operator = User.objects.create(
        username="operator", full_name="Петрова Мария", short_name="Петрова М.", password=make_password("measured")
    )
    for size in sizes:
        branch = _open_branch(network, size)
        Membership.objects.create(user=operator, branch=branch, role=Role.OPERATOR)
        _fill_day(branch, size, operator)
    return _signed_in(operator)


def note_something(code: str) -> None:
    """An entry in the branch's journal: boards drawn before it are drawn anew."""
    branch = Branch.objects.get(code=code)
    record(HoursChanged(7), branch_id=branch.pk, actor=PROGRAM, at=NOW, now=NOW, action_id=uuid.uuid4())


def seat_many(codes: Sequence[str], seats: int, role: Role = Role.OPERATOR) -> list[tuple[str, str]]:
    """So many of the staff, each of one of the branches in turn and signed in: the branch's code and the cookie."""
    branches = [Branch.objects.get(code=code) for code in codes]
    password = make_password("measured")
    users = User.objects.bulk_create(
        User(
            username=f"{codes[0].lower()}.{number}",
            full_name=f"Оператор {number}",
            short_name=f"Оп. {number}",
            password=password,
        )
        for number in range(seats)
    )
    in_turn = list(islice(cycle(branches), seats))
    Membership.objects.bulk_create(
        Membership(user=user, branch=branch, role=role) for user, branch in zip(users, in_turn, strict=True)
    )
    with transaction.atomic():
        keys = [_session_of(user) for user in users]
    return [(branch.code, f"{settings.SESSION_COOKIE_NAME}={key}") for branch, key in zip(in_turn, keys, strict=True)]


def _session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


def _signed_in(user: User) -> dict[str, str]:
    client = HttpClient(headers={"host": "127.0.0.1"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    client.get(f"/{SIZES[0].code}/")  # gives the token of forms, which every browser brings along
    return {name: morsel.value for name, morsel in client.cookies.items()}


def _open_branch(network: Network, size: Size) -> Branch:
    branch = Branch.objects.create(network=network, code=size.code, name=f"Автоцентр {size.bays}", zone=ZONE.key)
    install_branch_defaults(branch, NOW - timedelta(days=30))
    hours = DayHours(_OPENS_MINUTE, _CLOSES_MINUTE)
    set_week_hours(branch.pk, [hours] * 7, actor=PROGRAM, now=NOW)
    for number in range(-(-size.bays // _BAYS_OF_GROUP)):
        advisor = Advisor.objects.create(branch=branch, name=f"{_SURNAMES[number % 10]} М.")
        group = BayGroup.objects.create(branch=branch, name=f"Цех {number + 1}", advisor=advisor, position=number)
        first = number * _BAYS_OF_GROUP
        Bay.objects.bulk_create(
            Bay(branch=branch, group=group, name=f"Пост {bay + 1}", mechanic=f"{_SURNAMES[bay % 10]} А.", position=bay)
            for bay in range(first, min(first + _BAYS_OF_GROUP, size.bays))
        )
    return branch


def _fill_day(branch: Branch, size: Size, operator: User) -> None:
    dice = Random(size.visits)
    day = _Day()
    policy = Policy.objects.get(branch=branch)
    calendar = calendar_of(branch.pk)
    for number, (bay, starts_at, ends_at) in enumerate(_places(branch, size)):
        _add_client(day, branch, number, dice)
        place = place_in_day(branch.pk, starts_at, calendar)
        day.visits.append(
            Visit(
                branch=branch,
                client=day.clients[-1],
                car=day.cars[-1],
                bay=bay,
                advisor=bay.group.advisor,
                starts_at=starts_at,
                ends_at=ends_at,
                on=place.on,
                closes_at=place.closes_at,
                day_ends_at=place.case_ends_at,
                policy=policy,
                reason="Стук в подвеске справа",
                booked_by=operator,
                booked_at=NOW - timedelta(days=2),
                announced_until=NOW,
            )
        )
        _let_happen(day, dice, operator)
    _write(day, dice)


def _places(branch: Branch, size: Size) -> Iterator[tuple[Bay, datetime, datetime]]:
    """The visits of a bay one after another, from opening to closing."""
    per_bay = size.visits // size.bays
    step = (_CLOSES_MINUTE - _OPENS_MINUTE) // per_bay
    opens_at = datetime.combine(DAY, time(_OPENS_MINUTE // 60), ZONE).astimezone(UTC)
    bays = Bay.objects.filter(branch=branch).select_related("group__advisor")
    for bay, number in product(bays, range(per_bay)):
        starts_at = opens_at + number * step * _MINUTE
        yield bay, starts_at, starts_at + (step - 1) * _MINUTE


def _add_client(day: _Day, branch: Branch, number: int, dice: Random) -> None:
    name = f"{dice.choice(_SURNAMES)} {dice.choice(_NAMES)}"
    day.clients.append(Client(network=branch.network, name=name, name_key=fold_name(name), created_at=NOW))
    letters = "".join(dice.choices(_LETTERS, k=3))
    plate = f"{letters[0]}{number % 1000:03}{letters[1:]} 77"
    make, model = dice.choice(_CARS)
    vin = f"XW8ZZZ{number:011}"
    day.cars.append(
        Car(client=day.clients[-1], make=make, model=model, vin=vin, plate=plate, plate_key=plates.search_key(plate))
    )


def _let_happen(day: _Day, dice: Random, operator: User) -> None:
    """What became of the last visit by now."""
    visit, chance = day.visits[-1], dice.random()
    if visit.starts_at > NOW:
        return
    late_for = NOW - visit.starts_at
    if chance < 0.8 or late_for < 20 * _MINUTE:
        visit.status = Status.DONE if visit.ends_at <= NOW else Status.IN_WORK
        if chance > 0.7 and visit.ends_at > NOW:
            visit.status = Status.PLANNED  # may turn late, has perhaps done so
            return
        visit.arrived_at = visit.work_started_at = visit.starts_at
        visit.work_ended_at = visit.ends_at if visit.ends_at <= NOW else None
    elif chance < 0.95:
        visit.status = Status.DONE if visit.ends_at <= NOW else Status.ARRIVED
        visit.arrived_at = visit.starts_at
        visit.work_started_at = visit.starts_at if visit.ends_at <= NOW else None
        visit.work_ended_at = visit.ends_at if visit.ends_at <= NOW else None
    elif chance < 0.97:
        visit.expected_at = NOW + 8 * _MINUTE
    elif chance < 0.99:
        _call_in_vain(day, NOW - 3 * _MINUTE, operator)
    # The others nobody has called: overdue.


def _call_in_vain(day: _Day, at: datetime, operator: User) -> None:
    visit = day.visits[-1]
    is_second = len(day.cases) % 3 == 0
    case = Case(
        visit=visit,
        branch=visit.branch,
        policy=visit.policy,
        plan_version=1,
        opened_at=at,
        opened_by=operator,
        retry_at=at + 5 * _MINUTE,
        grounds=Grounds.FAILURES if is_second else Grounds.NONE,
    )
    day.cases.append(case)
    for called_at in (at - 6 * _MINUTE, at) if is_second else (at,):
        day.attempts.append(
            Attempt(
                case=case,
                started_at=called_at - _MINUTE,
                ended_at=called_at,
                started_by=operator,
                result=CallResult.NO_ANSWER,
                counts=True,
            )
        )


def _write(day: _Day, dice: Random) -> None:
    Client.objects.bulk_create(day.clients)
    numbers = dice.sample(range(10**7), len(day.clients))
    Phone.objects.bulk_create(
        Phone(client=client, number=f"+7912{number:07}", number_key=f"912{number:07}")
        for client, number in zip(day.clients, numbers, strict=True)
    )
    Car.objects.bulk_create(day.cars)
    cases = {id(case.visit): case for case in day.cases}
    for visit in day.visits:
        case = cases.get(id(visit))
        attempts = [attempt for attempt in day.attempts if attempt.case is case]
        facts = visit_facts(visit, case, attempts)
        visit.next_change_at = next_change_at(facts, state_timeline(facts, policy_facts(visit.policy)), NOW)
    Visit.objects.bulk_create(day.visits)
    VisitWork.objects.bulk_create(
        VisitWork(visit=visit, name=name, position=position)
        for visit in day.visits
        for position, name in enumerate(dice.sample(_WORKS, dice.randint(1, 2)))
    )
    Occupation.objects.bulk_create(
        Occupation(
            branch_id=visit.branch_id,
            bay_id=visit.bay_id,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            of=Occupation.Of.VISIT,
            visit_id=visit.pk,
        )
        for visit in day.visits
    )
    Case.objects.bulk_create(day.cases)
    Attempt.objects.bulk_create(day.attempts)
