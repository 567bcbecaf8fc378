"""What a new network and a new branch begin with. Everything here can be edited afterwards."""

from dataclasses import dataclass

from vovremya.directory.models import RemovalReason, ScriptStep

_Group = RemovalReason.Group
_Moment = ScriptStep.Moment

BAY_GROUP = "Посты"
BAY = "Пост {number}"


def bay_names(count: int) -> list[str]:
    return [BAY.format(number=number) for number in range(1, count + 1)]


LATE_REASONS = {
    "traffic": "Пробка",
    "kept_at_work": "Задержался на работе",
    "forgot": "Забыл",
    "mixed_up_time": "Перепутал время",
    "breakdown": "Поломка",
    "accident": "ДТП",
    "other": "Другое",
}


@dataclass(frozen=True)
class Reason:
    code: str
    name: str
    group: str
    counts_as_no_show: bool = False
    ask_again_in_days: int | None = None
    needs_comment: bool = False
    is_for_operator: bool = True


def _client(
    code: str, name: str, ask_again_in_days: int | None, *, no_show: bool = False, comment: bool = False
) -> Reason:
    return Reason(code, name, _Group.CLIENT, no_show, ask_again_in_days, comment)


def _no_contact(code: str, name: str, ask_again_in_days: int | None) -> Reason:
    return Reason(code, name, _Group.NO_CONTACT, counts_as_no_show=True, ask_again_in_days=ask_again_in_days)


def _station(code: str, name: str, ask_again_in_days: int) -> Reason:
    return Reason(code, name, _Group.STATION, False, ask_again_in_days, True, is_for_operator=False)


def _technical(code: str, name: str, *, is_for_operator: bool) -> Reason:
    return Reason(code, name, _Group.TECHNICAL, False, None, True, is_for_operator)


REMOVAL_REASONS = (
    _client("changed_mind", "Передумал", 30),
    _client("other_service", "Обслужился в другом сервисе", 90),
    _client("expensive", "Дорого", 30),
    _client("time_did_not_suit", "Не устроило время", 3),
    _client("term_did_not_suit", "Не устроил срок ремонта", 7),
    _client("postponed", "Отложил ремонт", 30),
    _client("illness_or_family", "Болезнь, семейные обстоятельства", 14),
    _client("travel", "Командировка, отпуск", 14),
    _client("car_cannot_come", "Авто не на ходу, ДТП", 7),
    _client("car_sold", "Авто продано", None),
    _client("forgot", "Забыл", 1, no_show=True),
    _client("mistaken_booking", "Ошибочная запись", None),
    _client("other_branch", "Перезаписан в другой филиал", None),
    _client("unhappy_before", "Недоволен прошлым обслуживанием", 7, comment=True),
    _no_contact("unreached", "Не дозвонились", 1),
    _no_contact("wrong_number", "Неверный номер", None),
    _no_contact("no_show", "Не приехал и не вышел на связь", 1),
    _station("no_parts", "Нет запчастей", 7),
    _station("no_mechanic", "Нет исполнителя (болезнь, отпуск)", 1),
    _station("bay_out_of_order", "Неисправен пост", 1),
    _station("overload", "Перегрузка сервиса", 1),
    _station("branch_closed", "Филиал закрыт", 1),
    _technical("duplicate", "Дубль", is_for_operator=True),
    _technical("operator_error", "Ошибка оператора", is_for_operator=True),
    _technical("test", "Тест", is_for_operator=False),
)

SCRIPT = (
    (
        _Moment.GREETING,
        "Здравствуйте! {client_name}? Меня зовут {operator}, автосервис «{branch}». Вам удобно сейчас говорить?",
    ),
    (_Moment.CALL_BACK, "Когда вам перезвонить?"),
    (
        _Moment.LATE,
        "Вы записаны сегодня на {time}, автомобиль {car}. Вы опаздываете примерно на {late_min} мин. "
        "Подскажите, что случилось?",
    ),
    (
        _Moment.SHIFTED,
        "Вы записаны сегодня на {known_time}, автомобиль {car}. К сожалению, мы сдвигаемся: сможем принять вас "
        "в {time}. Вам подходит?",
    ),
    (_Moment.REMIND, "Напоминаю: вы записаны {day} на {time}, автомобиль {car}. Сможете приехать?"),
    (_Moment.ETA, "Когда сможете подъехать?"),
    (_Moment.NEAR, "Спасибо, ждём вас к {eta}. Вас встретит мастер-приёмщик {advisor}."),
    (_Moment.FITS, "Примем в {t1}, закончим к {t2}. Подходит?"),
    (_Moment.MOVE, "Могу предложить {slot_1} или {slot_2}. Что вам удобнее?"),
    (_Moment.REFUSAL, "Подскажите, пожалуйста, с чем связан отказ? Мы это учтём."),
    (_Moment.COMING, "Спасибо, счастливого пути!"),
    (_Moment.GOODBYE, "Спасибо, всего доброго!"),
)

# Code, name, norm in minutes.
WORKS = (
    ("to-15", "ТО-15", 60),
    ("to-30", "ТО-30", 90),
    ("to-45", "ТО-45", 90),
    ("to-60", "ТО-60", 150),
    ("to-90", "ТО-90", 180),
    ("oil-engine", "Замена масла двигателя", 30),
    ("oil-automatic", "Замена масла АКПП", 120),
    ("fluid-brake", "Замена тормозной жидкости", 45),
    ("fluid-coolant", "Замена охлаждающей жидкости", 60),
    ("filter-cabin", "Замена салонного фильтра", 20),
    ("spark-plugs", "Замена свечей зажигания", 40),
    ("timing-belt", "Замена ремня ГРМ", 210),
    ("pads-front", "Замена передних колодок", 60),
    ("pads-rear", "Замена задних колодок", 60),
    ("discs-front", "Замена передних тормозных дисков", 90),
    ("shock-absorbers", "Замена передних амортизаторов", 150),
    ("clutch", "Замена сцепления", 300),
    ("battery", "Замена аккумулятора", 20),
    ("check-suspension", "Диагностика ходовой", 30),
    ("check-electronics", "Компьютерная диагностика", 30),
    ("check-electrics", "Диагностика электрооборудования", 60),
    ("alignment", "Сход-развал", 45),
    ("tyres", "Шиномонтаж", 60),
    ("air-conditioning", "Заправка кондиционера", 60),
    ("body-door", "Кузовной: правка двери", 360),
    ("paint-part", "Окраска детали", 300),
    ("recall", "Отзывная кампания", 120),
    ("wash", "Мойка", 30),
)
