"""Whoever takes the program into use."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare

from vovremya.directory.actions import add_user, lock_installation
from vovremya.directory.actions.access import check_password_fits
from vovremya.directory.actions.staff import Names, keep
from vovremya.directory.models import StaffChange, User
from vovremya.directory.queries import first_code, has_staff
from vovremya.directory.rules import PROGRAM, AccessChange, code_as_typed
from vovremya.kernel.refusal import BadInput, NotFound


def take_on_first_administrator(names: Names, password: str, code: str, *, now: datetime) -> User:
    """Whoever knows the code that the console told. Roles come with the first branch.

    Raises a refusal at its field, `NotFound` where somebody works here already.
    """
    names = names.trimmed
    with transaction.atomic():
        lock_installation()
        if has_staff():
            raise NotFound
        if not constant_time_compare(code_as_typed(code), code_as_typed(first_code())):
            raise BadInput({"code": "first_code_wrong"})
        user = add_user(**asdict(names), password=password, roles={}, actor=PROGRAM)
        check_password_fits(user, password, "password")
        keep(StaffChange(person=user, what=AccessChange.TAKEN_ON, after=asdict(names)), PROGRAM, now)
    return user
