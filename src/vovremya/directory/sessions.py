"""Sessions as Django keeps them in the database, each with whose it is and where it was begun.

Read by a statement of our own: every page begins with it.
"""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import auth
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.db import DatabaseError, connection
from django.http import HttpRequest

from vovremya.directory.backend import StaffBackend
from vovremya.directory.models import Session, User
from vovremya.directory.rules import Debt
from vovremya.kernel import clock

#: A page that is read writes this seldom when it was.
SEEN_EVERY = timedelta(minutes=10)
_BACKEND = f"{StaffBackend.__module__}.{StaffBackend.__qualname__}"
_BEGAN, _OWES = "_began", "_owes_second_step"
_READ = "SELECT session_data, seen_at < %s FROM directory_session WHERE session_key = %s AND expire_date > %s"

#: No fact, as nothing of a session is.
_SEEN = "UPDATE directory_session SET seen_at = %s WHERE session_key = %s"


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        found = _session_data(self.session_key, clock.real_now()) if self.session_key else None
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        now = clock.real_now()
        began = data.get(_BEGAN, {})
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.began_at = datetime.fromisoformat(began["at"]) if began else now
        row.seen_at = now
        row.address, row.device = began.get("address", ""), began.get("device", "")
        return row


def begin(request: HttpRequest, user: User) -> None:
    """Sign the user in, and note where and when, for whoever looks through the list of sessions."""
    auth.login(request, user, backend=_BACKEND)
    request.session[_OWES] = user.owes_second_step
    request.session[_BEGAN] = {
        "at": clock.real_now().isoformat(),
        "address": request.META.get("REMOTE_ADDR", "")[:64],
        "device": request.headers.get("User-Agent", "")[:300],
    }


def public_name(session_key: str) -> str:
    """What a page may call a session by: whoever has the key itself is signed in."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:24]


def debt_of(user: User, session: SessionBase) -> Debt | None:
    """What the holder of the session must do before anything else. A second step that is demanded while somebody is at
    work is owed from the next page on: see `at_desk`."""
    if user.temporary_until is not None:
        return Debt.PASSWORD
    return Debt.SECOND_STEP if user.owes_second_step and session.get(_OWES) else None


def forget_debt(session: SessionBase) -> None:
    session[_OWES] = False


def _session_data(session_key: str, real_now: datetime) -> str | None:
    stored = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(_READ, [stored(real_now - SEEN_EVERY), session_key, stored(real_now)])
        row = cursor.fetchone()
        if row is None:
            return None
        data, was_seen_long_ago = row
        if was_seen_long_ago:
            with suppress(DatabaseError):  # a database that takes no writes is read all the same
                cursor.execute(_SEEN, [stored(real_now), session_key])
    return str(data)
