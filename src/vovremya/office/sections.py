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
    Section("branches", _("Филиалы"), "branches", NETWORK_EDITORS),
)


def open_sections(rights: frozenset[Right]) -> list[Section]:
    return [section for section in SECTIONS if not rights.isdisjoint(section.rights)]
