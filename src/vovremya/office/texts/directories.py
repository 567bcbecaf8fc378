"""Russian words of the directories: reasons, the script, the minutes and attempts, zones, holidays."""

from django.utils.translation import gettext_lazy as _

from vovremya.directory.models import RemovalReason, ScriptStep
from vovremya.schedule.rules.holidays import Holiday

_Moment = ScriptStep.Moment

REASON_GROUPS = {
    RemovalReason.Group.CLIENT: _("Клиент"),
    RemovalReason.Group.NO_CONTACT: _("Нет связи"),
    RemovalReason.Group.STATION: _("Станция"),
    RemovalReason.Group.TECHNICAL: _("Технические"),
}
#: What must be there before a visit is removed for a reason of the group.
REASON_GROUNDS = {
    RemovalReason.Group.CLIENT: _("удаляют со слов самого клиента"),
    RemovalReason.Group.NO_CONTACT: _("удаляют, когда не дозвонились или клиент не приехал"),
    RemovalReason.Group.STATION: _("удаляет мастер или старший смены; оператор — если отмечено ниже"),
    RemovalReason.Group.TECHNICAL: _("удаляет мастер или старший смены; оператор — если отмечено ниже"),
}

#: A step of the conversation: its name, and when it is said.
MOMENTS = {
    _Moment.GREETING: (_("Приветствие"), _("в начале звонка")),
    _Moment.CALL_BACK: (_("Перезвонить"), _("если говорить неудобно")),
    _Moment.LATE: (_("Опоздание"), _("клиент опаздывает")),
    _Moment.SHIFTED: (_("Сдвиг"), _("станция перенесла запись")),
    _Moment.REMIND: (_("Напоминание"), _("перед визитом")),
    _Moment.ETA: (_("Когда приедет"), _("вопрос опоздавшему")),
    _Moment.NEAR: (_("Скоро будет"), _("приедет в пределах срока")),
    _Moment.FITS: (_("Примем позже"), _("будет позже, и пост успевает")),
    _Moment.MOVE: (_("Другое время"), _("предложить два окна")),
    _Moment.REFUSAL: (_("Отказ"), _("клиент отказывается")),
    _Moment.COMING: (_("Прощание: едет"), _("клиент приедет")),
    _Moment.GOODBYE: (_("Прощание"), _("клиент не приедет сейчас")),
}
#: What stands in braces and is filled in during the call.
PLACEHOLDERS = {
    "client_name": _("имя и отчество клиента"),
    "operator": _("имя оператора"),
    "branch": _("название филиала"),
    "time": _("время записи"),
    "day": _("день записи"),
    "car": _("автомобиль"),
    "late_min": _("на сколько минут опаздывает"),
    "advisor": _("мастер-приёмщик"),
    "eta": _("когда клиент приедет"),
    "known_time": _("время до переноса"),
    "t1": _("начало на том же посту"),
    "t2": _("конец на том же посту"),
    "slot_1": _("первое свободное окно"),
    "slot_2": _("второе свободное окно"),
}
#: The visit of the preview.
SAMPLE = {
    "client_name": _("Анна Викторовна"),
    "time": "10:00",
    "day": _("завтра"),
    "car": "Hyundai Solaris",
    "late_min": "12",
    "advisor": _("Орлов Виктор Ильич"),
    "eta": "10:25",
    "known_time": "09:30",
    "t1": "10:40",
    "t2": "12:10",
    "slot_1": _("сегодня в 15:00"),
    "slot_2": _("завтра в 09:30"),
}
STEP_REMOVED = _("Шаг убран.")
SCRIPT_COPIED = _("Сценарий взят из другого филиала.")

#: Of a policy: its name, and what follows from it.
MINUTES = {
    "late_after_minutes": (
        _("Опаздывает через, мин"),
        _("Столько минут после начала визита клиента ещё ждут; потом полоса записи желтеет."),
    ),
    "contact_within_minutes": (
        _("Позвонить в течение, мин"),
        _("Столько минут есть на первый звонок опоздавшему; потом срок контакта нарушен."),
    ),
    "retry_after_minutes": (
        _("Повторный звонок через, мин"),
        _("Столько минут ждут после неудачного звонка."),
    ),
    "attempts": (
        _("Попыток до удаления"),
        _("Столько неудачных звонков — основание удалить запись."),
    ),
    "near_within_minutes": (
        _("Ждать на месте, мин"),
        _("Кто приедет за столько минут, того ждут на его посту; кто позже, тому подбирают время."),
    ),
}
VOICEMAIL = (
    _("Автоответчик считать неудачным звонком"),
    _("Не отмечено — звонок, на который ответил автоответчик, попыткой не станет."),
)

#: The zones of Russia by the clock, from west to east.
ZONES = {
    "Europe/Kaliningrad": _("Калининград"),
    "Europe/Moscow": _("Москва"),
    "Europe/Samara": _("Самара"),
    "Asia/Yekaterinburg": _("Екатеринбург"),
    "Asia/Omsk": _("Омск"),
    "Asia/Novosibirsk": _("Новосибирск"),
    "Asia/Krasnoyarsk": _("Красноярск"),
    "Asia/Irkutsk": _("Иркутск"),
    "Asia/Yakutsk": _("Якутск"),
    "Asia/Vladivostok": _("Владивосток"),
    "Asia/Magadan": _("Магадан"),
    "Asia/Kamchatka": _("Камчатка"),
}
BRANCH_OPENED = _("Филиал открыт.")

HOLIDAYS = {
    Holiday.NEW_YEAR: _("Новогодние каникулы"),
    Holiday.CHRISTMAS: _("Рождество Христово"),
    Holiday.DEFENDER: _("День защитника Отечества"),
    Holiday.WOMEN: _("Международный женский день"),
    Holiday.LABOUR: _("Праздник Весны и Труда"),
    Holiday.VICTORY: _("День Победы"),
    Holiday.RUSSIA: _("День России"),
    Holiday.UNITY: _("День народного единства"),
    Holiday.CARRIED: _("Перенесённый выходной"),
    Holiday.EVE: _("Предпраздничный день"),
}
HOLIDAYS_TAKEN = _("Праздничные дни внесены.")
