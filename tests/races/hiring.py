"""Who races: a login a process. Models are imported by the function: see `arena`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cast import Cast
    from vovremya.directory.rules import Role


def hire_desks(cast: "Cast", count: int, role: "Role", name: str) -> None:
    """As many of one role as race, `desk0` and so on."""
    from vovremya.directory.actions import add_user
    from vovremya.directory.rules import PROGRAM

    for number in range(count):
        add_user(
            username=f"desk{number}",
            full_name=f"{name} {number}",
            short_name=f"{name} {number}",
            password="right password",
            roles={cast.branch.pk: [role]},
            actor=PROGRAM,
        )
