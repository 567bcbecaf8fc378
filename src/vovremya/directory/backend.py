"""Who may sign in, asked at the login and again at every request."""

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from vovremya.directory.models import User


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
        user = User.objects.filter(pk=user_id).first()
        return user if user and _may_be_signed_in(user) else None


def _may_be_signed_in(user: User) -> bool:
    """The demo's logins have a public password: no other start may let them in."""
    return user.is_active and (settings.DEMO or not user.is_demo)
