"""Russian words of the people who work here and of how they get in."""

from django.utils.translation import gettext_lazy as _

from vovremya.directory.rules import AccessChange

CHANGES = {
    AccessChange.TAKEN_ON: _("Заведён вход"),
    AccessChange.NAMED: _("Имя и логин"),
    AccessChange.ROLES: _("Роли"),
    AccessChange.STATE: _("Вход"),
    AccessChange.INVITED: _("Выдано приглашение, прежний пароль отменён"),
    AccessChange.TEMPORARY_PASSWORD: _("Выдан временный пароль"),
    AccessChange.PASSWORD: _("Задан новый пароль"),
    AccessChange.SECOND_STEP_ON: _("Настроен второй шаг входа"),
    AccessChange.SECOND_STEP_OFF: _("Отключён второй шаг входа"),
    AccessChange.SESSIONS_ENDED: _("Завершены сеансы"),
}
STATES = {True: _("включён"), False: _("отключён")}

#: By the words that browsers and systems say of themselves, the more telling first.
_BROWSERS = (
    ("YaBrowser/", _("Яндекс Браузер")),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_words(said: str) -> str:
    """«Chrome, Windows»: enough to know one's own again."""
    known = [next((str(name) for mark, name in names if mark in said), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, known))
