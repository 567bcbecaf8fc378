"""The cast of every test: two branches, their staff, the late client and the others."""

import pickle
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

from vovremya.customers.actions import register
from vovremya.customers.models import Car, Client, Phone
from vovremya.customers.rules import CarGiven
from vovremya.directory.actions import (
    add_user,
    begin_epoch,
    create_installation,
    install_branch_defaults,
    install_defaults,
)
from vovremya.directory.models import (
    Advisor,
    Bay,
    BayGroup,
    Branch,
    Installation,
    LateReason,
    Network,
    RemovalReason,
    SettingChange,
)
from vovremya.directory.queries import actor_of
from vovremya.directory.rules import PROGRAM, Actor, Role
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions.booking import Details, Plan, PlannedWork, book
from vovremya.visits.actions.branch_settings import change_setting
from vovremya.visits.actions.reminding import RemindersWanted
from vovremya.visits.models import Visit
from vovremya.visits.rules.settings import Setting, SettingOf

MOSCOW = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)
PASSWORD = "right password"

LATE_CLIENT = ("Смирнова Анна Викторовна", "+7 912 345-67-89", "М347ВС 77")


def at(clock: str, on: date = TODAY, zone: ZoneInfo = MOSCOW) -> datetime:
    """«10:12», «10:10:00.001» on the wall clock of the branch."""
    return datetime.combine(on, time.fromisoformat(clock), zone).astimezone(UTC)


#: When the visits of the day are booked: before the doors open.
MORNING = at("08:00")


@dataclass(frozen=True)
class Cast:
    network: Network
    branch: Branch  # in Moscow, three bays, open from 9 to 21
    other_branch: Branch
    bays: tuple[Bay, Bay, Bay]
    advisor: Advisor
    operator: Actor
    second_operator: Actor
    master: Actor
    supervisor: Actor
    manager: Actor
    administrator: Actor
    stranger: Actor  # an operator of the other branch: must see nothing of this one
    late_client: Client
    late_car: Car

    @property
    def late_phone(self) -> Phone:
        phone = self.late_client.phones.first()
        assert phone is not None
        return phone

    def actor(self, name: str) -> Actor:
        found = getattr(self, name)
        assert isinstance(found, Actor)
        return found

    def book(
        self,
        clock: str = "10:00",
        *,
        minutes: int = 60,
        bay: int = 0,
        client: Client | None = None,
        car: Car | None = None,
        by: Actor | None = None,
        now: datetime = MORNING,
        on: date = TODAY,
        is_overbooked: bool = False,
    ) -> Visit:
        """A visit of the late client (or of another) on one of the bays."""
        starts_at = at(clock, on)
        return book(
            self.branch.pk,
            client or self.late_client,
            car or (None if client else self.late_car),
            Plan(self.bays[bay].pk, starts_at, starts_at + timedelta(minutes=minutes), self.advisor.pk),
            Details(reason="Стучит справа", works=(PlannedWork("ТО-60", "to-60", 150),)),
            actor=by or self.operator,
            now=now,
            is_overbooked=is_overbooked,
        )

    def register(self, name: str, *phones: str, plate: str = "") -> tuple[Client, Car | None]:
        registered = register(self.network, name, phones, CarGiven(plate=plate), now=MORNING)
        return registered.client, registered.car

    def remind(self, wanted: RemindersWanted, now: datetime, by: Actor | None = None) -> SettingChange | None:
        """The branch decides when it reminds its clients."""
        of = SettingOf(self.branch.pk, Setting.REMINDERS)
        return change_setting(of, asdict(wanted), actor=by or self.supervisor, now=now)

    def reason(self, code: str) -> int:
        return RemovalReason.objects.get(network=self.network, code=code).pk

    def late_reason(self, code: str) -> int:
        return LateReason.objects.get(network=self.network, code=code).pk


def assemble() -> Cast:
    """Write the cast into an empty database."""
    create_installation(Installation.Kind.DEMO)
    network = Network.objects.create(name="Сеть")
    install_defaults(network)
    branch = _branch(network, "SEV", "Север", "Europe/Moscow", 1)
    other_branch = _branch(network, "VOS", "Восток", "Asia/Vladivostok", 2)
    advisor = Advisor.objects.create(branch=branch, name="Орлов В.", full_name="Орлов Виктор Ильич")
    group = BayGroup.objects.create(branch=branch, name="Слесарный", advisor=advisor)
    bays = [Bay.objects.create(branch=branch, group=group, name=f"Пост {number}") for number in (1, 2, 3)]
    late = register(
        network, LATE_CLIENT[0], [LATE_CLIENT[1]], CarGiven("Hyundai", "Solaris", LATE_CLIENT[2]), now=MORNING
    )
    assert late.car is not None
    return Cast(
        network=network,
        branch=branch,
        other_branch=other_branch,
        bays=(bays[0], bays[1], bays[2]),
        advisor=advisor,
        operator=_hired("operator", "Иванова", branch, Role.OPERATOR),
        second_operator=_hired("second", "Петрова", branch, Role.OPERATOR),
        master=_hired("master", "Орлов", branch, Role.MASTER),
        supervisor=_hired("supervisor", "Кузнецова", branch, Role.SUPERVISOR),
        manager=_hired("manager", "Зайцев", branch, Role.MANAGER),
        administrator=_hired("admin", "Белов", branch, Role.ADMINISTRATOR),
        stranger=_hired("stranger", "Чужая", other_branch, Role.OPERATOR),
        late_client=late.client,
        late_car=late.car,
    )


_written: bytes | None = None


def assembled() -> Cast:
    """The cast in the empty database of a test: written by the actions once in each process, and from then on put in
    row by row as it was, which is much quicker."""
    global _written
    if _written is None:
        ours = [model for model in apps.get_models() if model.__module__.startswith("vovremya.")]
        assert not any(model._base_manager.exists() for model in ours), "the cast is to be the first in the database"
        cast = assemble()
        _written = pickle.dumps((cast, [list(model._base_manager.all()) for model in ours]))
        return cast
    kept: tuple[Cast, list[list[Model]]] = pickle.loads(_written)
    tables = list(filter(None, kept[1]))
    for rows in tables:
        type(rows[0])._base_manager.bulk_create(rows)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [type(rows[0]) for rows in tables]):
            cursor.execute(statement)
    begin_epoch()  # the numbers are those of the test before, and what was kept of its board is not to be shown
    return kept[0]


def _branch(network: Network, code: str, name: str, zone: str, position: int) -> Branch:
    branch = Branch.objects.create(network=network, code=code, name=name, zone=zone, position=position)
    install_branch_defaults(branch, MORNING - timedelta(days=30))
    set_week_hours(branch.pk, [DayHours(540, 1260)] * 7, actor=PROGRAM, now=MORNING)
    return branch


def _hired(username: str, short_name: str, branch: Branch, role: Role) -> Actor:
    user = add_user(
        username=username,
        full_name=short_name,
        short_name=short_name,
        password=PASSWORD,
        roles={branch.pk: [role]},
        actor=PROGRAM,
        is_demo=True,
    )
    return actor_of(user)
