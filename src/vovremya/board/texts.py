"""Words of the board and its windows; refusals of every part come together here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from vovremya.customers import texts as customers_texts
from vovremya.directory import texts as directory_texts
from vovremya.directory.models import Advisor, Bay
from vovremya.journal import texts as journal_texts
from vovremya.schedule.rules.hours import BusinessDay
from vovremya.schedule.rules.slots import SlotReason
from vovremya.ui.dates import day_and_month
from vovremya.visits import texts as visits_texts
from vovremya.waitlist import texts as waitlist_texts

REFUSALS = (
    customers_texts.REFUSALS
    | directory_texts.REFUSALS
    | journal_texts.REFUSALS
    | visits_texts.REFUSALS
    | waitlist_texts.REFUSALS
)

WEEKDAYS = (_("Пн"), _("Вт"), _("Ср"), _("Чт"), _("Пт"), _("Сб"), _("Вс"))
#: The same amid a sentence.
WEEKDAYS_WITHIN = (_("пн"), _("вт"), _("ср"), _("чт"), _("пт"), _("сб"), _("вс"))
#: To be booked for a day, and to be done on one.
_FOR_WEEKDAYS = (
    _("на понедельник"),
    _("на вторник"),
    _("на среду"),
    _("на четверг"),
    _("на пятницу"),
    _("на субботу"),
    _("на воскресенье"),
)
_ON_WEEKDAYS = (
    _("в понедельник"),
    _("во вторник"),
    _("в среду"),
    _("в четверг"),
    _("в пятницу"),
    _("в субботу"),
    _("в воскресенье"),
)
WEEKDAYS_WHOLE = (
    _("Понедельник"),
    _("Вторник"),
    _("Среда"),
    _("Четверг"),
    _("Пятница"),
    _("Суббота"),
    _("Воскресенье"),
)
MONTHS = (
    _("января"),
    _("февраля"),
    _("марта"),
    _("апреля"),
    _("мая"),
    _("июня"),
    _("июля"),
    _("августа"),
    _("сентября"),
    _("октября"),
    _("ноября"),
    _("декабря"),
)

#: The legend under the board, in the order of a visit's life.
LEGEND = (
    ("planned", _("по плану")),
    ("to_remind", _("напомнить о визите")),
    ("confirmed", _("подтверждён")),
    ("unconfirmed", _("не подтверждён")),
    ("expected", _("ожидается")),
    ("late", _("опаздывает")),
    ("overdue", _("срок контакта нарушен")),
    ("waiting", _("ждёт повторного звонка")),
    ("retry_due", _("пора звонить повторно")),
    ("grounds", _("основание для удаления")),
    ("undecided", _("дозвонились, ответа нет")),
    ("to_tell", _("сообщить о переносе")),
    ("late_after_closing", _("опаздывает, после закрытия")),
    ("retry_after_closing", _("повтор после закрытия")),
    ("arrived", _("прибыл")),
    ("in_work", _("в работе")),
    ("done", _("завершён")),
    ("not_arrived", _("не приехал")),
    ("no_show", _("неявка")),
)

#: The filter by state: several states under one word.
STATE_FILTERS = (
    ("late overdue waiting retry_due grounds undecided late_after_closing retry_after_closing", _("Опаздывают")),
    ("overdue", _("Срок нарушен")),
    ("planned to_remind confirmed unconfirmed", _("По плану")),
    ("to_remind", _("Напомнить")),
    ("unconfirmed", _("Не подтверждены")),
    ("expected", _("Ожидаются")),
    ("to_tell", _("Сообщить о переносе")),
    ("arrived", _("Прибыли")),
    ("in_work", _("В работе")),
    ("done", _("Завершены")),
    ("not_arrived no_show", _("Не приехали")),
)

#: The comment made ready from the answers (M12); a part in brackets falls away without its value.
READY_COMMENTS = {
    "yes": _("Едет, будет к {eta}[, {reason}]"),
    "move": _("Просит перенести[, {reason}]"),
    "no": _("Отказался от записи[, {reason}]"),
}
MOVED_COMMENT = _("Перенос на {day}, {time}")
#: The same for a client who is told of a move that the station made.
READY_COMMENTS_OF_MOVE = {
    "yes": _("Согласен на {time}"),
    "move": _("{time} не подходит"),
    "no": _("Отказался: {time} не подходит"),
}
#: And for one who is reminded of a visit to come.
READY_COMMENTS_OF_REMINDER = {
    "yes": _("Приедет {day} в {time}"),
    "move": _("Просит другое время"),
    "no": _("Отказался от записи"),
}
#: Beside the entries of those who give way to a late client.
SHIFTED_COMMENT = _("Сдвиг из-за опоздания по записи № {visit}")
REBOOKED_COMMENT = _("Перезаписан: {branch}, {day}, {time}")

WAVE_PLANS = {
    "shift": _("Принять по приезде, следующих сдвинуть"),
    "rearrange": _("Принять по приезде, следующих развести по постам"),
    "other_bay": _("На другой пост"),
    "later_today": _("Позже сегодня"),
    "other_day": _("На другой день"),
    "other_branch": _("В другой филиал"),
}
#: The first of them where nobody gives way.
WAVE_NOBODY_SHIFTED = _("Принять по приезде")
WAVE_ADVANTAGES = {
    "nobody_hit": _("никого не задевает: ждать и звонить некому"),
    "least_waiting": _("клиенты ждут меньше всего"),
    "least_idle": _("пост простаивает меньше всего"),
    "fewest_calls": _("меньше всего звонков"),
    "only_one": _("других вариантов нет"),
    "least_in_all": _("в сумме теряется меньше всего"),
}
WAVE_CAUSES = {"bay": _("пост занят"), "advisor": _("мастер принимает опоздавшего")}
WAVE_TALK_FIRST = _("Нужен разговор с клиентом: откройте варианты из карточки.")

HISTORY = {
    "visit_booked": _("Записан на {starts_at:day_time}, {bay}"),
    "visit_moved": _("Перенесён с {old_starts_at:day_time} ({old_bay}) на {starts_at:day_time} ({bay})"),
    "coefficient_changed": _("Коэффициент автомобиля к норме: {new} (был {old})"),
    "visit_changed": _("Изменены сведения о записи"),
    "client_arrived": _("Клиент прибыл"),
    "arrival_undone": _("Отметка «Прибыл» отменена"),
    "work_started": _("Работа начата"),
    "work_ended": _("Работа завершена"),
    "no_show_marked": _("Отмечена неявка"),
    "visit_removed": _("Запись удалена: {reason}"),
    "visit_restored": _("Запись восстановлена на {starts_at:day_time}, {bay}"),
    "card_opened": _("Открыта карточка контакта"),
    "telling_begun": _("Сообщить клиенту о переносе: он ждёт визита в {known_starts_at:time}"),
    "card_taken": _("Карточку взял оператор"),
    "card_freed": _("Карточка освобождена"),
    "card_taken_over": _("Карточка перехвачена"),
    "lease_lapsed": _("Карточка свободна: оператор не отвечает"),
    "call_started": _("Звонок клиенту"),
    "call_ended": _("Результат звонка: {result}"),
    "client_called": _("Позвонил сам клиент"),
    "call_back_promised": _("Перезвонить в {retry_at:time}"),
    "waiting_kept": _("Ждём дальше, напомнить в {until:time}"),
    "card_saved": _("Карточка сохранена"),
    "card_finished": _("Контакт завершён: {outcome}"),
    "case_reopened": _("Контакт открыт снова"),
    "note_added": _("Добавлен комментарий"),
    "number_added": _("Добавлен номер телефона"),
    "turned_late": _("Клиент опаздывает"),
    "deadline_missed": _("Срок контакта нарушен"),
    "retry_came_due": _("Пора звонить повторно"),
    "client_did_not_arrive": _("Клиент не приехал до конца дня"),
    "matter_looked_over": _("Старший смены просмотрел отмеченное"),
    "matter_open_again": _("Отмеченное снова ждёт старшего смены"),
    "reminder_came_due": _("Пора напомнить о визите"),
    "wait_begun": _("Хочет раньше: записан в лист ожидания"),
    "wait_changed": _("Изменены пожелания в листе ожидания"),
    "wait_ended": _("Ушёл из листа ожидания: {ending}"),
    "wait_resumed": _("Возвращён в лист ожидания"),
    "time_offered": _("Предложено время {starts_at:day_time}, {bay}"),
    "offer_answered": _("Предложенное время {starts_at:day_time}, {bay}: {answer}"),
}
UNDONE = {
    "visit_moved": _("Перемещение отменено: снова {starts_at:day_time} ({bay})"),
    "work_started": _("Начало работы отменено"),
    "work_ended": _("Завершение работы отменено"),
    "no_show_marked": _("Неявка отменена"),
}

#: What a visit that is moved by hand would meet.
OBSTACLES = {
    "other_group": _("Это пост другой группы: его выбирают в «Перепланировать»."),
    "past": _("Это время уже прошло."),
    "closed": _("В это время филиал закрыт."),
    "bay_closed": _("В это время пост закрыт."),
    "lunch": _("Обед {from}–{to}."),
    "taken": _("Пост занят {from}–{to}: {who}."),
    "held": _("Время {from}–{to} держит другой оператор."),
    "out_of_use": _("Пост не работает{note}."),
}
#: What a bay says that is not worked at any more.
RETIRED = _("выведен из работы")
OUT_OF_USE = _("не работает")
#: Why a time is not offered to be overbooked.
NOT_ON_TOP = {
    "free": _("Это время свободно: выберите его в списке."),
    "no_visit": _("Сверх этого записать нельзя."),
}
MOVED_BY_HAND = "{plate}: {from}–{to}, {bay}."
UNDONE_BY_HAND = _("Перемещение отменено: {from}–{to}, {bay}.")

#: What is said once a step has been taken.
STEPS_DONE = {
    "check-in": _("Клиент прибыл."),
    "undo-check-in": _("Отметка «Прибыл» отменена."),
    "start-work": _("Работа начата."),
    "undo-start-work": _("Начало работы отменено."),
    "end-work": _("Работа завершена."),
    "undo-end-work": _("Завершение работы отменено."),
    "no-show": _("Отмечена неявка."),
    "undo-no-show": _("Неявка отменена."),
}

#: Name, key by its place on the keyboard, the letter shown, the sign.
STEPS = {
    "client_warned": (_("Клиент предупредил"), "KeyR", pgettext_lazy("key", "К"), "warned"),
    "late_notice": (_("Оповещение об опоздании"), "KeyJ", pgettext_lazy("key", "О"), "contacts"),
    "move": (_("Перепланировать"), "KeyG", pgettext_lazy("key", "П"), "move"),
    "want_sooner": (_("Хочет раньше"), "KeyK", pgettext_lazy("key", "Л"), "waitlist"),
    "move_by_hand": (_("Переместить"), "KeyV", pgettext_lazy("key", "М"), "move_by_hand"),
    "wave": (_("Сдвиг записей"), "KeyC", pgettext_lazy("key", "С"), "wave"),
    "check_in": (_("Прибыл"), "KeyB", pgettext_lazy("key", "И"), "arrived"),
    "undo_check_in": (_("Отменить «Прибыл»"), "", "", "undo"),
    "start_work": (_("Начать работу"), "KeyH", pgettext_lazy("key", "Р"), "play"),
    "undo_start_work": (_("Отменить начало работы"), "", "", "undo"),
    "end_work": (_("Завершить работу"), "KeyP", pgettext_lazy("key", "З"), "check"),
    "undo_end_work": (_("Вернуть в работу"), "", "", "undo"),
    "change_bay": (_("Пост и время"), "KeyG", pgettext_lazy("key", "П"), "bay"),
    "mark_no_show": (_("Неявка"), "KeyZ", pgettext_lazy("key", "Я"), "no_show"),
    "undo_no_show": (_("Отменить неявку"), "", "", "undo"),
    "remove": (_("Удалить запись"), "KeyE", pgettext_lazy("key", "У"), "remove"),
    "restore": (_("Восстановить"), "KeyD", pgettext_lazy("key", "В"), "restore"),
    "reopen": (_("Открыть контакт снова"), "", "", "contacts"),
}

#: Keys of the call results, in the order of the results.
RESULT_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0")

#: Minutes from the call, words, key by its place, the letter shown.
ETA_CHOICES = (
    ("5", _("5 мин"), "KeyQ", pgettext_lazy("key", "Й")),
    ("10", _("10 мин"), "KeyW", pgettext_lazy("key", "Ц")),
    ("20", _("20 мин"), "KeyE", pgettext_lazy("key", "У")),
    ("30", _("30 мин"), "KeyR", pgettext_lazy("key", "К")),
    ("60", _("1 час"), "KeyT", pgettext_lazy("key", "Е")),
    ("time", _("Указать время"), "KeyX", pgettext_lazy("key", "Ч")),
    ("unknown", _("Не знает"), "KeyI", pgettext_lazy("key", "Ш")),
)

PARTS_OF_DAY = (("morning", _("Утро, до 12")), ("day", _("День, 12–17")), ("evening", _("Вечер, после 17")))
#: Minutes and words of the usual lengths of a visit.
DURATIONS = (
    (30, _("30 мин")),
    (60, _("1 ч")),
    (90, _("1,5 ч")),
    (120, _("2 ч")),
    (180, _("3 ч")),
    (240, _("4 ч")),
    (360, _("6 ч")),
    (480, _("8 ч")),
)


#: What is seldom asked on the phone: field, label, kind of the control.
MORE_FIELDS = (
    ("representative", _("Представитель"), "text"),
    ("phone_other", _("Ещё телефон"), "tel"),
    ("email", _("Электронная почта"), "email"),
    ("year", _("Год выпуска"), "text"),
    ("mileage", _("Пробег, км"), "text"),
    ("warranty_until", _("Гарантия до"), "date"),
)
#: Why a time is worth offering.
SLOT_REASONS = {
    SlotReason.FILLS_GAP: _("точно в окно — пост без простоя"),
    SlotReason.AFTER_PREVIOUS: _("сразу после предыдущего — пост без простоя"),
    SlotReason.BEFORE_NEXT: _("вплотную к следующему"),
    SlotReason.FREE: _("пост свободен"),
}
OVER_NIGHT = _("с продолжением на другой день")
#: What a bar says besides its state: that it is on top of another; of a work over nights, which part the day shows.
PART_FLAGS = {"overbooked": _("сверх занятого"), "continued": _("продолжение"), "goes_on": _("продолжится")}


#: Who of those on the list is shown.
WAITLIST_FILTERS = (
    ("", _("все, кто ждёт")),
    ("urgent", _("срочные")),
    ("visit", _("с записью")),
    ("none", _("без записи")),
    ("ended", _("ушедшие за 30 дней")),
)


def wishes_words(wishes: Mapping[str, Sequence[str]], until_on: date) -> str:
    """«пн, ср · утро, до 12 · не раньше 10:00 · Пост 2 · до 25.11»"""
    said = [", ".join(words) for words in wishes.values() if words]
    until = gettext("до {day}").format(day=day_and_month(until_on))
    return " · ".join([*(said or [gettext("любое время")]), until])


def offer_out(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, old_starts_at: datetime | None) -> str:
    """What the operator says to one who waits."""
    if old_starts_at:
        old = old_starts_at.astimezone(zone)
        said = gettext(
            "Освободилось время: могу записать вас {on} в {at} вместо {old_day}, {old_time}. "
            "Закончим {until}. Вам подойдёт?"
        )
        return said.format(**_spoken(starts_at, ends_at, zone), old_day=day_and_month(old), old_time=f"{old:%H:%M}")
    said = gettext("Освободилось время: могу записать вас {on} в {at}. Закончим {until}. Вам подойдёт?")
    return said.format(**_spoken(starts_at, ends_at, zone))


def waits_words(since: date, today: date) -> str:
    """«ждёт 3 дня»"""
    days = (today - since).days
    if not days:
        return gettext("ждёт с сегодня")
    return ngettext("ждёт {days} день", "ждёт {days} дней", days).format(days=days)


def read_out(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, advisor: Advisor | None) -> str:
    """What the operator says aloud before saving."""
    spoken = _spoken(starts_at, ends_at, zone)
    if advisor is None:
        return gettext("Записываю вас {on} в {at}. Закончим {until}. Всё верно?").format(**spoken)
    said = gettext("Записываю вас {on} в {at}. Вас встретит мастер-приёмщик {advisor}. Закончим {until}. Всё верно?")
    return said.format(**spoken, advisor=advisor.full_name or advisor.name)


def _spoken(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> dict[str, str]:
    """«на вторник, 24 ноября,» at «10:28», until «к 11:58» or «в среду, 25 ноября, к 11:58»."""
    begins, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    until = gettext("к {time}") if ends.date() == begins.date() else gettext("{day} к {time}")
    return {
        "on": gettext("{weekday}, {date},").format(weekday=_FOR_WEEKDAYS[begins.weekday()], date=_date_words(begins)),
        "at": f"{begins:%H:%M}",
        "until": until.format(
            day=gettext("{weekday}, {date},").format(weekday=_ON_WEEKDAYS[ends.weekday()], date=_date_words(ends)),
            time=f"{ends:%H:%M}",
        ),
    }


def _date_words(on: date) -> str:
    """«24 ноября»"""
    return gettext("{day} {month}").format(day=on.day, month=MONTHS[on.month - 1])


def day_words(on: date) -> str:
    """«Вт, 24 ноября»"""
    return gettext("{weekday}, {date}").format(weekday=WEEKDAYS[on.weekday()], date=_date_words(on))


def week_words(days: Sequence[date]) -> str:
    """«23–29 ноября», «30 ноября – 6 декабря»."""
    first, last = days[0], days[-1]
    if first.month == last.month:
        return gettext("{first}–{last} {month}").format(first=first.day, last=last.day, month=MONTHS[last.month - 1])
    return f"{_date_words(first)} – {_date_words(last)}"


def hours_words(day: BusinessDay, zone: ZoneInfo) -> str:
    """«открыто 09:00–21:00, обед 13:00–14:00»."""
    if day.opens_at is None or day.closes_at is None:
        return gettext("филиал закрыт")
    if (day.opens_at, day.closes_at) == (day.starts_at, day.ends_at):
        return gettext("открыто круглосуточно")
    hours = _span_words((day.opens_at, day.closes_at), zone)
    if day.lunch is None:
        return gettext("открыто {hours}").format(hours=hours)
    return gettext("открыто {hours}, обед {lunch}").format(hours=hours, lunch=_span_words(day.lunch, zone))


def _span_words(span: tuple[datetime, datetime], zone: ZoneInfo) -> str:
    since, until = span
    return f"{since.astimezone(zone):%H:%M}–{until.astimezone(zone):%H:%M}"


def booked_words(at: datetime, bay: Bay) -> str:
    """«Записан на 24.11, 10:28, Пост 2.»; by the clock that the instant is given in."""
    said = gettext("Записан на {day}, {time}, {bay}.")
    return said.format(day=day_and_month(at), time=f"{at:%H:%M}", bay=bay.name)


def calls_ahead(count: int) -> str:
    said = ngettext(
        "Предстоит {count} звонок — в очереди «Контакты».",
        "Предстоит {count} звонков — в очереди «Контакты».",
        count,
    )
    return said.format(count=count)


def calls_word(count: int) -> str:
    return ngettext("звонок", "звонков", count)


def visits_word(count: int) -> str:
    return ngettext("визит", "визитов", count)
