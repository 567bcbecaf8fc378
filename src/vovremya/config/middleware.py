"""What is let in as a request, the headers of every page, and how a page travels."""

from collections.abc import Callable

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override

from vovremya.ui.packing import gzipped, pack

Handler = Callable[[HttpRequest], HttpResponseBase]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # the board places its bars by style="--s:628;--d:75"
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb"))


def in_language(get_response: Handler) -> Handler:
    """In the language of the cookie or of the browser, until it is known who asks: see `at_desk`."""

    def speaking(request: HttpRequest) -> HttpResponseBase:
        with override(get_language_from_request(request)):
            return get_response(request)

    return speaking


def content_security_policy(get_response: Handler) -> Handler:
    def with_headers(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # Pages show clients: after logging out, «back» must not bring them up again.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return with_headers


def readable(get_response: Handler) -> Handler:
    """A form torn apart, in another encoding than ours or with a NUL, which no database takes for text, is refused.

    Here, and not where each part of it is used; nobody types such a thing.
    """

    def only_readable(request: HttpRequest) -> HttpResponseBase:
        if not _is_readable(request):
            # Django's own page for it asks for the form again.
            return HttpResponseBadRequest(render_to_string("400.html"))
        return get_response(request)

    return only_readable


def _is_readable(request: HttpRequest) -> bool:
    if (request.encoding or "utf-8").lower() != "utf-8":
        return False
    try:
        texts = [*request.COOKIES.values(), *_texts(request.GET), *_texts(request.POST)]
    except (BadRequest, MultiPartParserError, SuspiciousOperation):
        return False
    return not any("\0" in text for text in texts)


def _texts(form: QueryDict) -> list[str]:
    return [*form, *(text for _, texts in form.lists() for text in texts)]


#: Below this a page fits into a packet anyway.
SMALLEST_COMPRESSED = 1400


def compressed(get_response: Handler) -> Handler:
    """Pages are compressed for browsers that take it: the board of a large day is three megabytes of bars."""

    def with_fewer_bytes(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponse) or response.has_header("Content-Encoding"):
            return response
        if len(response.content) < SMALLEST_COMPRESSED:
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.content = gzipped([pack(response.content)])
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.content))
        return response

    return with_fewer_bytes
