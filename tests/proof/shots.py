"""Requests to any address of the program, from sound to hostile.

Addresses come from the program's own table of them, forms from the pages as they are served: what is new there is
shot at without a word here. `Random` may be hypothesis's, which then finds the least request that does the damage.
"""

import inspect
import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from tests.flows.page import Element
from tests.proof import hostile

Pair = tuple[bytes, bytes]
_METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "БЕРИ")
_BOUNDARY = b"----edge"
_KEPT = 60  # values by name
_DOORS_KEPT = 2000


@dataclass(frozen=True)
class Address:
    """A pattern of the program's table: its text, and its holes by kind and name."""

    route: str

    @property
    def holes(self) -> list[tuple[str, str]]:
        return re.findall(r"<(?:(\w+):)?(\w+)>", self.route)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"<int:\w+>", r"\\d+", re.sub(r"<(?!int)[^>]+>", "[^/]+", self.route)))

    def filled(self, values: Sequence[bytes]) -> bytes:
        parts = re.split(r"<[^>]+>", self.route)
        whole = parts[0].encode()
        for value, part in zip(values, parts[1:], strict=True):
            whole += quote_from_bytes(value, safe="").encode() + part.encode()
        return b"/" + whole


def addresses() -> list[Address]:
    """Every pattern that Django knows, and those that the root answers itself."""
    from vovremya.config import asgi

    own = re.findall(r'"/([a-z][\w/-]*)"', inspect.getsource(asgi))
    return [*_patterns(get_resolver()), *map(Address, dict.fromkeys([*own, "static/nothing.js"]))]


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(route)
        else:
            yield from _patterns(pattern, route)


@dataclass(frozen=True)
class Door:
    """Something on a page that sends: where to, and by field what it may hold there."""

    method: str
    path: bytes
    query: tuple[Pair, ...] = ()
    fields: tuple[tuple[bytes, tuple[bytes, ...]], ...] = ()


@dataclass(frozen=True)
class Shot:
    role: str
    method: str
    path: bytes  # percent-encoded, or not, where that is the fault
    query: tuple[Pair, ...] = ()
    fields: tuple[Pair, ...] = ()
    headers: tuple[Pair, ...] = ()
    coding: str = "form"
    has_token: bool = True

    @property
    def is_whole(self) -> bool:
        """A request that any server must answer; what follows a CONNECT is no HTTP any more."""
        return self.coding not in ("cut", "broken chunks") and self.method in _METHODS and self.method != "CONNECT"

    @property
    def _content(self) -> tuple[bytes, bytes]:
        """The body with its content type."""
        match self.coding:
            case "json":
                text = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.fields}
                return json.dumps(text).encode(), b"application/json"
            case "multipart" | "broken multipart" | "multipart without edge":
                return self._multipart()
            case "text":
                return b"\r\n".join(name + b"=" + value for name, value in self.fields), b"text/plain; charset=utf-7"
            case "raw":
                return b"&".join(name + b"=" + value for name, value in self.fields), _FORM
            case "other charset":
                return _encoded(self.fields), _FORM + b"; charset=utf-16"
            case "unknown charset":
                return _encoded(self.fields), _FORM + b"; charset=x-none\0"
            case _:
                return _encoded(self.fields), _FORM

    def _multipart(self) -> tuple[bytes, bytes]:
        edge = b"--" + _BOUNDARY
        parts = [
            edge + b'\r\nContent-Disposition: form-data; name="' + name + b'"' + _file_name(place) + value
            for place, (name, value) in enumerate(self.fields)
        ]
        content_type = b"multipart/form-data; boundary=" + _BOUNDARY
        if self.coding == "multipart":
            return b"\r\n".join([*parts, edge + b"--\r\n"]), content_type
        if self.coding == "multipart without edge":
            return b"\r\n".join(parts), b"multipart/form-data"
        return b"\r\n".join(parts)[: -len(edge) or None], content_type + b"x" * 300

    def wire(self, port: int, cookies: dict[str, str]) -> bytes:
        """The bytes to send."""
        target = self.path + (b"?" + _encoded(self.query) if self.query else b"")
        given = {b"host": b"127.0.0.1:%d" % port, b"connection": b"close"}
        if cookies:
            given[b"cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items()).encode()
        if self.has_token and "csrftoken" in cookies:
            given[b"x-csrftoken"] = cookies["csrftoken"].encode()
        content = b""
        if self.fields or self.method == "POST":
            content, given[b"content-type"] = self._content
            if "chunks" in self.coding:
                given[b"transfer-encoding"] = b"chunked"
                content = _chunked(content) if self.coding == "chunks" else _chunked(content)[:-7] + b"zz\r\n"
            else:
                given[b"content-length"] = b"%d" % (len(content) + (1000 if self.coding == "cut" else 0))
        own = {name.lower() for name, _ in self.headers}
        lines = [*((name, value) for name, value in given.items() if name not in own), *self.headers]
        head = [self.method.encode() + b" " + target + b" HTTP/1.1", *(name + b": " + value for name, value in lines)]
        return b"\r\n".join([*head, b"", content])

    def least_steps(self) -> Iterator["Shot"]:
        """Lesser requests, to try whether they do the same damage."""
        for name in ("fields", "headers", "query"):
            pairs: tuple[Pair, ...] = getattr(self, name)
            for place, (key, value) in enumerate(pairs):
                yield replace(self, **{name: pairs[:place] + pairs[place + 1 :]})  # type: ignore[arg-type]
                if len(value) > 8:
                    for shorter in (value[: len(value) // 2], value[len(value) // 2 :]):
                        yield replace(self, **{name: (*pairs[:place], (key, shorter), *pairs[place + 1 :])})  # type: ignore[arg-type]

    def __str__(self) -> str:
        query = b"?" + _encoded(self.query) if self.query else b""
        told = f"{self.role or 'nobody'}: {self.method} {(self.path + query)[:400].decode('latin-1')} ({self.coding})"
        return f"{told} fields {_short(self.fields)} headers {_short(self.headers)}"


_FORM = b"application/x-www-form-urlencoded"


def _short(pairs: Sequence[Pair]) -> str:
    return str(
        [(name[:40], value if len(value) < 80 else value[:80] + b"... %d" % len(value)) for name, value in pairs]
    )


def _file_name(place: int) -> bytes:
    return b'; filename="../a.txt"\r\nContent-Type: x/y\r\n\r\n' if place % 5 == 4 else b"\r\n\r\n"


def _encoded(pairs: Sequence[Pair]) -> bytes:
    return b"&".join(
        quote_from_bytes(name).encode() + b"=" + quote_from_bytes(value, safe="").encode() for name, value in pairs
    )


def _chunked(content: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (content[:7], content[7:]) if part) + b"0\r\n\r\n"


@dataclass
class Known:
    """What the pages have shown to a role: values by the name they go under, and everything that sends."""

    addresses: Sequence[Address]
    values: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    doors: dict[Door, None] = field(default_factory=dict)
    fields: dict[bytes, deque[bytes]] = field(default_factory=dict)

    def learn(self, root: Element) -> None:
        for element in root.walk():
            for name, value in element.attributes.items():
                if value.startswith("/") and not value.startswith("//"):
                    self._learn_url(element, name, value)
                elif name.startswith("data-") and value.isdecimal():
                    self._keep(name.removeprefix("data-"), value.encode())

    def _learn_url(self, element: Element, attribute: str, url: str) -> None:
        parts = urlsplit(url)
        path = parts.path.encode()
        try:
            found = resolve(unquote_to_bytes(path).decode("utf-8", "replace"))
        except Resolver404:
            return
        for name, value in found.kwargs.items():
            self._keep(name.removesuffix("_id"), str(value).encode())
        query = tuple(pairs_of(parts.query.encode()))
        is_read = attribute in ("href", "src", "hx-get", "data-url") or element.get("method") == "get"
        door = Door("GET" if is_read else "POST", path, query, _fields_of(element))
        if len(self.doors) < _DOORS_KEPT:
            self.doors.setdefault(door)
        for field_name, choices in door.fields:
            kept = self.fields.setdefault(field_name, deque(maxlen=_KEPT))
            kept.extend(choice for choice in choices[:_KEPT] if choice not in kept)

    def _keep(self, name: str, value: bytes) -> None:
        kept = self.values[name]
        if value not in kept:
            kept.append(value)
            del kept[:-_KEPT]


def pairs_of(query: bytes) -> Iterator[Pair]:
    for part in query.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            yield unquote_to_bytes(name), unquote_to_bytes(value)


def _fields_of(element: Element) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
    """By name every value that the form around it offers, and those that go with a press of it."""
    form = element if element.tag == "form" else element.within("form")
    fields: dict[str, list[str]] = {}
    for control in (form or element).walk():
        if name := control.get("name"):
            options = [option.get("value") for option in control.all("option")]
            fields.setdefault(name, []).extend(options or [control.get("value") or control.text])
    try:
        pressed = json.loads(element.get("hx-vals") or "{}")
    except json.JSONDecodeError:
        pressed = {}
    fields |= {name: [str(value)] for name, value in pressed.items()}
    return tuple((name.encode(), tuple(value.encode() for value in values)) for name, values in fields.items())


# --- drawing a shot ----------------------------------------------------------------------------------------------


def shot_from(random: Random, known: Known, role: str) -> Shot:
    door = random.choice(list(known.doors)) if known.doors and random.random() < 0.7 else _door_of_table(random, known)
    method = door.method if random.random() < 0.85 else random.choice(_METHODS)
    fields = _drawn_fields(random, known, door)
    if method == "GET":
        query, fields = (*door.query, *fields), ()
    else:
        query = door.query
    if random.random() < 0.15:
        query = (*query, (b"day", spoiled_value(random, b"day", b"2026-12-01")))
    path = door.path if random.random() < 0.97 else door.path + random.choice(_PATH_ENDS)
    return Shot(
        role,
        method,
        path,
        query,
        fields,
        _drawn_headers(random),
        random.choice(_CODINGS) if random.random() < 0.12 else "form",
        has_token=random.random() > 0.03,
    )


_CODINGS = (
    *("json", "multipart", "broken multipart", "multipart without edge", "text", "raw", "other charset"),
    *("unknown charset", "chunks", "broken chunks", "cut"),
)
_PATH_ENDS = (
    b"%00",
    b"%ff",
    b"%ed%a0%80",
    b"/",
    b"//",
    b"/../..",
    b"%2e%2e%2f",
    b";a=b",
    b"\xff",
    b"%",
    b"%zz",
    b"a" * 9000,
)


def _door_of_table(random: Random, known: Known) -> Door:
    address = random.choice(known.addresses)
    values = [_value_for_hole(random, known, kind, name) for kind, name in address.holes]
    names = random.sample(list(known.fields), min(len(known.fields), random.randrange(6)))
    return Door(
        random.choice(("GET", "POST")),
        address.filled(values),
        fields=tuple((name, tuple(known.fields[name])) for name in names),
    )


def _value_for_hole(random: Random, known: Known, kind: str, name: str) -> bytes:
    learned = known.values.get(name.removesuffix("_id"), ())
    if learned and random.random() < 0.8:
        return random.choice(learned)
    if kind == "int":
        return random.choice((*hostile.NUMBERS, str(random.randrange(1, 500)))).encode()
    return hostile.spoiled(random, random.choice(learned) if learned else b"SEV")


def _drawn_fields(random: Random, known: Known, door: Door) -> tuple[Pair, ...]:
    """The form as it may be filled in, with none, one or many faults."""
    faults = random.choice((0.0, 0.1, 0.1, 0.3, 1.0))
    drawn: list[Pair] = []
    for name, choices in door.fields:
        if random.random() < faults / 3:
            continue  # missing
        value = random.choice(choices) if choices else b""
        if not value and random.random() < 0.6:
            value = _filling(random, known, name)
        drawn.append((name, spoiled_value(random, name, value) if random.random() < faults else value))
        if random.random() < faults / 3:
            drawn.append((random.choice((name, name + b"[]", name + b"[0]")), random.choice(_TEXTS)))  # doubled
    if faults and random.random() < 0.2 and known.fields:
        name = random.choice(list(known.fields))
        drawn.append((name, hostile.spoiled(random, b"1")))  # of another form
    if faults and random.random() < 0.1:
        drawn.append((random.choice(_TEXTS), random.choice(_TEXTS)))
    if random.random() < 0.7:
        key = b"%d" % random.randrange(10**12) if random.random() < 0.9 else random.choice(_TEXTS)
        drawn.append((b"request_key", key))
    return tuple(drawn)


_TEXTS = [text.encode("utf-8", "surrogatepass") for text in hostile.TEXTS if len(text) < 10_000]


def _filling(random: Random, known: Known, name: bytes) -> bytes:
    """For an empty field: what another form has under the name, what a person might type, or markup."""
    seen = known.fields.get(name) or known.values.get(name.decode("latin-1")) or ()
    typed = (b"8 912 000-00-%02d" % random.randrange(100), "Едет".encode(), b"15", b"2026-11-30", b"16:30")
    markup = hostile.MARKUP[random.randrange(len(hostile.MARKUP))].encode()
    return random.choice([*(value for value in seen if value), *typed, markup])


def spoiled_value(random: Random, name: bytes, value: bytes) -> bytes:
    return hostile.slot(random, value) if name == b"slot" and random.random() < 0.6 else hostile.spoiled(random, value)


_ODD_HEADERS: tuple[Pair, ...] = (
    *(
        (b"cookie", value)
        for value in (
            b"sessionid=\xff\0",
            b"sessionid=" + b"a" * 8000,
            b'sessionid="a\\000b"',
            b"=;;=;a",
            b'sessionid="\\"',
            b"csrftoken=<",
        )
    ),
    *((b"if-none-match", value) for value in (b"*", b'"' * 99, b"W/\xff")),
    *((b"if-modified-since", value) for value in (b"Thu, 01 Jan 0001 00:00:00 GMT", b"\xff", b"9" * 500)),
    (b"if-range", b'"x"'),
    *((b"accept-encoding", value) for value in (b"gzip", b"gzip;q=0", b"br, *;q=nan", b"\xff" * 50, b"gzip, " * 500)),
    *(
        (b"range", value)
        for value in (b"bytes=0-0", b"bytes=-1", b"bytes=9-1", b"bytes=0-," * 500, b"bytes=99999999999999999999-")
    ),
    *(
        (b"host", value)
        for value in (b"evil.example", b"", b"127.0.0.1:99999999", b"[::1", b"a" * 3000, b"\xff", b"localhost:")
    ),
    *((b"content-length", value) for value in (b"-1", b"99999999999999999999", b"1, 2", b"x")),
    *(
        (b"content-type", value)
        for value in (b"", b"/", b"multipart/form-data; boundary=", b"application/x-www-form-urlencoded; charset=\xff")
    ),
    *((b"accept-language", value) for value in (b"xx-" * 300, b"\xff", b"en", b"ru;q=nan")),
    *((b"x-csrftoken", value) for value in (b"", b"a" * 64, b"\xff" * 64)),
    *((b"referer", value) for value in (b"\xff", b"//", b"http://[")),
    *((b"origin", value) for value in (b"null", b"http://evil.example", b"http://[", b"\xff")),
    *((b"user-agent", value) for value in (b"", b"\xff" * 300, b"a" * 2000, b"<x-probe>")),
    *((b"accept", value) for value in (b"\xff", b"text/html, " * 300)),
    (b"x-forwarded-for", b"1.1.1.1, \xff"),
    (b"x-forwarded-host", b"evil.example"),
    (b"x-http-method-override", b"DELETE"),
    (b"expect", b"100-continue"),
    (b"upgrade", b"websocket"),
    (b"hx-current-url", b"http://[\xff"),
    (b"x-a_b", b"c"),
    (b"transfer-encoding", b"gzip, chunked"),
    *((b"x-long", b"a" * length) for length in (8_000, 70_000)),
)


def _drawn_headers(random: Random) -> tuple[Pair, ...]:
    window = ((b"hx-request", b"true"),) if random.random() < 0.85 else ()
    if random.random() < 0.85:
        return window
    return (*window, *(random.choice(_ODD_HEADERS) for _ in range(random.choice((1, 1, 2)))))
