"""One line and one figure a request; its id goes through from the proxy to the line and back to the client."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from asgiref.typing import ASGISendCallable, ASGISendEvent, HTTPScope
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from vovremya.kernel import metrics

logger = structlog.stdlib.get_logger(__name__)

#: What a proxy may hand us as an id: nothing that could be read as anything else in a line.
_WELL_FORMED_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
#: Anybody may invent a method; a label must not.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def request_id_of(scope: HTTPScope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"")
    return given.decode() if _WELL_FORMED_ID.fullmatch(given) else uuid.uuid4().hex


class Answering:
    """Sends on, gives the id of the request back, and remembers the status."""

    def __init__(self, send: ASGISendCallable, request_id: str) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self.status = 0

    async def __call__(self, event: ASGISendEvent) -> None:
        if event["type"] == "http.response.start":
            self.status = event["status"]
            event = {**event, "headers": [*event["headers"], (b"x-request-id", self._request_id)]}
        await self._send(event)


def note(*, method: str, route: str, status: int, seconds: float, user_id: int | None = None) -> None:
    """Neither path nor query: both may hold what an operator typed."""
    logger.info(
        "request",
        method=method if method in _METHODS else "OTHER",
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        user=user_id,
    )


def noted(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The pages' middleware, outermost of all: what it sees is what is answered."""

    def with_note(request: HttpRequest) -> HttpResponseBase:
        began_at = time.perf_counter()
        response = get_response(request)
        seconds = time.perf_counter() - began_at
        method, route = request.method or "", _route(request)
        note(method=method, route=route, status=response.status_code, seconds=seconds, user_id=_user_id(request))
        if method in _METHODS:
            metrics.request_seconds.labels(route, method, _class(response.status_code)).observe(seconds)
        if method == "POST":
            metrics.actions.labels(route, _result(response.status_code)).inc()
        return response

    return with_note


def _route(request: HttpRequest) -> str:
    if request.resolver_match is not None:
        return request.resolver_match.view_name
    return "static" if request.path_info.startswith(f"/{settings.STATIC_URL.lstrip('/')}") else "unknown"


def _user_id(request: HttpRequest) -> int | None:
    """Only where the page asked for the user itself: a line is not worth a query."""
    return getattr(getattr(request, "_cached_user", None), "pk", None)


def _class(status: int) -> str:
    return f"{status // 100}xx"


def _result(status: int) -> str:
    if status >= 500:
        return "failed"
    return "refused" if status >= 400 else "done"
