"""`/live`: the small ASGI application that speaks to one client for as long as both last.

    GET /live?branch=<code>&cursor=<opaque>&language=<of the page>

A client without a session is told `bye`, since EventSource keeps the status of an answer to itself;
a branch behind the wall is 404.
"""

import asyncio
from urllib.parse import parse_qs

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings
from django.http import parse_cookie

from vovremya.board.live import frames, reading
from vovremya.board.live.hub import Hub, Subscription
from vovremya.kernel.refusal import NotFound
from vovremya.ui.assets import build_id

STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy must not gather events before it passes them on
]


class LiveFeed:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["method"] != "GET":
            await _answer(send, 405, [(b"allow", b"GET")])
            return
        branch_code, cursor, language = _asked_for(scope)
        session_key = _session_key(scope)
        try:
            branch_id = await self.hub.checks(reading.admitted_branch, session_key, branch_code)
        except reading.SignedOut:
            await _answer(send, 200, STREAM, frames.BYE)
            return
        except NotFound:
            await _answer(send, 404, [])
            return
        with self.hub.subscribed(branch_id, session_key, language) as subscription:
            leaving = asyncio.create_task(_end_with_client(receive, subscription))
            try:
                await self._speak(subscription, cursor, send)
            finally:
                leaving.cancel()

    async def _speak(self, subscription: Subscription, cursor: str, send: ASGISendCallable) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM, "trailers": False})
        # Subscribed first, read then: nothing falls between what was missed and what comes.
        opening = await self.hub.checks(
            reading.opening_frames, subscription.branch_id, cursor, build_id(), self.hub.draw, subscription.language
        )
        await send({"type": "http.response.body", "body": b"".join(opening), "more_body": True})
        del opening  # the stream lasts for hours
        async for piece in subscription.told():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _asked_for(scope: HTTPScope) -> tuple[str, str, str]:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    language = query.get("language", [""])[0]
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    return query.get("branch", [""])[0], query.get("cursor", [""])[0], known


def _session_key(scope: HTTPScope) -> str:
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    return parse_cookie(header.decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")


async def _end_with_client(receive: ASGIReceiveCallable, subscription: Subscription) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscription.end()


async def _answer(send: ASGISendCallable, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
