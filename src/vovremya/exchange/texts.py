"""Russian words of import and export, by code."""

from collections.abc import Iterable

from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.rows import Problem
from vovremya.kernel.refusal import Refusal

COLUMNS = {
    Column.RECORD: "№ записи",
    Column.DATE: "Дата",
    Column.TIME: "Время",
    Column.START: "Начало",
    Column.FINISH: "Окончание",
    Column.LASTS: "Длительность",
    Column.NORM: "Н/ч",
    Column.BAY: "Пост",
    Column.CLIENT: "Клиент",
    Column.PHONE: "Телефон",
    Column.CAR: "Автомобиль",
    Column.MAKE: "Марка",
    Column.MODEL: "Модель",
    Column.PLATE: "Госномер",
    Column.VIN: "VIN",
    Column.REASON: "Причина обращения",
    Column.WORKS: "Работы",
    Column.REPAIR_KIND: "Вид ремонта",
    Column.ADVISOR: "Мастер",
    Column.COMMENT: "Комментарий",
}

PROBLEMS = {
    "bay_missing": "Пост не указан",
    "bay_unknown": "Поста «{value}» нет в филиале",
    "car_missing": "Не указано ни автомобиля, ни госномера, ни VIN",
    "cell_too_long": "Слишком длинный текст: «{value}»",
    "client_missing": "Клиент не указан",
    "date_missing": "Дата не указана",
    "date_unreadable": "Дату «{value}» не разобрать",
    "duration_negative": "Длительность меньше нуля: «{value}»",
    "duration_too_long": "Длительность больше 31 дня: «{value}»",
    "duration_unreadable": "Длительность «{value}» не разобрать",
    "duration_zero": "Длительность равна нулю: «{value}»",
    "finish_before_start": "Окончание раньше начала: «{value}»",
    "moment_unreadable": "Дату и время «{value}» не разобрать",
    "time_missing": "Время не указано",
    "time_skipped": "Времени {value} в этот день нет: часы переводят вперёд",
    "time_unreadable": "Время «{value}» не разобрать",
}

REMARKS = {
    "advisor_unknown": "Мастера «{value}» нет в филиале; загружено без мастера",
    "duration_assumed": "Длительность не указана; взят 1 час",
    "phone_unreadable": "Телефон «{value}» не разобрать; загружено без него",
    "vin_unreadable": "VIN «{value}» не разобрать; загружено без него",
}

FILE_REFUSALS = {
    "columns_missing": "В таблице нет колонок: {columns}.",
    "encoding_unknown": "Не удалось понять кодировку файла. Сохраните его в UTF-8 или Windows-1251.",
    "file_broken": "Файл повреждён или обрезан.",
    "file_empty": "Файл пуст.",
    "file_encrypted": "Файл защищён паролем. Снимите пароль и сохраните файл заново.",
    "file_foreign": "Это не таблица. Нужен файл XLSX, XLS, ODS или CSV.",
    "file_is_page": "Это веб-страница под именем таблицы. Откройте её в Excel и сохраните как XLSX.",
    "file_missing": "Файла «{name}» нет.",
    "file_too_large": "Файл больше {megabytes} МБ.",
    "file_too_large_unpacked": "Файл в распакованном виде больше {megabytes} МБ.",
    "file_unreadable": "Файл «{name}» не открывается.",
    "heading_missing": "Не найдена строка заголовков: нужны колонки «Дата», «Пост», «Клиент».",
    "table_broken": "Таблица повреждена: слишком длинная ячейка или незакрытая кавычка.",
    "table_too_large": "Таблица больше {rows} строк или {columns} колонок.",
}


def problem_text(problem: Problem) -> str:
    return (PROBLEMS | REMARKS)[problem.code].format(value=problem.value)


def file_refusal_text(refusal: Refusal) -> str:
    facts = dict(refusal.facts)
    columns = facts.get("columns")
    if isinstance(columns, Iterable):
        facts["columns"] = ", ".join(f"«{COLUMNS[column]}»" for column in columns)
    return FILE_REFUSALS[refusal.code].format(**facts)
