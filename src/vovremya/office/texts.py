"""Russian words of the pages around the working day."""

from django.utils.translation import gettext_lazy as _

from vovremya.schedule.rules.stranding import Why
from vovremya.visits.rules.settings import Setting

#: What stands outside the schedule, and why.
WHY_OUTSIDE = {
    Why.BAY_RETIRED: _("пост выведен из работы"),
    Why.BRANCH_CLOSED: _("филиал закрыт"),
    Why.BAY_CLOSED: _("пост закрыт"),
    Why.LUNCH: _("обед"),
    Why.OTHER_GROUP: _("эти работы делают на других постах"),
    Why.ADVISOR_AWAY: _("мастер-приёмщик не принимает"),
}
SETTING_TITLES = {
    Setting.WEEK_HOURS: _("Часы работы"),
    Setting.EXCEPTION: _("Особый день"),
    Setting.BAY: _("Пост"),
    Setting.BAY_HOURS: _("Часы поста"),
    Setting.GROUP: _("Группа постов"),
    Setting.ADVISOR: _("Мастер-приёмщик"),
    Setting.SHIFTS: _("Смены"),
    Setting.PAUSE: _("Пауза между записями"),
    Setting.WORK_GROUPS: _("Где делают"),
    Setting.REMINDERS: _("Напоминания о визите"),
    Setting.NORM: _("Норма"),
}
NEW_TITLES = {
    Setting.EXCEPTION: _("Новый особый день"),
    Setting.BAY: _("Новый пост"),
    Setting.GROUP: _("Новая группа постов"),
    Setting.ADVISOR: _("Новый мастер-приёмщик"),
}
SETTING_SAVED = _("Настройки сохранены.")
SETTING_TAKEN_BACK = _("Возвращено, как было.")
