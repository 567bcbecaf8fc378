"""Who may sign in, asked at the login and again at every request."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db import connection
from django.http import HttpRequest

from vovremya.directory.models import User
from vovremya.directory.rules import Role

# In the order of the model; SQLite gives the flags as 0 and 1.
_FIELDS: tuple[str, ...] = ("id", "password", "username", "full_name", "short_name", "is_active", "is_demo", "is_muted")
_FIELDS += ("language", "session_generation", "temporary_until", "owes_second_step")
#: One query of every page: the user with the roles held now.
_USER = f"""
SELECT {", ".join(f"u.{name}" for name in _FIELDS)}, m.branch_id, m.role
  FROM directory_user u LEFT JOIN directory_membership m ON m.user_id = u.id
 WHERE u.id = %s
"""  # noqa: S608  # names of our own


class StaffBackend(BaseBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_others: object,
    ) -> User | None:
        if username is None or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            # Hash all the same: the time of the answer must not tell which logins exist.
            User().set_password(password)
            return None
        return user if user.check_password(password) and _may_be_signed_in(user) else None

    def get_user(self, user_id: int) -> User | None:
        with connection.cursor() as cursor:
            cursor.execute(_USER, [user_id])
            rows = cursor.fetchall()
        if not rows:
            return None
        user = User.from_db(connection.alias, _FIELDS, rows[0][: len(_FIELDS)])
        user.roles_read = roles_by_branch(row[len(_FIELDS) :] for row in rows if row[-1])
        return user if _may_be_signed_in(user) else None


def roles_by_branch(held: Iterable[tuple[int, str]]) -> Mapping[int, frozenset[Role]]:
    roles: dict[int, frozenset[Role]] = {}
    for branch_id, role in held:
        roles[branch_id] = roles.get(branch_id, frozenset()) | {Role(role)}
    return roles


def _may_be_signed_in(user: User) -> bool:
    """The demo's logins have a public password: no other start may let them in."""
    return user.is_active and (settings.DEMO or not user.is_demo)
