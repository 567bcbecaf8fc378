"""Russian words of the board and its windows; refusals of every part come together here."""

from vovremya.customers import texts as customers_texts
from vovremya.directory import texts as directory_texts
from vovremya.visits import texts as visits_texts

REFUSALS = customers_texts.REFUSALS | directory_texts.REFUSALS | visits_texts.REFUSALS

WEEKDAYS = ("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс")
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
    ("expected", "ожидается"),
    ("late", "опаздывает"),
    ("overdue", "срок контакта нарушен"),
    ("grounds", "основание для удаления"),
    ("arrived", "прибыл"),
    ("in_work", "в работе"),
    ("done", "завершён"),
)

#: The filter by state: several states under one word.
STATE_FILTERS = (
    ("late overdue waiting retry_due grounds undecided late_after_closing retry_after_closing", "Опаздывают"),
    ("overdue", "Срок нарушен"),
    ("planned", "По плану"),
    ("expected", "Ожидаются"),
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

HISTORY = {
    "visit_booked": "Записан на {starts_at:day_time}, {bay}",
    "visit_moved": "Перенесён с {old_starts_at:day_time} ({old_bay}) на {starts_at:day_time} ({bay})",
    "visit_changed": "Изменены сведения о записи",
    "client_arrived": "Клиент прибыл",
    "arrival_undone": "Отметка «Прибыл» отменена",
    "work_started": "Работа начата",
    "work_ended": "Работа завершена",
    "no_show_marked": "Отмечена неявка",
    "visit_removed": "Запись удалена: {reason}",
    "visit_restored": "Запись восстановлена на {starts_at:day_time}, {bay}",
    "card_opened": "Открыта карточка контакта",
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
}
UNDONE = {
    "work_started": "Начало работы отменено",
    "work_ended": "Завершение работы отменено",
    "no_show_marked": "Неявка отменена",
}
