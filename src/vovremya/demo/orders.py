"""What clients of the demo come for: works, how long they take, and how the client puts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from vovremya.directory.defaults import WORKS
from vovremya.visits.actions.booking import PlannedWork
from vovremya.visits.models import Visit

_Kind = Visit.RepairKind

_KNOWN = {code: (name, norm_minutes) for code, name, norm_minutes in WORKS}


class Craft(Enum):
    """What a bay is fit for."""

    MECHANICS = auto()
    DIAGNOSTICS = auto()
    ELECTRICS = auto()
    TYRES = auto()
    ALIGNMENT = auto()
    EXPRESS = auto()
    BODY = auto()
    PAINT = auto()
    WASH = auto()


@dataclass(frozen=True)
class Order:
    """`codes` are works of the directory, or words where it has none."""

    codes: tuple[str, ...]
    minutes: int
    reason: str = ""
    repair_kind: str = _Kind.COMMERCIAL

    @property
    def works(self) -> tuple[PlannedWork, ...]:
        return tuple(
            PlannedWork(_KNOWN[code][0], code, _KNOWN[code][1]) if code in _KNOWN else PlannedWork(code)
            for code in self.codes
        )


def _order(codes: str, minutes: int, reason: str = "", kind: str = _Kind.COMMERCIAL) -> Order:
    return Order(tuple(codes.split("+")), minutes, reason, kind)


PUNCTURE = _order("Ремонт прокола", 30, "спускает правое заднее")
LAMPS = _order("Замена ламп ближнего света", 35, "не горит левая фара")
BATTERY = _order("battery", 30, "утром не завёлся")
CABIN_FILTER = _order("filter-cabin", 30, "запах из вентиляции")
OIL = _order("oil-engine", 40, "", _Kind.MAINTENANCE)
TYRES = _order("tyres", 45, "переобуться на зиму, колёса на хранении у вас")
ALIGNMENT = _order("alignment", 35, "уводит вправо")
ELECTRONICS = _order("check-electronics", 30, "горит «чек», плавают обороты")
SUSPENSION = _order("check-suspension", 30, "стук спереди справа, слышно на кочках")
HEATED_GLASS = _order("check-electrics", 40, "не работает обогрев стёкол")
ELECTRICS = _order("check-electrics", 50, "садится аккумулятор за ночь")
AIR_CONDITIONING = _order("air-conditioning", 40, "плохо холодит")
SERVICE_15 = _order("to-15", 60, "", _Kind.MAINTENANCE)
SERVICE_30 = _order("to-30", 90, "", _Kind.MAINTENANCE)
SERVICE_60 = _order("to-60", 110, "плановое обслуживание", _Kind.MAINTENANCE)
SERVICE_60_AND_PADS = _order("to-60+pads-front", 75, "скрипят тормоза", _Kind.MAINTENANCE)
TIMING_BELT = _order("timing-belt", 125, "подошёл пробег, ролики привезу свои")
CLUTCH = _order("clutch", 90, "пробуксовывает на третьей")
SHOCK_ABSORBERS = _order("shock-absorbers", 80, "пробивает на лежачих")
BUMPER = _order("Замена бампера", 150, "ДТП, ОСАГО", _Kind.BODY)
DOOR = _order("body-door", 300, "вмятина от тележки, страховая согласовала", _Kind.BODY)
PAINT = _order("paint-part", 240, "крыло и бампер", _Kind.BODY)

ORDERS: Mapping[Craft, tuple[Order, ...]] = {
    Craft.MECHANICS: (
        SERVICE_15,
        SERVICE_30,
        SERVICE_60,
        TIMING_BELT,
        SHOCK_ABSORBERS,
        _order("pads-front+pads-rear", 90, "скрипят тормоза"),
        _order("discs-front", 75, "бьёт в руль при торможении"),
        _order("oil-automatic", 95, "пинается при переключении"),
        _order("fluid-coolant", 50, "уходит антифриз"),
        _order("pads-front", 45, "загорелась лампа износа"),
        _order("recall", 80, "пришло письмо об отзыве", _Kind.RECALL),
        _order("clutch", 180, "пробуксовывает на третьей"),
        _order("to-90+spark-plugs", 150, "", _Kind.MAINTENANCE),
        _order("shock-absorbers", 120, "стучит слева, гарантийное", _Kind.WARRANTY),
    ),
    Craft.DIAGNOSTICS: (ELECTRONICS, SUSPENSION, _order("check-suspension+check-electronics", 55, "перед покупкой")),
    Craft.ELECTRICS: (ELECTRICS, AIR_CONDITIONING, HEATED_GLASS),
    Craft.TYRES: (TYRES, PUNCTURE, _order("tyres", 40, "R17, низкий профиль"), _order("tyres", 60, "внедорожник")),
    Craft.ALIGNMENT: (ALIGNMENT, _order("alignment", 50, "после замены рычагов")),
    Craft.EXPRESS: (
        OIL,
        CABIN_FILTER,
        BATTERY,
        _order("oil-engine+filter-cabin", 50, "", _Kind.MAINTENANCE),
        _order("spark-plugs", 45, "троит на холодную"),
        _order("fluid-brake", 45),
    ),
    Craft.BODY: (DOOR, _order("Полировка кузова", 180), BUMPER),
    Craft.PAINT: (PAINT, _order("paint-part", 210, "сколы на капоте", _Kind.BODY)),
    Craft.WASH: (_order("wash", 40), _order("Химчистка салона", 120)),
}
SHORTEST_MINUTES = {craft: min(order.minutes for order in orders) for craft, orders in ORDERS.items()}
