"""The day that one practises on: who stands where, counted from the minute it begins. Pure.

Its people bear names that say what they will do, have numbers of the demo's range and plates without a region.
"""

from dataclasses import replace

from vovremya.demo import orders, stories
from vovremya.demo.network import BayPlan, BranchPlan, GroupPlan
from vovremya.demo.orders import Craft
from vovremya.demo.people import Person, car, number
from vovremya.demo.scenes import Pin
from vovremya.demo.stories import Remove, Step
from vovremya.directory.rules import TRAINING_CODE
from vovremya.visits.rules.words import CallResult

_PLAN = BranchPlan(
    TRAINING_CODE,
    "Учебный филиал",
    "",
    "",
    {"Наставников П.": "Наставников Пётр Ильич", "Опытнова О.": "Опытнова Ольга Сергеевна"},
    (
        GroupPlan(
            "Слесарный цех",
            "Наставников П.",
            [BayPlan(f"Пост {place}", "Учебный механик", Craft.MECHANICS) for place in (1, 2, 3)],
        ),
        GroupPlan(
            "Экспресс-сервис",
            "Опытнова О.",
            [
                BayPlan("Экспресс 1", "Учебный механик", Craft.EXPRESS),
                BayPlan("Экспресс 2", "Учебный механик", Craft.EXPRESS),
                BayPlan("Диагностика", "Учебный механик", Craft.DIAGNOSTICS),
            ],
        ),
    ),
)


def plan_in(zone: str) -> BranchPlan:
    return replace(_PLAN, zone=zone)


def _person(name: str, place: int, plate: str, title: str) -> Person:
    return Person(
        name, car(plate, title, 2020, 40_000 + place * 1700), (number(9000 + place),), comment="учебный клиент"
    )


NEAR = _person("Близкова Анна Викторовна", 1, "У101ЧБ", "Hyundai Solaris")
FAR = _person("Далёков Илья Андреевич", 2, "У102ЧБ", "Skoda Octavia")
ARRIVING = _person("Входилов Антон Павлович", 3, "У103ЧБ", "Lada Vesta")
SILENT = _person("Молчанов Сергей Юрьевич", 4, "У104ЧБ", "Kia Rio")
REFUSING = _person("Отказова Дарья Сергеевна", 5, "У105ЧБ", "Renault Logan")
WARNING = _person("Звонарёва Лариса Анатольевна", 6, "У106ЧБ", "Kia Sportage")
COMING_BACK = _person("Вернигора Степан Ильич", 7, "У107ЧБ", "Toyota Camry")
_OTHERS = tuple(
    _person(f"{surname} (учебный)", 20 + place, f"У{120 + place}ЧБ", title)
    for place, (surname, title) in enumerate(
        (
            ("Первов Иван", "Geely Atlas"),
            ("Второва Инна", "Haval Jolion"),
            ("Третьяк Олег", "Mazda CX-5"),
            ("Четверикова Яна", "Opel Astra"),
            ("Пятаков Глеб", "Ford Focus"),
            ("Шестова Роза", "Nissan Qashqai"),
            ("Семёркин Лев", "Audi A4"),
            ("Восьмерикова Ия", "Chery Tiggo 4"),
            ("Девятов Марк", "BMW X3"),
        )
    )
)

PINS = (
    Pin("Пост 1", -110, orders.SERVICE_15, stories.served(-4, 60), _OTHERS[0]),
    Pin("Пост 1", -12, orders.SERVICE_15, stories.NOTHING_YET, NEAR),
    Pin("Пост 1", 75, orders.SERVICE_15, stories.NOTHING_YET, _OTHERS[1]),
    Pin("Пост 2", -125, orders.SERVICE_60_AND_PADS, stories.served(-6, 75), _OTHERS[2]),
    Pin("Пост 2", -14, orders.SERVICE_60_AND_PADS, stories.NOTHING_YET, FAR),
    Pin("Пост 2", 90, orders.SERVICE_30, stories.NOTHING_YET, _OTHERS[3]),
    Pin("Пост 3", -95, orders.SERVICE_60_AND_PADS, stories.served(-3, 75), _OTHERS[4]),
    Pin("Пост 3", -11, orders.SERVICE_15, stories.NOTHING_YET, ARRIVING),
    Pin("Экспресс 1", -24, orders.OIL, stories.failed_call(14, CallResult.NO_ANSWER), SILENT),
    Pin("Экспресс 1", 30, orders.CABIN_FILTER, stories.NOTHING_YET, _OTHERS[5]),
    Pin("Экспресс 2", -30, orders.OIL, stories.served(-5, 40), _OTHERS[6]),
    Pin("Экспресс 2", 15, orders.OIL, stories.NOTHING_YET, WARNING),
    Pin("Экспресс 2", 100, orders.OIL, (Step(-130, Remove("changed_mind", "передумал приезжать")),), COMING_BACK),
    Pin("Диагностика", -60, orders.SUSPENSION, stories.served(-4, 30), _OTHERS[7]),
    Pin("Диагностика", -16, orders.ELECTRONICS, stories.NOTHING_YET, REFUSING),
    Pin("Диагностика", 25, orders.SUSPENSION, stories.NOTHING_YET, _OTHERS[8]),
)
