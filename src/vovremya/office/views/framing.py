"""The frame of the office: that of every page, with the tabs of those sections that are open to who looks."""

from vovremya.board.views.answering import Desk
from vovremya.board.views.pages import frame
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right, rights_of
from vovremya.office.queries.attention import count_of_matters
from vovremya.office.sections import open_sections


def office_frame(desk: Desk, branch: Branch, tab: str) -> dict[str, object]:
    """`tab` is the name of one of `SECTIONS`."""
    rights = rights_of(desk.actor.roles.get(branch.pk, frozenset()))
    return {
        **frame(desk, branch, "office"),
        "tabs": open_sections(rights),
        "tab": tab,
        "zone": branch.zone,
        "matters_waiting": count_of_matters(branch.pk) if Right.LOOK_OVER in rights else 0,
    }
