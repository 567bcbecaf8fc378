"""Writes docs/rights.md from the table of rights. Run by `make docs`; a test compares the two."""

from pathlib import Path

from django.conf import settings

from vovremya.directory.rules import RIGHTS, Right, Role
from vovremya.directory.texts import RIGHTS as RIGHT_NAMES
from vovremya.directory.texts import ROLES

PAGE = Path(__file__).parents[1] / "docs" / "rights.md"

HEAD = """\
# Who may do what

Made by `make docs` from `RIGHTS` in `src/vovremya/directory/rules.py`, the table that every check uses.
A role is held in a branch and gives its rights in that branch alone; what lies in other branches does not
exist for its holder. One who holds several roles has the rights of each.
"""


def page() -> str:
    head = ["Right", "", *(f"{ROLES[role]}<br>`{role}`" for role in Role)]
    rows = [
        [str(RIGHT_NAMES[right]), f"`{right}`", *("✓" if right in RIGHTS[role] else "" for role in Role)]
        for right in Right
    ]
    line = ["---", "---", *(":-:" for _ in Role)]
    return HEAD + "\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in (head, line, *rows)) + "\n"


if __name__ == "__main__":
    settings.configure(USE_I18N=False)  # the names as they stand in the code
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
