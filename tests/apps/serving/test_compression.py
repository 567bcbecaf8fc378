"""Pages travel compressed where the browser takes it."""

import gzip

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from vovremya.config.middleware import SMALLEST_COMPRESSED, compressed

BODY = "Смирнова Анна, 10:28, опаздывает. ".encode() * 100


def answer(body: bytes, accepts: str, headers: dict[str, str] | None = None) -> HttpResponse:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = accepts
    response = compressed(lambda _request: HttpResponse(body, headers=headers))(request)
    assert isinstance(response, HttpResponse)
    return response


def test_page_is_compressed_for_a_browser_that_takes_it() -> None:
    response = answer(BODY, "gzip, deflate, br")
    assert response.headers["Content-Encoding"] == "gzip"
    assert int(response.headers["Content-Length"]) == len(response.content) < len(BODY) / 5
    assert gzip.decompress(response.content) == BODY


def test_page_goes_plain_to_a_client_that_does_not() -> None:
    response = answer(BODY, "")
    assert response.content == BODY
    assert not response.has_header("Content-Encoding")
    assert response.headers["Vary"] == "Accept-Encoding"


def test_small_page_goes_plain() -> None:
    assert answer(BODY[: SMALLEST_COMPRESSED - 1], "gzip").content == BODY[: SMALLEST_COMPRESSED - 1]


def test_what_is_compressed_already_is_left_alone() -> None:
    assert answer(BODY, "gzip", {"Content-Encoding": "br"}).content == BODY


def test_stream_is_left_alone() -> None:
    def streaming(_request: HttpRequest) -> HttpResponseBase:
        return StreamingHttpResponse([BODY])

    assert isinstance(compressed(streaming)(HttpRequest()), StreamingHttpResponse)


def test_length_of_the_same_page_is_not_always_the_same() -> None:
    assert len({len(answer(BODY, "gzip").content) for _ in range(20)}) > 1
