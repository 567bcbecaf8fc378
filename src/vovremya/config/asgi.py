"""The one ASGI root: the live feed, the health pages, and everything else as Django's WSGI pages.

Pages run in a small pool of threads. A request takes a thread only when its body is here whole, and gives it back
before its answer is sent: clients that drip or dawdle hold up nobody.
"""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import quote

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vovremya.config.settings")
django.setup()  # what is imported below asks for models

from a2wsgi import WSGIMiddleware  # noqa: E402
from asgiref.typing import (  # noqa: E402
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPScope,
    Scope,
)
from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402
from django.http import HttpRequest, parse_cookie  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402
from django.utils.translation import get_language_from_request, override  # noqa: E402
from structlog.contextvars import bound_contextvars  # noqa: E402

from vovremya.board.bars import draw_visit  # noqa: E402
from vovremya.board.live.feed import LiveFeed  # noqa: E402
from vovremya.board.live.hub import Hub  # noqa: E402
from vovremya.config.failing import leave_if_read_only  # noqa: E402
from vovremya.config.middleware import CONTENT_SECURITY_POLICY  # noqa: E402
from vovremya.config.readiness import Readiness  # noqa: E402
from vovremya.config.requests import Answering, note, request_id_of  # noqa: E402

THREADS = 8
BODY_WITHIN_SECONDS = 30.0
LINGERS_FOR_SECONDS = 5.0
_KEPT_IN_MEMORY = 64 * 1024
_PIECE = 64 * 1024
_HTML = (b"content-type", b"text/html; charset=utf-8")
_TEXT = (b"content-type", b"text/plain; charset=utf-8")


class BodyRefused(Exception):
    """The body is not taken: 413 where it is too large, 408 where it comes too slowly."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


class ClientGone(Exception):
    """There is nobody left to answer."""


class Root:
    def __init__(
        self, pages: Callable[..., Any], hub: Hub, *, threads: int = THREADS, readiness: Readiness | None = None
    ) -> None:
        self.hub = hub
        self._readiness = readiness or Readiness()
        self._live = LiveFeed(hub)
        # A queue without a bound: the thread lays its answer there and goes, however slowly it is fetched.
        self._pages: Any = WSGIMiddleware(pages, workers=threads, send_queue_size=0)

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "lifespan":
            await self._live_through(receive, send)
        elif scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        elif scope["path"] in ("/healthz", "/readyz"):
            await self._probed(scope, send)
        else:
            request_id = request_id_of(scope)
            with bound_contextvars(request_id=request_id):
                await self._noted(scope, receive, Answering(send, request_id))

    async def _noted(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: Answering) -> None:
        """What Django answers it notes itself, where route and user are known; the rest is noted here."""
        if scope["path"] != "/live":
            await self._page(scope, receive, send)
            return
        began_at = time.perf_counter()
        try:
            await self._live(scope, receive, send)
        finally:
            seconds = time.perf_counter() - began_at
            note(method=scope["method"], route="live", status=send.status, seconds=seconds)

    async def _probed(self, scope: HTTPScope, send: ASGISendCallable) -> None:
        if scope["method"] not in ("GET", "HEAD"):  # to a CONNECT a 200 would open a tunnel, and have no body
            await _answer(send, 405, _TEXT, b"", [(b"allow", b"GET, HEAD")])
            return
        if scope["path"] == "/healthz":
            await _answer(send, 200, _TEXT, b"ok\n")
            return
        missing = await self._readiness.missing()
        await _answer(send, 503 if missing else 200, _TEXT, f"{missing or 'ready'}\n".encode())

    async def _page(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        with SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY) as body:
            try:
                async with asyncio.timeout(BODY_WITHIN_SECONDS):
                    size = await _take_whole(scope, receive, body)
            except TimeoutError:
                await _refuse(scope, receive, send, 408)
            except BodyRefused as refused:
                await _refuse(scope, receive, send, refused.status)
            except ClientGone:
                pass
            else:
                body.seek(0)
                await self._pages(_as_wsgi_can_take_it(scope, size), _again(body, size), send)

    async def _live_through(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        await receive()
        await self.hub.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.hub.stop()
        await send({"type": "lifespan.shutdown.complete"})


async def _take_whole(scope: HTTPScope, receive: ASGIReceiveCallable, body: "SpooledTemporaryFile[bytes]") -> int:
    """Put the body into the file and count it."""
    largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    announced = dict(scope["headers"]).get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > largest:
        raise BodyRefused(413)
    size, has_more = 0, True
    while has_more:
        event = await receive()
        if event["type"] != "http.request":
            raise ClientGone
        size += len(event["body"])
        if size > largest:
            raise BodyRefused(413)
        body.write(event["body"])
        has_more = event["more_body"]
    return size


def _again(body: "SpooledTemporaryFile[bytes]", size: int) -> ASGIReceiveCallable:
    """The body as if it came now."""

    async def receive() -> ASGIReceiveEvent:
        piece = body.read(_PIECE)
        return {"type": "http.request", "body": piece, "more_body": body.tell() < size}

    return receive


def _as_wsgi_can_take_it(scope: HTTPScope, size: int) -> HTTPScope:
    """WSGI knows no body without a length, no query but in ASCII, and takes `a_b` for `a-b` in a header's name."""
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if b"_" not in name and name not in (b"content-length", b"transfer-encoding")
    ]
    if size:
        headers.append((b"content-length", str(size).encode()))
    query = quote(scope["query_string"], safe="!#$%&'()*+,/:;=?@[]~").encode()
    return {**scope, "headers": headers, "query_string": query}


async def _refuse(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, status: int) -> None:
    """Nobody needs the rest of the body, so the connection is not used again.

    It is closed only after the client has had its say: closed amid the body it would be reset, and a proxy that is
    still handing the body on would never read the refusal.
    """
    note(method=scope["method"], route="body refused", status=status, seconds=0.0)
    policy = CONTENT_SECURITY_POLICY.encode()
    more_headers = [(b"connection", b"close"), (b"content-security-policy", policy)]
    await _answer(send, status, _HTML, _refusal_page(status, _language_of(scope)), more_headers, is_last=False)
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGERS_FOR_SECONDS):
            await _hear_out(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hear_out(receive: ASGIReceiveCallable) -> None:
    event = await receive()
    while event["type"] == "http.request" and event["more_body"]:
        event = await receive()


@cache
def _refusal_page(status: int, language: str) -> bytes:
    with override(language):
        return render_to_string(f"{status}.html").encode()


def _language_of(scope: HTTPScope) -> str:
    """What Django would say of the request."""
    request = HttpRequest()
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    request.COOKIES = parse_cookie(headers.get(b"cookie", ""))
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get(b"accept-language", "")
    return get_language_from_request(request)


async def _answer(
    send: ASGISendCallable,
    status: int,
    content_type: tuple[bytes, bytes],
    body: bytes,
    more_headers: list[tuple[bytes, bytes]] | None = None,
    *,
    is_last: bool = True,
) -> None:
    headers = [
        content_type,
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *(more_headers or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": not is_last})


connection_created.connect(leave_if_read_only)
application = Root(WSGIHandler(), Hub(draw_visit))
