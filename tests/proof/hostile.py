"""What no form expects: text, numbers and dates that break programs which trust what they are sent."""

from random import Random

#: A name that no page of ours has: where it stands in an answer as markup, somebody's text got out.
PROBE = "x-probe"
MARKUP = (f"<{PROBE}>", f"</textarea><{PROBE}>", f'"><{PROBE}>', f"'><{PROBE}>", f"</script><{PROBE}>", f"--><{PROBE}>")
#: What a template that fills in our text would make 4410941 of.
SUM, EVALUATED = "2101*2099+942", b"4410941"

_TEMPLATES = (f"{{{{{SUM}}}}}", f"${{{SUM}}}", "{facts}", "{0.__class__}", "%s%n%(x)s")
_QUERIES = (
    "' OR 1=1 --",
    "'; DROP TABLE visits_visit; --",
    "1) UNION SELECT password FROM directory_user --",
    "%",
    "_",
)
_FORMULAS = ("=cmd|'/C calc'!A0", "+7+1", "-1+1", "@SUM(1)", "=1/0")
_ADDRESSES = (
    "//evil.example/",
    "https://evil.example/",
    "javascript:alert(1)",
    "../../../../etc/passwd",
    "/\\evil.example",
)
_CONTROLS = (
    "\0",
    "a\0b",
    "".join(map(chr, range(1, 32))),
    "\x7f\x85\x9b",
    "\r\nSet-Cookie: a=b",
    "\u2028\u2029",
    "\ufeff",
)
_LETTERS = (
    "😀👩‍👩‍👧‍👦🏴‍☠️",
    "\u202eтсоп\u202c \u2067עברית\u2069",
    "Z̵̡̢̛͔̞͙̼a̸l̷g̶o̴" + "\u0301" * 200,
    "ﷺ" * 50,
    "İıſßŉǰΐ",
    "\ufffe\uffff\U0010ffff",
    "٣٤٥",
    "²⁰",
    "１２",
)
_LONG = ("ы" * 4001, "a" * 70_000, " " * 5000, "1" * 5000, "(" * 3000, "\n" * 3000)
_SHAPES = ("", " ", "[]", "{}", "null", "undefined", "true", "on", "yes", '{"a":[1,{"b":null}]}', "[object Object]")

TEXTS = (*MARKUP, *_TEMPLATES, *_QUERIES, *_FORMULAS, *_ADDRESSES, *_CONTROLS, *_LETTERS, *_LONG, *_SHAPES)

NUMBERS = (
    *(
        "0",
        "-0",
        "-1",
        "1",
        "007",
        "1.5",
        "1,5",
        "1e3",
        "1e400",
        "0x10",
        "1_000",
        "+1",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
    ),
    *(str(2**power + more) for power in (31, 32, 53, 63, 64, 128) for more in (-1, 0)),
    *(str(-(2**power)) for power in (31, 63, 64)),
    *("9" * 18, "9" * 19, "9" * 400, "9" * 5000),
)
DATES = (
    *("0001-01-01", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "2026-02-30", "2000-01-01", "2099-12-31"),
    *("2026-W01-1", "20261201", "2026-12-01T25:00", "2026-12-01T10:00:60Z", "9999-12-31T23:59:59.999999-23:59"),
    *("0001-01-01T00:00:00+23:59", "2026-03-29T02:30:00+03:00", "1970-01-01", "1582-10-10", "12:00", "24:00", "99:99"),
)
#: Bytes that are no UTF-8: a lone surrogate, an overlong slash, a cut letter, the code page of Windows.
NO_TEXT = (
    b"\xed\xa0\x80",
    b"\xed\xb0\x80a",
    b"\xc0\xaf",
    b"\xd0",
    b"\xff\xfe",
    b"\xcf\xf0\xe8\xe2\xe5\xf2",
    b"\xf5\x80\x80\x80",
)


def spoiled(random: Random, value: bytes) -> bytes:
    """Something else in the place of a sound value, or the value with a fault in it."""
    kind = random.randrange(8)
    if kind == 0:
        return random.choice(NUMBERS).encode()
    if kind == 1:
        return random.choice(DATES).encode()
    if kind == 2:
        return random.choice(NO_TEXT)
    if kind == 3 and value:
        return value[: random.randrange(len(value))]
    if kind == 4:
        return value + random.choice(TEXTS).encode("utf-8", "surrogatepass")
    if kind == 5:
        place = random.randrange(len(value) + 1)
        return value[:place] + random.choice((*NO_TEXT, b"\0", b"-", b" ", b"9" * 20, b"'", b'"', b"<")) + value[place:]
    return random.choice(TEXTS).encode("utf-8", "surrogatepass")


def slot(random: Random, value: bytes) -> bytes:
    """Three words, as a free time is sent: one of them is spoiled."""
    parts = (
        value.split(b" ")
        if value.count(b" ") == 2
        else [b"1", b"2026-12-01T10:00:00+00:00", b"2026-12-01T11:00:00+00:00"]
    )
    place = random.randrange(3)
    parts[place] = random.choice(NUMBERS if place == 0 else DATES).encode()
    return b" ".join(parts)
