"""The events of the feed as they go over the wire (server-sent events)."""

import json
from collections.abc import Mapping
from datetime import datetime

from vovremya.kernel.clock import to_milliseconds


def _frame(kind: str, data: Mapping[str, object]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def hello(*, now: datetime, speed: float, cursor: str, build: str) -> bytes:
    return _frame("hello", {"now": to_milliseconds(now), "speed": speed, "cursor": cursor, "build": build})


def bars(*, cursor: str, drawn: Mapping[str, object]) -> bytes:
    """`drawn`: the visit, its version and its bar on every board it is on; on none: a tombstone."""
    return _frame("bars", {"cursor": cursor, **drawn})


def calls(*, count: int) -> bytes:
    """Something of the waiting list has changed; `count`: how many times that became free are to be called about."""
    return _frame("calls", {"count": count})


def beat(*, now: datetime, speed: float, watch_ok: bool) -> bytes:
    """A named event and no comment: a browser tells its page nothing of comments."""
    return _frame("beat", {"now": to_milliseconds(now), "speed": speed, "watch_ok": watch_ok})


RELOAD = _frame("reload", {})
BYE = _frame("bye", {})
