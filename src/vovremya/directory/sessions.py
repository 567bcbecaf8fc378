"""Sessions as Django keeps them in the database, read by a statement of our own: every page begins with it."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection

from vovremya.kernel import clock

_READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        found = _session_data(self.session_key, clock.real_now()) if self.session_key else None
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found)


def _session_data(session_key: str, real_now: datetime) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(_READ, [session_key, connection.ops.adapt_datetimefield_value(real_now)])
        row = cursor.fetchone()
    return row[0] if row else None
