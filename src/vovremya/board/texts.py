"""Russian words of the board and its windows; refusals of every part come together here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from vovremya.customers import texts as customers_texts
from vovremya.directory import texts as directory_texts
from vovremya.directory.models import Advisor
from vovremya.journal import texts as journal_texts
from vovremya.schedule.rules.hours import BusinessDay
from vovremya.schedule.rules.slots import SlotReason
from vovremya.visits import texts as visits_texts
from vovremya.waitlist import texts as waitlist_texts

REFUSALS = (
    customers_texts.REFUSALS
    | directory_texts.REFUSALS
    | journal_texts.REFUSALS
    | visits_texts.REFUSALS
    | waitlist_texts.REFUSALS
)

WEEKDAYS = ("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс")
_WEEKDAYS_ON = ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье")
WEEKDAYS_WHOLE = ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье")
MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)

#: The legend under the board, in the order of a visit's life.
LEGEND = (
    ("planned", "по плану"),
    ("to_remind", "напомнить о визите"),
    ("confirmed", "подтверждён"),
    ("unconfirmed", "не подтверждён"),
    ("expected", "ожидается"),
    ("late", "опаздывает"),
    ("overdue", "срок контакта нарушен"),
    ("waiting", "ждёт повторного звонка"),
    ("retry_due", "пора звонить повторно"),
    ("grounds", "основание для удаления"),
    ("undecided", "дозвонились, ответа нет"),
    ("to_tell", "сообщить о переносе"),
    ("late_after_closing", "опаздывает, после закрытия"),
    ("retry_after_closing", "повтор после закрытия"),
    ("arrived", "прибыл"),
    ("in_work", "в работе"),
    ("done", "завершён"),
    ("not_arrived", "не приехал"),
    ("no_show", "неявка"),
)

#: The filter by state: several states under one word.
STATE_FILTERS = (
    ("late overdue waiting retry_due grounds undecided late_after_closing retry_after_closing", "Опаздывают"),
    ("overdue", "Срок нарушен"),
    ("planned to_remind confirmed unconfirmed", "По плану"),
    ("to_remind", "Напомнить"),
    ("unconfirmed", "Не подтверждены"),
    ("expected", "Ожидаются"),
    ("to_tell", "Сообщить о переносе"),
    ("arrived", "Прибыли"),
    ("in_work", "В работе"),
    ("done", "Завершены"),
    ("not_arrived no_show", "Не приехали"),
)

#: The comment made ready from the answers (M12); a part in brackets falls away without its value.
READY_COMMENTS = {
    "yes": "Едет, будет к {eta}[, {reason}]",
    "move": "Просит перенести[, {reason}]",
    "no": "Отказался от записи[, {reason}]",
}
MOVED_COMMENT = "Перенос на {day}, {time}"
#: The same for a client who is told of a move that the station made.
READY_COMMENTS_OF_MOVE = {
    "yes": "Согласен на {time}",
    "move": "{time} не подходит",
    "no": "Отказался: {time} не подходит",
}
#: And for one who is reminded of a visit to come.
READY_COMMENTS_OF_REMINDER = {
    "yes": "Приедет {day} в {time}",
    "move": "Просит другое время",
    "no": "Отказался от записи",
}
#: Beside the entries of those who give way to a late client.
SHIFTED_COMMENT = "Сдвиг из-за опоздания по записи № {visit}"
REBOOKED_COMMENT = "Перезаписан: {branch}, {day}, {time}"

WAVE_PLANS = {
    "shift": "Принять по приезде, следующих сдвинуть",
    "rearrange": "Принять по приезде, следующих развести по постам",
    "other_bay": "На другой пост",
    "later_today": "Позже сегодня",
    "other_day": "На другой день",
    "other_branch": "В другой филиал",
}
#: The first of them where nobody gives way.
WAVE_NOBODY_SHIFTED = "Принять по приезде"
WAVE_ADVANTAGES = {
    "nobody_hit": "никого не задевает: ждать и звонить некому",
    "least_waiting": "клиенты ждут меньше всего",
    "least_idle": "пост простаивает меньше всего",
    "fewest_calls": "меньше всего звонков",
    "only_one": "других вариантов нет",
    "least_in_all": "в сумме теряется меньше всего",
}
WAVE_CAUSES = {"bay": "пост занят", "advisor": "мастер принимает опоздавшего"}
WAVE_TALK_FIRST = "Нужен разговор с клиентом: откройте варианты из карточки."

HISTORY = {
    "visit_booked": "Записан на {starts_at:day_time}, {bay}",
    "visit_moved": "Перенесён с {old_starts_at:day_time} ({old_bay}) на {starts_at:day_time} ({bay})",
    "coefficient_changed": "Коэффициент автомобиля к норме: {new} (был {old})",
    "visit_changed": "Изменены сведения о записи",
    "client_arrived": "Клиент прибыл",
    "arrival_undone": "Отметка «Прибыл» отменена",
    "work_started": "Работа начата",
    "work_ended": "Работа завершена",
    "no_show_marked": "Отмечена неявка",
    "visit_removed": "Запись удалена: {reason}",
    "visit_restored": "Запись восстановлена на {starts_at:day_time}, {bay}",
    "card_opened": "Открыта карточка контакта",
    "telling_begun": "Сообщить клиенту о переносе: он ждёт визита в {known_starts_at:time}",
    "card_taken": "Карточку взял оператор",
    "card_freed": "Карточка освобождена",
    "card_taken_over": "Карточка перехвачена",
    "lease_lapsed": "Карточка свободна: оператор не отвечает",
    "call_started": "Звонок клиенту",
    "call_ended": "Результат звонка: {result}",
    "client_called": "Позвонил сам клиент",
    "call_back_promised": "Перезвонить в {retry_at:time}",
    "waiting_kept": "Ждём дальше, напомнить в {until:time}",
    "card_saved": "Карточка сохранена",
    "card_finished": "Контакт завершён: {outcome}",
    "case_reopened": "Контакт открыт снова",
    "note_added": "Добавлен комментарий",
    "number_added": "Добавлен номер телефона",
    "turned_late": "Клиент опаздывает",
    "deadline_missed": "Срок контакта нарушен",
    "retry_came_due": "Пора звонить повторно",
    "client_did_not_arrive": "Клиент не приехал до конца дня",
    "matter_looked_over": "Старший смены просмотрел отмеченное",
    "matter_open_again": "Отмеченное снова ждёт старшего смены",
    "reminder_came_due": "Пора напомнить о визите",
    "wait_begun": "Хочет раньше: записан в лист ожидания",
    "wait_changed": "Изменены пожелания в листе ожидания",
    "wait_ended": "Ушёл из листа ожидания: {ending}",
    "wait_resumed": "Возвращён в лист ожидания",
    "time_offered": "Предложено время {starts_at:day_time}, {bay}",
    "offer_answered": "Предложенное время {starts_at:day_time}, {bay}: {answer}",
}
UNDONE = {
    "visit_moved": "Перемещение отменено: снова {starts_at:day_time} ({bay})",
    "work_started": "Начало работы отменено",
    "work_ended": "Завершение работы отменено",
    "no_show_marked": "Неявка отменена",
}

#: What a visit that is moved by hand would meet.
OBSTACLES = {
    "other_group": "Это пост другой группы: его выбирают в «Перепланировать».",
    "past": "Это время уже прошло.",
    "closed": "В это время филиал закрыт.",
    "bay_closed": "В это время пост закрыт.",
    "lunch": "Обед {from}–{to}.",
    "taken": "Пост занят {from}–{to}: {who}.",
    "held": "Время {from}–{to} держит другой оператор.",
    "out_of_use": "Пост не работает{note}.",
}
#: What a bay says that is not worked at any more.
RETIRED = "выведен из работы"
OUT_OF_USE = "не работает"
#: Why a time is not offered to be overbooked.
NOT_ON_TOP = {
    "free": "Это время свободно: выберите его в списке.",
    "no_visit": "Сверх этого записать нельзя.",
}
MOVED_BY_HAND = "{plate}: {from}–{to}, {bay}."
UNDONE_BY_HAND = "Перемещение отменено: {from}–{to}, {bay}."

#: What is said once a step has been taken.
STEPS_DONE = {
    "check-in": "Клиент прибыл.",
    "undo-check-in": "Отметка «Прибыл» отменена.",
    "start-work": "Работа начата.",
    "undo-start-work": "Начало работы отменено.",
    "end-work": "Работа завершена.",
    "undo-end-work": "Завершение работы отменено.",
    "no-show": "Отмечена неявка.",
    "undo-no-show": "Неявка отменена.",
}

#: Name, key by its place on the keyboard, the letter shown, the sign.
STEPS = {
    "client_warned": ("Клиент предупредил", "KeyR", "К", "warned"),
    "late_notice": ("Оповещение об опоздании", "KeyJ", "О", "contacts"),
    "move": ("Перепланировать", "KeyG", "П", "move"),
    "want_sooner": ("Хочет раньше", "KeyK", "Л", "waitlist"),
    "move_by_hand": ("Переместить", "KeyV", "М", "move_by_hand"),
    "wave": ("Сдвиг записей", "KeyC", "С", "wave"),
    "check_in": ("Прибыл", "KeyB", "И", "arrived"),
    "undo_check_in": ("Отменить «Прибыл»", "", "", "undo"),
    "start_work": ("Начать работу", "KeyH", "Р", "play"),
    "undo_start_work": ("Отменить начало работы", "", "", "undo"),
    "end_work": ("Завершить работу", "KeyP", "З", "check"),
    "undo_end_work": ("Вернуть в работу", "", "", "undo"),
    "change_bay": ("Пост и время", "KeyG", "П", "bay"),
    "mark_no_show": ("Неявка", "KeyZ", "Я", "no_show"),
    "undo_no_show": ("Отменить неявку", "", "", "undo"),
    "remove": ("Удалить запись", "KeyE", "У", "remove"),
    "restore": ("Восстановить", "KeyD", "В", "restore"),
    "reopen": ("Открыть контакт снова", "", "", "contacts"),
}

#: Keys of the call results, in the order of the results.
RESULT_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0")

#: Minutes from the call, words, key by its place, the letter shown.
ETA_CHOICES = (
    ("5", "5 мин", "KeyQ", "Й"),
    ("10", "10 мин", "KeyW", "Ц"),
    ("20", "20 мин", "KeyE", "У"),
    ("30", "30 мин", "KeyR", "К"),
    ("60", "1 час", "KeyT", "Е"),
    ("time", "Указать время", "KeyX", "Ч"),
    ("unknown", "Не знает", "KeyI", "Ш"),
)

PARTS_OF_DAY = (("morning", "Утро, до 12"), ("day", "День, 12–17"), ("evening", "Вечер, после 17"))
#: Minutes and words of the usual lengths of a visit.
DURATIONS = (
    (30, "30 мин"),
    (60, "1 ч"),
    (90, "1,5 ч"),
    (120, "2 ч"),
    (180, "3 ч"),
    (240, "4 ч"),
    (360, "6 ч"),
    (480, "8 ч"),
)


#: What is seldom asked on the phone: field, label, kind of the control.
MORE_FIELDS = (
    ("representative", "Представитель", "text"),
    ("phone_other", "Ещё телефон", "tel"),
    ("email", "Электронная почта", "email"),
    ("year", "Год выпуска", "text"),
    ("mileage", "Пробег, км", "text"),
    ("warranty_until", "Гарантия до", "date"),
)
#: Why a time is worth offering.
SLOT_REASONS = {
    SlotReason.FILLS_GAP: "точно в окно — пост без простоя",
    SlotReason.AFTER_PREVIOUS: "сразу после предыдущего — пост без простоя",
    SlotReason.BEFORE_NEXT: "вплотную к следующему",
    SlotReason.FREE: "пост свободен",
}
OVER_NIGHT = "с продолжением на другой день"
#: What a bar says besides its state: that it is on top of another; of a work over nights, which part the day shows.
PART_FLAGS = {"overbooked": "сверх занятого", "continued": "продолжение", "goes_on": "продолжится"}


#: Who of those on the list is shown.
WAITLIST_FILTERS = (
    ("", "все, кто ждёт"),
    ("urgent", "срочные"),
    ("visit", "с записью"),
    ("none", "без записи"),
    ("ended", "ушедшие за 30 дней"),
)


def wishes_words(wishes: Mapping[str, Sequence[str]], until_on: date) -> str:
    """«пн, ср · утро, до 12 · не раньше 10:00 · Пост 2 · до 25.11»"""
    said = [", ".join(words) for words in wishes.values() if words]
    return " · ".join([*(said or ["любое время"]), f"до {until_on:%d.%m}"])


def offer_out(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, old_starts_at: datetime | None) -> str:
    """What the operator says to one who waits."""
    begins, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    done_on = "" if ends.date() == begins.date() else _on_that_day(ends)
    instead = ""
    if old_starts_at:
        old = old_starts_at.astimezone(zone)
        instead = f" вместо {old:%d.%m}, {old:%H:%M}"
    return (
        f"Освободилось время: могу записать вас на {_WEEKDAYS_ON[begins.weekday()]}, {_date_words(begins)}, "
        f"в {begins:%H:%M}{instead}. Закончим {done_on}к {ends:%H:%M}. Вам подойдёт?"
    )


def _on_that_day(at: datetime) -> str:
    """«во вторник, 24 ноября, »"""
    weekday = _WEEKDAYS_ON[at.weekday()]
    return f"{'во' if weekday.startswith('вт') else 'в'} {weekday}, {_date_words(at)}, "


def waits_words(since: date, today: date) -> str:
    """«ждёт 3 дня»"""
    days = (today - since).days
    return f"ждёт {days} {_counted(days, 'день', 'дня', 'дней')}" if days else "ждёт с сегодня"


def read_out(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, advisor: Advisor | None) -> str:
    """What the operator says aloud before saving."""
    begins, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    received = f" Вас встретит мастер-приёмщик {advisor.full_name or advisor.name}." if advisor else ""
    done_on = "" if ends.date() == begins.date() else _on_that_day(ends)
    return (
        f"Записываю вас на {_WEEKDAYS_ON[begins.weekday()]}, {_date_words(begins)}, в {begins:%H:%M}."
        f"{received} Закончим {done_on}к {ends:%H:%M}. Всё верно?"
    )


def _date_words(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1]}"


def day_words(on: date) -> str:
    return f"{WEEKDAYS[on.weekday()]}, {on.day} {MONTHS[on.month - 1]}"


def week_words(days: Sequence[date]) -> str:
    """«23–29 ноября», «30 ноября – 6 декабря»."""
    first, last = days[0], days[-1]
    if first.month == last.month:
        return f"{first.day}–{last.day} {MONTHS[last.month - 1]}"
    return f"{first.day} {MONTHS[first.month - 1]} – {last.day} {MONTHS[last.month - 1]}"


def hours_words(day: BusinessDay, zone: ZoneInfo) -> str:
    """«открыто 09:00–21:00, обед 13:00–14:00»."""
    if day.opens_at is None or day.closes_at is None:
        return "филиал закрыт"
    if (day.opens_at, day.closes_at) == (day.starts_at, day.ends_at):
        return "открыто круглосуточно"
    spans = [(day.opens_at, day.closes_at), *([day.lunch] if day.lunch else [])]
    times = [f"{since.astimezone(zone):%H:%M}–{until.astimezone(zone):%H:%M}" for since, until in spans]
    return "открыто " + ", обед ".join(times)


def calls_word(count: int) -> str:
    return _counted(count, "звонок", "звонка", "звонков")


def visits_word(count: int) -> str:
    return _counted(count, "визит", "визита", "визитов")


def _counted(count: int, one: str, few: str, many: str) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return one
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return few
    return many
