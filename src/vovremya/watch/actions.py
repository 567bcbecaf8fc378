"""The watch says that it is alive. Not a fact: no journal entry."""

from datetime import datetime

from vovremya.watch.models import Heartbeat

NAME = "watch"


def beat(real_now: datetime, name: str = NAME) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": real_now})
