"""What is wrong with an answer, in the words of a finding."""

import re
from collections.abc import Iterator

from tests.flows.page import Element, read
from tests.proof import hostile
from tests.proof.shots import Shot
from tests.proof.wire import Answer

#: Says itself that it is not ready; on a busy machine that may be so.
_READINESS = b"/readyz"
_RUSSIAN = re.compile("[а-яё]{3}")
#: Reading is slow, and a refused form is small.
LARGE = 200_000


def faults_of(shot: Shot, answer: Answer, *, is_read: bool = True) -> Iterator[str]:
    if answer.status >= 500 and not (answer.status == 503 and shot.path.startswith(_READINESS)):
        yield f"answered {answer.status}"
    if answer.status == 0 and shot.is_whole:
        yield "not answered"
    if not answer.is_html or not answer.body:
        return
    if f"<{hostile.PROBE}".encode() in answer.body:
        yield "foreign markup let out"
    if hostile.EVALUATED in answer.body:
        yield "foreign template reckoned"
    if not is_read:
        return
    try:
        root = read(answer.body.decode())
    except (AssertionError, UnicodeDecodeError) as broken:
        yield f"page torn: {broken}"[:200]
        return
    if answer.status == 422:
        if not _RUSSIAN.search(root.text):
            yield "refused without a word"
        yield from _lost(shot, root)


def _lost(shot: Shot, root: Element) -> Iterator[str]:
    """Text that was typed, and whose field stands empty in the refused form."""
    if shot.coding != "form" or any(name == b"content-type" for name, _ in shot.headers):
        return  # it may have been read as anything
    for name, value in shot.fields:
        typed = _as_browser_has_it(value)
        if [key for key, _ in shot.fields].count(name) != 1 or not typed:
            continue
        for control in root.all(name=name.decode("latin-1")):
            if not _is_sent_to(control.within("form"), shot.path.decode("latin-1")):
                continue
            is_text = control.tag == "textarea" or (control.tag == "input" and control.get("type") in _TEXT_TYPES)
            kept = control.text if control.tag == "textarea" else control.get("value")
            if is_text and not kept.strip():
                yield f"typed text lost: {name.decode('latin-1')}"


def _is_sent_to(form: Element | None, path: str) -> bool:
    return form is not None and path in (form.get("hx-post").split("?")[0], form.get("action").split("?")[0])


_TEXT_TYPES = ("text", "search", "tel", "")


def _as_browser_has_it(value: bytes) -> str:
    """Nothing where a person could not have typed it."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return ""
    return text.strip() if text.isprintable() and len(text) <= 100 else ""
