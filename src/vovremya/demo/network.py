"""The demo's network: three stations in three time zones, and who works there."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from vovremya.demo.orders import Craft
from vovremya.directory import actions as directory
from vovremya.directory.models import Advisor, Bay, BayGroup, Branch, Membership, Network, User, Work
from vovremya.directory.queries import actor_of
from vovremya.directory.rules import PROGRAM, Actor, Role
from vovremya.schedule.actions import set_week_hours
from vovremya.schedule.rules.hours import DayHours
from vovremya.visits.actions.branch_settings import change_setting
from vovremya.visits.actions.reminding import RemindersWanted
from vovremya.visits.rules.settings import Setting, SettingOf

PASSWORD = "demo"  # noqa: S105 - meant to be known: the logins live in a demo's database only
_ROUND_THE_CLOCK = DayHours(0, 24 * 60)
_PAUSE_MINUTES = 5
#: At work round the clock: whoever begins the demo at night sees whom to remind, too.
_AT_ANY_HOUR = {"calls_from_minute": 0, "calls_until_minute": 24 * 60}
#: Works that are done in some groups of bays alone, by their names.
_DONE_IN = {
    "tyres": ("Шиномонтаж и развал",),
    "alignment": ("Шиномонтаж и развал",),
    "body-door": ("Кузовной цех",),
    "paint-part": ("Кузовной цех",),
    "clutch": ("Слесарный цех", "Ремзона"),
    "timing-belt": ("Слесарный цех", "Ремзона"),
}


@dataclass(frozen=True)
class BayPlan:
    name: str
    mechanic: str
    craft: Craft


@dataclass(frozen=True)
class GroupPlan:
    name: str
    advisor: str
    bays: Sequence[BayPlan]


@dataclass(frozen=True)
class BranchPlan:
    code: str
    name: str
    address: str
    zone: str
    advisors: Mapping[str, str]  # as on the board -> in full
    groups: Sequence[GroupPlan]
    reminders: RemindersWanted | None = None

    @property
    def bays(self) -> list[BayPlan]:
        return [bay for group in self.groups for bay in group.bays]


@dataclass(frozen=True)
class LoginPlan:
    username: str
    full_name: str
    short_name: str
    role: Role
    branch_codes: Sequence[str]


def _group(name: str, advisor: str, *bays: tuple[str, str, Craft]) -> GroupPlan:
    return GroupPlan(name, advisor, [BayPlan(*bay) for bay in bays])


KGD = BranchPlan(
    "KGD",
    "Автоцентр «Янтарь»",
    "Калининград, Портовая, 8",
    "Europe/Kaliningrad",
    {"Гаевский Р.": "Гаевский Роман Олегович", "Милютина А.": "Милютина Алла Игоревна"},
    (
        _group(
            "Слесарный цех",
            "Гаевский Р.",
            ("Пост 1", "Юшкевич П.", Craft.MECHANICS),
            ("Пост 2", "Баркалов С.", Craft.MECHANICS),
            ("Пост 3 (диагностика)", "Вилков Д.", Craft.DIAGNOSTICS),
        ),
        _group(
            "Экспресс-сервис",
            "Милютина А.",
            ("Экспресс 1", "Ткачук Н.", Craft.EXPRESS),
            ("Экспресс 2", "Паршин Е.", Craft.EXPRESS),
            ("Шиномонтаж", "Лось Г.", Craft.TYRES),
            ("Мойка", "Яцук О.", Craft.WASH),
        ),
    ),
    reminders=RemindersWanted(day_before_minute=12 * 60, **_AT_ANY_HOUR),
)
SEV = BranchPlan(
    "SEV",
    "Автоцентр «Север»",
    "Москва, Ленинская, 12",
    "Europe/Moscow",
    {
        "Орлов В.": "Орлов Василий Петрович",
        "Котова Л.": "Котова Лидия Сергеевна",
        "Руднев С.": "Руднев Семён Ильич",
        "Яшин А.": "Яшин Артур Маратович",
    },
    (
        _group(
            "Слесарный цех",
            "Орлов В.",
            ("Пост 1", "Гусев А.", Craft.MECHANICS),
            ("Пост 2", "Лазарев П.", Craft.MECHANICS),
            ("Пост 3", "Жуков Р.", Craft.MECHANICS),
            ("Подъёмник 5", "Чернов И.", Craft.MECHANICS),
        ),
        _group(
            "Диагностика",
            "Котова Л.",
            ("Пост 4 (диагностика)", "Мельник О.", Craft.DIAGNOSTICS),
            ("Пост 6 (электрика)", "Савельев Н.", Craft.ELECTRICS),
        ),
        _group(
            "Шиномонтаж и развал",
            "Котова Л.",
            ("Шиномонтаж", "Исаев Т.", Craft.TYRES),
            ("Сход-развал", "Дорофеев К.", Craft.ALIGNMENT),
        ),
        _group(
            "Экспресс-сервис",
            "Руднев С.",
            ("Экспресс 1", "Волков Д.", Craft.EXPRESS),
            ("Экспресс 2", "Тимофеев Г.", Craft.EXPRESS),
            ("Экспресс 3", "Фролов Я.", Craft.EXPRESS),
        ),
        _group(
            "Кузовной цех",
            "Яшин А.",
            ("Кузовной пост", "Поляков М.", Craft.BODY),
            ("Окраска", "Назаров Е.", Craft.PAINT),
        ),
    ),
    reminders=RemindersWanted(before_minutes=60, **_AT_ANY_HOUR),
)
VVO = BranchPlan(
    "VVO",
    "Автоцентр «Залив»",
    "Владивосток, Причальная, 31",
    "Asia/Vladivostok",
    {"Пак Д.": "Пак Денис Сергеевич", "Уварова К.": "Уварова Кира Олеговна"},
    (
        _group(
            "Ремзона",
            "Пак Д.",
            ("Подъёмник 1", "Цой В.", Craft.MECHANICS),
            ("Подъёмник 2", "Бойко А.", Craft.MECHANICS),
            ("Диагностика", "Ли М.", Craft.DIAGNOSTICS),
        ),
        _group(
            "Экспресс-сервис",
            "Уварова К.",
            ("Экспресс 1", "Рогов Ф.", Craft.EXPRESS),
            ("Экспресс 2", "Хван С.", Craft.EXPRESS),
            ("Шиномонтаж", "Сомов Л.", Craft.TYRES),
        ),
    ),
)
BRANCHES = (KGD, SEV, VVO)

_WEST = ("SEV", "KGD")
_EVERYWHERE = ("SEV", "KGD", "VVO")
LOGINS = (
    LoginPlan("operator", "Петрова Мария Алексеевна", "Петрова М.", Role.OPERATOR, _WEST),
    LoginPlan("operator2", "Иванова Светлана Юрьевна", "Иванова С.", Role.OPERATOR, _WEST),
    LoginPlan("master", "Орлов Василий Петрович", "Орлов В.", Role.MASTER, _WEST),
    LoginPlan("supervisor", "Соколова Нина Борисовна", "Соколова Н.", Role.SUPERVISOR, _EVERYWHERE),
    LoginPlan("manager", "Тихомиров Глеб Андреевич", "Тихомиров Г.", Role.MANAGER, _EVERYWHERE),
    LoginPlan("admin", "Савин Егор Павлович", "Савин Е.", Role.ADMINISTRATOR, _EVERYWHERE),
    LoginPlan("stranger", "Ким Алексей Витальевич", "Ким А.", Role.OPERATOR, ("VVO",)),
)


@dataclass(frozen=True)
class Station:
    """A branch of the demo as it lies in the database."""

    branch: Branch
    plan: BranchPlan
    bays: Mapping[str, Bay]
    advisors: Mapping[str, Advisor]  # by bay


@transaction.atomic
def open_network(now: datetime) -> tuple[dict[str, Station], dict[str, Actor]]:
    """Stations by code, in the order of the branch menu, and actors by login."""
    network = directory.open_network("Сеть автоцентров «Вовремя» (демонстрация)")
    # The one that the operator works in comes first.
    ordered = (SEV, KGD, VVO)
    stations = {plan.code: open_station(network, plan, number, now) for number, plan in enumerate(ordered)}
    for code, names in _DONE_IN.items():
        groups = BayGroup.objects.filter(branch__network=network, name__in=names)
        directory.name_bay_groups(Work.objects.get(network=network, code=code), groups)
    return stations, _open_doors(stations)


def _open_doors(stations: Mapping[str, Station]) -> dict[str, Actor]:
    password_hash = make_password(PASSWORD)  # slow on purpose: once is enough
    actors = {}
    for login in LOGINS:
        user = User.objects.create(
            username=login.username,
            full_name=login.full_name,
            short_name=login.short_name,
            password=password_hash,
            is_demo=True,
        )
        Membership.objects.bulk_create(
            Membership(user=user, branch=stations[code].branch, role=login.role) for code in login.branch_codes
        )
        actors[login.username] = actor_of(user)
    return actors


def open_station(network: Network, plan: BranchPlan, position: int, now: datetime) -> Station:
    """The branch with its bays and advisors, open round the clock."""
    branch = Branch.objects.create(
        network=network,
        code=plan.code,
        name=plan.name,
        address=plan.address,
        zone=plan.zone,
        position=position,
    )
    directory.install_branch_defaults(branch, now)
    set_week_hours(branch.pk, [_ROUND_THE_CLOCK] * 7, actor=PROGRAM, now=now)
    advisors = {
        name: Advisor.objects.create(branch=branch, name=name, full_name=full_name)
        for name, full_name in plan.advisors.items()
    }
    bays: dict[str, Bay] = {}
    advisor_of_bay: dict[str, Advisor] = {}
    for group_position, group_plan in enumerate(plan.groups):
        advisor = advisors[group_plan.advisor]
        group = BayGroup.objects.create(branch=branch, name=group_plan.name, advisor=advisor, position=group_position)
        for position_in_group, bay_plan in enumerate(group_plan.bays):
            bays[bay_plan.name] = Bay.objects.create(
                branch=branch,
                group=group,
                name=bay_plan.name,
                mechanic=bay_plan.mechanic,
                position=position_in_group,
            )
            advisor_of_bay[bay_plan.name] = advisor
    directory.set_pause(branch, _PAUSE_MINUTES)
    if plan.reminders:
        change_setting(SettingOf(branch.pk, Setting.REMINDERS), asdict(plan.reminders), actor=PROGRAM, now=now)
    return Station(branch, plan, bays, advisor_of_bay)


def station_of(plan: BranchPlan) -> Station:
    """The branch of a demo that was filled before."""
    branch = Branch.objects.select_related("network").get(code=plan.code)
    bays = {bay.name: bay for bay in Bay.objects.filter(branch=branch).select_related("group__advisor")}
    advisors = {name: bay.group.advisor for name, bay in bays.items() if bay.group.advisor}
    return Station(branch, plan, bays, advisors)
