"""Russian words of the settings: what each is, and what stands outside of them."""

from django.utils.translation import gettext_lazy as _

from vovremya.schedule.rules.stranding import Why
from vovremya.visits.rules.settings import Setting

#: What stands outside the schedule, and why.
WHY_OUTSIDE = {
    Why.BRANCH_RETIRED: _("филиал выведен из работы"),
    Why.BAY_RETIRED: _("пост выведен из работы"),
    Why.BRANCH_CLOSED: _("филиал закрыт"),
    Why.BAY_CLOSED: _("пост закрыт"),
    Why.BAY_OUT_OF_USE: _("пост не работает"),
    Why.LUNCH: _("обед"),
    Why.OTHER_GROUP: _("эти работы делают на других постах"),
    Why.ADVISOR_AWAY: _("мастер-приёмщик не принимает"),
}
SETTING_TITLES = {
    Setting.WEEK_HOURS: _("Часы работы"),
    Setting.EXCEPTION: _("Особый день"),
    Setting.BAY: _("Пост"),
    Setting.BAY_ORDER: _("Порядок постов"),
    Setting.BAY_HOURS: _("Часы поста"),
    Setting.CLOSURES: _("Пост не работает"),
    Setting.GROUP: _("Группа постов"),
    Setting.GROUP_ORDER: _("Порядок групп постов"),
    Setting.ADVISOR: _("Мастер-приёмщик"),
    Setting.SHIFTS: _("Смены"),
    Setting.PAUSE: _("Пауза между записями"),
    Setting.WORK_GROUPS: _("Где делают"),
    Setting.REMINDERS: _("Напоминания о визите"),
    Setting.SECOND_STEP: _("Второй шаг входа"),
    Setting.SCRIPT: _("Сценарий разговора"),
    Setting.POLICY: _("Сроки и попытки"),
    Setting.BRANCH: _("Филиал"),
    Setting.ZONE: _("Часовой пояс, время на часах прежнее"),
    Setting.ZONE_OF_INSTANTS: _("Часовой пояс, момент визита прежний"),
    Setting.WORK: _("Работа"),
    Setting.WORK_ORDER: _("Порядок работ"),
    Setting.LATE_REASON: _("Причина опоздания"),
    Setting.LATE_REASON_ORDER: _("Порядок причин опоздания"),
    Setting.REMOVAL_REASON: _("Причина удаления"),
    Setting.REMOVAL_REASON_ORDER: _("Порядок причин удаления"),
    Setting.BRANCH_ORDER: _("Порядок филиалов"),
}
NEW_TITLES = {
    Setting.EXCEPTION: _("Новый особый день"),
    Setting.BAY: _("Новый пост"),
    Setting.GROUP: _("Новая группа постов"),
    Setting.ADVISOR: _("Новый мастер-приёмщик"),
    Setting.WORK: _("Новая работа"),
    Setting.LATE_REASON: _("Новая причина опоздания"),
    Setting.REMOVAL_REASON: _("Новая причина удаления"),
}
#: Where the window asks what the title of the change then says.
WINDOW_TITLES = {Setting.ZONE: _("Часовой пояс")}
SETTING_SAVED = _("Настройки сохранены.")
SETTING_TAKEN_BACK = _("Возвращено, как было.")
ORDER_CHANGED = _("Порядок изменён.")
ORDER_CHANGED_MEANWHILE = _("Пока вы переставляли, список изменили. Он показан заново: переставьте ещё раз.")
