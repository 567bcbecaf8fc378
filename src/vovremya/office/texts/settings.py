"""Russian words of the settings: what each is, and what stands outside of them."""

from vovremya.schedule.rules.stranding import Why
from vovremya.visits.rules.settings import Setting

#: What stands outside the schedule, and why.
WHY_OUTSIDE = {
    Why.BAY_RETIRED: "пост выведен из работы",
    Why.BRANCH_CLOSED: "филиал закрыт",
    Why.BAY_CLOSED: "пост закрыт",
    Why.LUNCH: "обед",
    Why.OTHER_GROUP: "эти работы делают на других постах",
    Why.ADVISOR_AWAY: "мастер-приёмщик не принимает",
}
SETTING_TITLES = {
    Setting.WEEK_HOURS: "Часы работы",
    Setting.EXCEPTION: "Особый день",
    Setting.BAY: "Пост",
    Setting.BAY_HOURS: "Часы поста",
    Setting.GROUP: "Группа постов",
    Setting.ADVISOR: "Мастер-приёмщик",
    Setting.SHIFTS: "Смены",
    Setting.PAUSE: "Пауза между записями",
    Setting.WORK_GROUPS: "Где делают",
    Setting.REMINDERS: "Напоминания о визите",
    Setting.NORM: "Норма",
}
NEW_TITLES = {
    Setting.EXCEPTION: "Новый особый день",
    Setting.BAY: "Новый пост",
    Setting.GROUP: "Новая группа постов",
    Setting.ADVISOR: "Новый мастер-приёмщик",
}
SETTING_SAVED = "Настройки сохранены."
SETTING_TAKEN_BACK = "Возвращено, как было."
