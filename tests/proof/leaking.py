"""The leak of `leaking_settings`."""

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

_BYTES_EACH, _DESCRIPTOR_EVERY = 40_000, 10
_kept: list[bytes] = []
_descriptors: list[int] = []


def leaking(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    def with_leak(request: HttpRequest) -> HttpResponseBase:
        _kept.append(os.urandom(_BYTES_EACH))
        if len(_kept) % _DESCRIPTOR_EVERY == 0:
            _descriptors.append(os.dup(2))
        return get_response(request)

    return with_leak
