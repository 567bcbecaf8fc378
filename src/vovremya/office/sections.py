"""The pages around the working day, in the order of their tabs, and who may open each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vovremya.directory.rules import Right
from vovremya.visits.actions.branch_settings import EDITORS, NETWORK_EDITORS


@dataclass(frozen=True)
class Section:
    """`name` is also that of its address, which takes the code of a branch."""

    name: str
    words: str | Promise
    sign: str  # see icons.json
    rights: Collection[Right]  # any of them


SECTIONS: Sequence[Section] = (
    Section("settings", _("Филиал"), "branch", EDITORS),
    Section("directories", _("Справочники"), "journal", EDITORS),
    Section("staff", _("Сотрудники"), "client", {Right.SEE_STAFF}),
    Section("imports", _("Импорт"), "import", (Right.IMPORT,)),
    Section("calendars", _("Календари"), "calendar", (Right.EDIT_BRANCH,)),
    Section("attention", _("Требует внимания"), "alert", {Right.LOOK_OVER}),
    Section("access_log", _("Журнал доступа"), "eye", {Right.SEE_ACCESS_LOG}),
    Section("personal", _("Персональные данные"), "lock", (Right.EDIT_NETWORK, Right.ANSWER_PERSON)),
    Section("branches", _("Филиалы"), "branches", NETWORK_EDITORS),
    Section("start", _("Начало работы"), "check", (Right.EDIT_NETWORK,)),
)


def open_sections(rights: frozenset[Right]) -> list[Section]:
    return [section for section in SECTIONS if not rights.isdisjoint(section.rights)]
