"""Words of import and export, by code."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vovremya.exchange.models import ImportRow, ImportRun
from vovremya.exchange.queries import Named
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.rules.rows import Problem, RowRead
from vovremya.kernel.refusal import Refusal
from vovremya.ui.dates import date_and_time
from vovremya.visits.rules.words import Status
from vovremya.visits.texts import STATUSES

Source, Stage, State = ImportRun.Source, ImportRun.Stage, ImportRow.State

COLUMNS = {
    Column.RECORD: _("№ записи"),
    Column.DATE: _("Дата"),
    Column.TIME: _("Время"),
    Column.START: _("Начало"),
    Column.FINISH: _("Окончание"),
    Column.LASTS: _("Длительность"),
    Column.NORM: _("Н/ч"),
    Column.BAY: _("Пост"),
    Column.CLIENT: _("Клиент"),
    Column.PHONE: _("Телефон"),
    Column.CAR: _("Автомобиль"),
    Column.MAKE: _("Марка"),
    Column.MODEL: _("Модель"),
    Column.PLATE: _("Госномер"),
    Column.VIN: "VIN",
    Column.REASON: _("Причина обращения"),
    Column.WORKS: _("Работы"),
    Column.REPAIR_KIND: _("Вид ремонта"),
    Column.ADVISOR: _("Мастер"),
    Column.COMMENT: _("Комментарий"),
}

ROW_TITLE = _("Строка в исходном файле")
REASON_TITLE = _("Почему не загружено")

COUNTS = {
    "imported": _("загружено"),
    "changed": _("изменено"),
    "unchanged": _("без изменений"),
    "refused": _("не загружено"),
}
COUNTS_PREVIEWED = {
    "imported": _("пробный прогон, ничего не записано: загрузилось бы"),
    "changed": _("изменилось бы"),
    "unchanged": _("без изменений"),
    "refused": _("не загрузилось бы"),
}

PROBLEMS = {
    "bay_missing": _("Пост не указан"),
    "bay_taken": _("Пост занят: {value}"),
    "bay_taken_by_closure": _("Пост закрыт: {value}"),
    "bay_taken_by_hold": _("Это время сейчас держит оператор для другой записи; попробуйте ещё раз"),
    "bay_unknown": _("Поста «{value}» нет в филиале"),
    "changed_meanwhile": _("Во время импорта эту запись или этот пост изменили; импортируйте строку ещё раз"),
    "car_missing": _("Не указано ни автомобиля, ни госномера, ни VIN"),
    "cell_too_long": _("Слишком длинный текст: «{value}»"),
    "client_missing": _("Клиент не указан"),
    "date_missing": _("Дата не указана"),
    "date_unreadable": _("Дату «{value}» не разобрать"),
    "duration_negative": _("Длительность меньше нуля: «{value}»"),
    "duration_too_long": _("Длительность больше 31 дня: «{value}»"),
    "duration_unreadable": _("Длительность «{value}» не разобрать"),
    "duration_zero": _("Длительность равна нулю: «{value}»"),
    "finish_before_start": _("Окончание раньше начала: «{value}»"),
    "moment_unreadable": _("Дату и время «{value}» не разобрать"),
    "record_repeated": _("Запись с этим номером уже есть в строке {value}"),
    "touched_meanwhile": _("Запись успели изменить, или её прежнее время занято; оставлена как есть"),
    "time_missing": _("Время не указано"),
    "time_skipped": _("Времени {value} в этот день нет: часы переводят вперёд"),
    "time_unreadable": _("Время «{value}» не разобрать"),
}

REMARKS = {
    "already_in_program": _("Такая запись уже сделана в программе; оставлена как есть"),
    "advisor_unknown": _("Мастера «{value}» нет в филиале; загружено без мастера"),
    "duration_assumed": _("Длительность не указана; взят 1 час"),
    "not_planned": _("Запись уже не по плану ({value}); оставлена как есть"),
    "phone_unreadable": _("Телефон «{value}» не разобрать; загружено без него"),
    "vin_unreadable": _("VIN «{value}» не разобрать; загружено без него"),
}

FILE_REFUSALS = {
    "columns_missing": _("В таблице нет колонок: {columns}."),
    "file_came_in_parts": _("Файл пришёл не целиком. Загрузите его ещё раз."),
    "import_failed": _("Внутренняя ошибка: импорт остановлен. Подробности — в журнале сервера."),
    "import_touched": _("С записями этого импорта уже работали: отменить его целиком нельзя."),
    "import_went_on": _("Файл уже загружен или остановлен. Загрузите его ещё раз."),
    "not_allowed": _("У того, кто начал импорт, больше нет на него права."),
    "too_many_unfinished": _("Уже лежат {count} незаконченных импортов: закончите их или остановите."),
    "encoding_unknown": _("Не удалось понять кодировку файла. Сохраните его в UTF-8 или Windows-1251."),
    "file_broken": _("Файл повреждён или обрезан."),
    "file_empty": _("Файл пуст."),
    "file_encrypted": _("Файл защищён паролем. Снимите пароль и сохраните файл заново."),
    "file_foreign": _("Это не таблица. Нужен файл XLSX, XLS, ODS или CSV."),
    "file_is_page": _("Это веб-страница под именем таблицы. Откройте её в Excel и сохраните как XLSX."),
    "file_missing": _("Файла «{name}» нет."),
    "file_too_large": _("Файл больше {megabytes} МБ."),
    "file_too_large_unpacked": _("Файл в распакованном виде больше {megabytes} МБ."),
    "file_unreadable": _("Файл «{name}» не открывается."),
    "heading_missing": _("Не найдена строка заголовков: нужны колонки «Дата», «Пост», «Клиент»."),
    "table_broken": _("Таблица повреждена: слишком длинная ячейка или незакрытая кавычка."),
    "table_too_large": _("Таблица больше {rows} строк или {columns} колонок."),
}


_NOTES = {
    "advisor_unknown": _("Мастер из файла: {value}"),
    "phone_unreadable": _("Телефон из файла: {value}"),
    "vin_unreadable": _("VIN из файла: {value}"),
}


def problem_text(problem: Problem) -> str:
    value = STATUSES[Status(problem.value)] if problem.code == "not_planned" else problem.value
    return str((PROBLEMS | REMARKS)[problem.code]).format(value=value)


def comment_with_remarks(row: RowRead) -> str:
    """What could not be read is kept in the visit's comment."""
    notes = [_NOTES[remark.code].format(value=remark.value) for remark in row.remarks if remark.code in _NOTES]
    return "; ".join([row.comment, *notes] if row.comment else notes)


CALENDAR_PROBLEMS = {
    "calendar_name_empty": _("Назовите, для кого ссылка: по имени её потом отзывают."),
    "calendar_subject_unknown": _("Выберите пост или мастера."),
}
#: Where an import stands, for the list of them.
STAGES = {
    Stage.UPLOADING: _("файл загружается"),
    Stage.LOOKING: _("файл читается"),
    Stage.HEADINGS: _("ждёт: что в колонках"),
    Stage.READING: _("строки читаются"),
    Stage.CHECKING: _("пробный прогон"),
    Stage.CHECKED: _("проверен, ждёт загрузки"),
    Stage.APPLYING: _("загружается"),
    Stage.DONE: _("загружен"),
    Stage.STOPPED: _("остановлен"),
    Stage.REFUSED: _("файл не принят"),
    Stage.TAKING_BACK: _("отменяется"),
    Stage.TAKEN_BACK: _("отменён"),
}
SOURCES = {
    Source.BROWSER: _("в браузере"),
    Source.FOLDER: _("из папки"),
    Source.CONSOLE: _("командой"),
}
ROW_STATES = {
    State.STAGED: _("не дошла очередь"),
    State.DEFERRED: _("ждёт места"),
    State.IMPORTED: _("новые"),
    State.CHANGED: _("изменены"),
    State.UNCHANGED: _("без изменений"),
    State.REFUSED: _("не загружены"),
    State.TAKEN_BACK: _("убраны"),
    State.KEPT: _("остались"),
}
#: Of the trial run.
ROW_STATES_FORESEEN = {
    **ROW_STATES,
    State.IMPORTED: _("будут новыми"),
    State.CHANGED: _("изменятся"),
    State.REFUSED: _("не загрузятся"),
}
#: Of a single row.
ROW_STATE = {
    State.STAGED: _("не дошла очередь"),
    State.DEFERRED: _("ждёт места"),
    State.IMPORTED: _("новая"),
    State.CHANGED: _("изменена"),
    State.UNCHANGED: _("без изменений"),
    State.REFUSED: _("не загружена"),
    State.TAKEN_BACK: _("убрана"),
    State.KEPT: _("осталась"),
}
ROW_STATE_FORESEEN = {
    **ROW_STATE,
    State.IMPORTED: _("будет новой"),
    State.CHANGED: _("изменится"),
    State.REFUSED: _("не загрузится"),
}


def taken_back_words(run: ImportRun) -> str:
    """The comment of the removals."""
    return gettext("Отмена импорта № {number}: {file}").format(number=run.pk, file=run.file_name)


def stage_words(run: ImportRun) -> str:
    """One at the console may have been broken off: nobody knows of it but whoever sits there."""
    if run.source == Source.CONSOLE and run.stage == Stage.APPLYING:
        return str(_("идёт командой или прерван"))
    return str(STAGES[Stage(run.stage)])


def why_refused(run: ImportRun) -> str:
    """In words; empty where it was not."""
    if not run.refusal:
        return ""
    return file_refusal_text(Refusal(run.refusal["code"], **run.refusal["facts"]))


def report_words(run: ImportRun) -> str:
    """What became of a file from the folder, for whoever finds it put away."""
    counts = ", ".join(f"{words} {run.counts.get(state, 0)}" for state, words in COUNTS.items())
    told = [f"{run.file_name}: {stage_words(run)}.", why_refused(run), counts if run.counts else ""]
    return " ".join(filter(None, told))


def visit_named(visit: Named, bays: Mapping[int, str], zone: ZoneInfo) -> str:
    """«запись № ЗН-1, М347ВС77, 01.12.2026 10:28–11:58, Пост 2»."""
    starts_at, ends_at = visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone)
    ends = f"{ends_at:%H:%M}" if starts_at.date() == ends_at.date() else date_and_time(ends_at)
    number = gettext("запись № {number}").format(number=visit.number) if visit.number else gettext("запись этого файла")
    parts = (number, visit.plate, f"{date_and_time(starts_at)}–{ends}", bays[visit.bay])
    return ", ".join(part for part in parts if part)


def file_refusal_text(refusal: Refusal) -> str:
    facts = dict(refusal.facts)
    columns = facts.get("columns")
    if isinstance(columns, Iterable):
        facts["columns"] = ", ".join(f"«{COLUMNS[column]}»" for column in columns)
    return str(FILE_REFUSALS[refusal.code]).format(**facts)
