"""The ASGI root: the whole body first, the answer without the thread."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import pytest
from asgiref.sync import async_to_sync
from asgiref.typing import ASGIReceiveEvent, ASGISendEvent, HTTPScope

from vovremya.board.live.hub import Hub
from vovremya.config import asgi
from vovremya.config.asgi import Root
from vovremya.config.readiness import Readiness

Environ = dict[str, Any]
Chunk = tuple[bytes, float]  # what comes, and after how many seconds


class Pages:
    """Stands for Django: remembers what it was asked, answers with pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces or (b"page",)
        self.asked: list[tuple[Environ, bytes]] = []

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.asked.append((environ, body))
        start_response("200 OK", [("content-type", "text/plain")])
        return self.pieces


class Talk:
    """One request and what came back."""

    def __init__(self, *chunks: Chunk, is_fetched: bool = True) -> None:
        self._chunks = list(chunks) or [(b"", 0.0)]
        self._is_fetched = asyncio.Event()
        if is_fetched:
            self._is_fetched.set()
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.is_over = False

    async def receive(self) -> ASGIReceiveEvent:
        if not self._chunks:
            return {"type": "http.disconnect"}
        chunk, seconds = self._chunks.pop(0)
        await asyncio.sleep(seconds)
        return {"type": "http.request", "body": chunk, "more_body": bool(self._chunks)}

    async def send(self, event: ASGISendEvent) -> None:
        await self._is_fetched.wait()
        if event["type"] == "http.response.start":
            self.status, self.headers = event["status"], dict(event["headers"])
        elif event["type"] == "http.response.body":
            self.body += event["body"]
            self.is_over = not event.get("more_body", False)

    def fetch(self) -> None:
        self._is_fetched.set()


def no_bars(_visit_id: int, _now: object) -> dict[str, object]:
    return {}


def scope(
    path: str = "/", query: bytes = b"", headers: Mapping[str, str] | None = None, method: str = "POST"
) -> HTTPScope:
    return cast(
        HTTPScope,
        {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": query,
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50000),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        },
    )


def ask(root: Root, asked: HTTPScope, *chunks: Chunk) -> Talk:
    async def whole() -> Talk:
        talk = Talk(*chunks)
        await root(asked, talk.receive, talk.send)
        return talk

    return async_to_sync(whole)()


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def root(pages: Pages) -> Root:
    return Root(pages, Hub(no_bars), threads=1)


def test_page_gets_the_whole_body_with_its_length(root: Root, pages: Pages) -> None:
    talk = ask(root, scope(), (b"a" * 70_000, 0), (b"b" * 70_000, 0.01))
    assert (talk.status, talk.body) == (200, b"page")
    environ, body = pages.asked[0]
    assert body == b"a" * 70_000 + b"b" * 70_000
    assert environ["CONTENT_LENGTH"] == "140000"


def test_health_needs_no_page(root: Root, pages: Pages) -> None:
    assert ask(root, scope("/healthz", method="GET")).body == b"ok\n"
    assert pages.asked == []


def test_announced_size_beyond_the_limit_is_refused_in_russian(root: Root, pages: Pages) -> None:
    talk = ask(root, scope(headers={"content-length": "1000001"}), (b"a", 0))
    assert talk.status == 413
    assert "Слишком много данных" in talk.body.decode()
    assert talk.headers[b"connection"] == b"close"
    assert pages.asked == []


def test_size_beyond_the_limit_is_refused_though_nobody_announced_it(root: Root, pages: Pages) -> None:
    assert ask(root, scope(), (b"a" * 600_000, 0), (b"b" * 600_000, 0)).status == 413
    assert pages.asked == []


def test_refused_client_is_heard_out_for_a_while_and_no_longer(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "LINGERS_FOR_SECONDS", 0.1)
    talk = ask(root, scope(headers={"content-length": "1000001"}), (b"a", 0), (b"a", 3600), (b"a", 0))
    assert talk.status == 413
    assert talk.is_over


def test_largest_allowed_body_is_taken(root: Root) -> None:
    assert ask(root, scope(), (b"a" * 1_000_000, 0)).status == 200


def test_body_that_drips_too_long_is_refused_in_russian(
    root: Root, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "BODY_WITHIN_SECONDS", 0.1)
    talk = ask(root, scope(), *[(b"a", 0.03)] * 20)
    assert talk.status == 408
    assert "не дошёл до конца" in talk.body.decode()
    assert pages.asked == []


def test_client_that_leaves_amid_its_body_asks_for_nothing(root: Root, pages: Pages) -> None:
    class Leaving(Talk):
        async def receive(self) -> ASGIReceiveEvent:
            return {"type": "http.disconnect"}

    async def whole() -> None:
        talk = Leaving()
        await root(scope(), talk.receive, talk.send)
        assert talk.status == 0

    async_to_sync(whole)()
    assert pages.asked == []


def test_slow_reader_holds_no_thread(root: Root, pages: Pages) -> None:
    """There is one thread, an answer of many pieces that nobody fetches, and a second client all the same."""
    pages.pieces = (b"piece",) * 50

    async def whole() -> None:
        slow, quick = Talk(is_fetched=False), Talk()
        dawdling = asyncio.create_task(root(scope(), slow.receive, slow.send))
        while not pages.asked:
            await asyncio.sleep(0.01)
        async with asyncio.timeout(2):
            await root(scope(), quick.receive, quick.send)
        assert quick.body == b"piece" * 50
        slow.fetch()
        await dawdling
        assert slow.body == b"piece" * 50

    async_to_sync(whole)()


def test_header_with_an_underscore_cannot_stand_for_another(root: Root, pages: Pages) -> None:
    ask(root, scope(headers={"x_forwarded_for": "1.2.3.4", "x-real-thing": "1"}))
    environ, _body = pages.asked[0]
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["HTTP_X_REAL_THING"] == "1"


def test_query_in_any_bytes_reaches_the_page(root: Root, pages: Pages) -> None:
    assert ask(root, scope(query="q=Смирнова%20А&r=%D0%9C".encode())).status == 200
    assert pages.asked[0][0]["QUERY_STRING"] == "q=%D0%A1%D0%BC%D0%B8%D1%80%D0%BD%D0%BE%D0%B2%D0%B0%20%D0%90&r=%D0%9C"


class TestRequestId:
    def test_well_formed_one_is_taken_over_and_given_back(self, root: Root) -> None:
        assert ask(root, scope(headers={"x-request-id": "proxy-0123.4"})).headers[b"x-request-id"] == b"proxy-0123.4"

    @pytest.mark.parametrize("given", ["short", "a" * 65, "with space", "+7 912 345-67-89", 'quote"quote"'])
    def test_any_other_is_replaced(self, root: Root, given: str) -> None:
        made = ask(root, scope(headers={"x-request-id": given})).headers[b"x-request-id"].decode()
        assert re.fullmatch(r"[0-9a-f]{32}", made)

    def test_refusal_bears_one_too(self, root: Root) -> None:
        talk = ask(root, scope(headers={"content-length": "1000001", "x-request-id": "proxy-0123.4"}))
        assert (talk.status, talk.headers[b"x-request-id"]) == (413, b"proxy-0123.4")


@pytest.mark.parametrize(("missing", "status"), [("", 200), ("the database does not answer", 503)])
def test_readiness_needs_no_page(pages: Pages, missing: str, status: int) -> None:
    root = Root(pages, Hub(no_bars), threads=1, readiness=Readiness(lambda: missing))
    talk = ask(root, scope("/readyz", method="GET"))
    assert (talk.status, talk.body.decode()) == (status, f"{missing or 'ready'}\n")
    assert pages.asked == []
