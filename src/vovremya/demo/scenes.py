"""What the board shows the moment the demo begins, and the stories told before it.

Minutes count from the whole minute of that moment; a story's own minutes count from its planned start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vovremya.demo import orders, people, stories
from vovremya.demo.orders import Order
from vovremya.demo.people import Person
from vovremya.demo.stories import NOTHING_YET, Arrive, LeaveCard, MarkNoShow, Remove, Restore, Step, Story, WantSooner
from vovremya.visits.rules.words import CallResult


@dataclass(frozen=True)
class Pin:
    """A visit with a place of its own on the board."""

    bay: str
    minute: int
    order: Order
    story: Story = NOTHING_YET
    person: Person | None = None
    caller: str = ""  # a login; else the branch's own operator
    comment: str = ""
    waits_on_site: bool = False
    keeps_free: int | None = None  # how many minutes later the same time stays free, for a move


@dataclass(frozen=True)
class Waiter:
    """One who waits for a time, with no visit yet."""

    person: Person
    order: Order
    minute: int  # when put on the list
    bay: str = ""
    is_urgent: bool = False
    comment: str = ""


_MOVED_BY = 420

_SEV_NOW = (
    Pin("Пост 1", -95, orders.SERVICE_30, stories.served(-4, 90, overruns=12), people.ABRAMOVA),
    Pin("Пост 1", 6, orders.SERVICE_15, NOTHING_YET, people.LONG_NAME),
    Pin(
        "Пост 2",
        -14,
        orders.SERVICE_60_AND_PADS,
        NOTHING_YET,
        people.SMIRNOVA,
        comment="просит вымыть машину",
        keeps_free=75,
    ),
    Pin("Пост 2", 140, orders.SERVICE_15, NOTHING_YET, people.MELNIKOVA),
    # The bay is still busy with the job before, and the next client is here.
    Pin("Пост 3", -140, orders.TIMING_BELT, stories.served(-6, 125, overruns=90), people.TAXI),
    Pin("Пост 3", -10, orders.CLUTCH, (Step(-3, Arrive()),), people.DEMIN, waits_on_site=True),
    Pin("Подъёмник 5", -27, orders.SHOCK_ABSORBERS, NOTHING_YET, people.BORISOV),
    Pin(
        "Пост 4 (диагностика)",
        -18,
        orders.ELECTRONICS,
        stories.promised(12.5, 9, "traffic", "Едет, будет минут через девять, пробка на мосту"),
        people.KRAVTSOV,
        caller="operator",
    ),
    # One car, two visits in a row: only the first turns late.
    Pin("Сход-развал", -9, orders.ALIGNMENT, NOTHING_YET, people.RYABOV, waits_on_site=True),
    Pin("Пост 4 (диагностика)", 30, orders.SUSPENSION, NOTHING_YET, people.RYABOV),
    Pin(
        "Пост 6 (электрика)",
        -16,
        orders.HEATED_GLASS,
        stories.failed_call(14, CallResult.BUSY),
        people.PANOVA,
        caller="operator",
    ),
    Pin("Пост 6 (электрика)", 25, orders.ELECTRICS, (Step(-29, Arrive()),), people.ZIMIN, waits_on_site=True),
    # One client, two late visits.
    Pin("Шиномонтаж", -17, orders.PUNCTURE, NOTHING_YET, people.GRISHIN_RIO, comment="две машины, приедет с сыном"),
    Pin("Шиномонтаж", 14, orders.TYRES),
    Pin("Экспресс 3", -11, orders.LAMPS, NOTHING_YET, people.GRISHIN_NIVA),
    Pin(
        "Экспресс 3",
        26,
        orders.OIL,
        stories.warned(-28, 34, "traffic", "Предупредила: задержится минут на шесть"),
        people.TITOVA,
        caller="operator",
    ),
    Pin(
        "Экспресс 1",
        -36,
        orders.CABIN_FILTER,
        (*stories.failed_call(13, CallResult.OUT_OF_COVERAGE), *stories.failed_call(20, CallResult.REJECTED)),
        people.MUKHINA,
    ),
    Pin("Экспресс 1", -5, orders.OIL, NOTHING_YET, people.WITHOUT_PHONE, waits_on_site=True),
    Pin("Экспресс 2", -34, orders.BATTERY, stories.failed_call(18, CallResult.NO_ANSWER), people.SUBBOTIN),
    Pin("Экспресс 2", -2, orders.CABIN_FILTER, NOTHING_YET, people.MELNIKOV),
    Pin("Кузовной пост", 2, orders.BUMPER),
    Pin("Окраска", -150, orders.PAINT, stories.served(-8, 240, waits=15), people.FLEET),
)
_SEV_BEFORE = (
    Pin(
        "Подъёмник 5",
        -190,
        orders.SHOCK_ABSORBERS,
        (
            *stories.promised(23, 8, "forgot", "Забыл, собирается, будет через восемь минут"),
            *stories.served(33, 80, overruns=25),
        ),
    ),
    Pin("Пост 2", -345, orders.SERVICE_30, stories.refused(13, "postponed", "Уезжает, позвонит сам через месяц")),
    Pin("Экспресс 1", -330, orders.BATTERY, stories.unreached(12)),
    Pin(
        "Экспресс 2",
        -240,
        orders.OIL,
        stories.moved(12, _MOVED_BY, "Не успевает, просит на семь часов позже"),
        keeps_free=_MOVED_BY,
    ),
    Pin(
        "Шиномонтаж",
        -200,
        orders.TYRES,
        (
            *stories.warned(-15, 22, "traffic", "Предупредил: стоит на выезде из города"),
            *stories.served(8, 45, waits=3),
        ),
    ),
    Pin(
        "Пост 4 (диагностика)",
        -95,
        orders.SUSPENSION,
        (
            *stories.failed_call(12, CallResult.BUSY),
            *stories.promised(18, 5, "mixed_up_time", "Перепутал время, уже рядом"),
            *stories.served(22, 30, waits=2, overruns=12),
        ),
    ),
    # Removed, and then the client came after all.
    Pin(
        "Экспресс 3",
        -250,
        orders.OIL,
        (*stories.unreached(12), Step(24, Restore()), *stories.served(24.5, 40, waits=2, overruns=10)),
    ),
    Pin("Пост 6 (электрика)", 150, orders.AIR_CONDITIONING, (Step(-190, Remove("duplicate", "записан дважды")),)),
)
# Reminded an hour before: two say to come, one cannot be reached; who else comes within the hour is to be called.
_SEV_REMINDED = (
    Pin("Экспресс 1", 40, orders.BATTERY, stories.reminded(-55, "Подтвердил, выезжает"), caller="supervisor"),
    Pin("Экспресс 2", 35, orders.OIL, stories.unconfirmed(-58), caller="supervisor"),
    Pin("Сход-развал", 40, orders.ALIGNMENT, stories.reminded(-50, "Подтвердила"), caller="supervisor"),
)
#: A time of tomorrow that has just become free, and a client who would rather come sooner.
_SEV_WAITING = (
    Pin("Пост 1", 20 * 60, orders.SERVICE_15, (Step(-20 * 60 - 25, Remove("duplicate", "записан дважды")),)),
    Pin(
        "Пост 3",
        24 * 60,
        orders.SERVICE_15,
        (Step(-24 * 60 - 100, WantSooner("Уезжает послезавтра, приедет в любое время раньше")),),
        people.LEVINA,
    ),
)
_DAY = 24 * 60
_LONG_AGO = (
    Pin(
        "Пост 2",
        -183 * _DAY,
        orders.SERVICE_30,
        (*stories.promised(14, 6, "traffic", "Подъезжает"), *stories.served(19, 90, waits=4, overruns=14)),
        people.SMIRNOVA,
    ),
    Pin("Шиномонтаж", -31 * _DAY, orders.TYRES, stories.served(-4, 35), people.SMIRNOVA, comment="сезонная смена шин"),
    Pin("Пост 1", -96 * _DAY, orders.SERVICE_15, stories.unreached(13), people.BORISOV),
    Pin("Пост 1", -89 * _DAY, orders.SERVICE_15, stories.served(7, 60, overruns=5), people.BORISOV),
    Pin("Экспресс 1", -60 * _DAY, orders.OIL, stories.served(-2, 30), people.MUKHINA),
    Pin("Кузовной пост", -45 * _DAY, orders.DOOR, stories.served(2, 300), people.FLEET),
)
_YESTERDAY_NO_SHOW = (
    Pin(
        "Пост 1",
        -26 * 60,
        orders.SERVICE_15,
        (
            *stories.failed_call(14, CallResult.UNAVAILABLE),
            Step(25 * 60, MarkNoShow()),
        ),
    ),
)

_KGD_NOW = (
    Pin("Пост 1", -40, orders.SERVICE_30, stories.served(-5, 90)),
    Pin("Пост 2", -15, orders.SERVICE_15),
    Pin("Пост 3 (диагностика)", -18, orders.ELECTRONICS, (*stories.reached(14), Step(15.5, LeaveCard()))),
    # The deadline was missed; the first call came after it.
    Pin("Экспресс 1", -33, orders.OIL, stories.failed_call(25, CallResult.VOICEMAIL)),
    Pin("Экспресс 2", -7, orders.OIL),
    Pin("Шиномонтаж", -26, orders.TYRES),
    Pin("Мойка", -19, orders.ORDERS[orders.Craft.WASH][0], stories.promised(13.5, 10, "traffic", "Едет, пробка")),
    Pin("Экспресс 1", 8, orders.CABIN_FILTER),
)
_VVO_NOW = (
    Pin("Подъёмник 1", -30, orders.SERVICE_30, stories.served(1, 90)),
    Pin("Подъёмник 2", -13, orders.SERVICE_15),
    Pin("Диагностика", -17, orders.SUSPENSION, stories.failed_call(14, CallResult.NO_ANSWER)),
    Pin(
        "Экспресс 1",
        -30,
        orders.OIL,
        (
            *stories.failed_call(12, CallResult.UNAVAILABLE),
            *stories.failed_call(19, CallResult.UNAVAILABLE),
        ),
    ),
    Pin("Экспресс 2", -25, orders.CABIN_FILTER),
    Pin("Шиномонтаж", -16, orders.TYRES, stories.promised(11, 9, "kept_at_work", "Выехал")),
    Pin("Экспресс 2", 6, orders.OIL),
)

PINS: Mapping[str, Sequence[Pin]] = {
    "SEV": (*_LONG_AGO, *_SEV_NOW, *_SEV_BEFORE, *_SEV_WAITING, *_YESTERDAY_NO_SHOW, *_SEV_REMINDED),
    "KGD": (*_KGD_NOW, *_YESTERDAY_NO_SHOW),
    "VVO": _VVO_NOW,
}

WAITERS: Mapping[str, Sequence[Waiter]] = {
    "SEV": (
        Waiter(people.ARTEMOV, orders.SERVICE_15, -300, comment="удобно с утра, звонить до девяти вечера"),
        Waiter(people.KOSTIN, orders.OIL, -200, is_urgent=True, comment="горит лампа давления масла"),
        Waiter(people.VASINA, orders.ALIGNMENT, -150, bay="Сход-развал"),
    ),
    "KGD": (),
    "VVO": (),
}
