"""Somebody of the cast at a screen of their own: opens windows, fills them in, presses their buttons."""

import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from tests.cast import TODAY, Cast, at
from tests.flows.page import Answer, Bar, Element, Form, read
from vovremya.directory.models import User
from vovremya.directory.rules import Actor
from vovremya.kernel import clock
from vovremya.kernel.clock import Anchor
from vovremya.visits.models import Visit


class StoppedClock:
    """Shows the time it was set to; real time goes along unless it is let pass alone."""

    def __init__(self) -> None:
        self.shown_at = self.real_at = at("08:00")
        self.show("08:00")

    def show(self, clock_time: str, on: date = TODAY) -> None:
        """«10:12», «10:10:00.001» on the wall of the branch in Moscow."""
        self.set(at(clock_time, on))

    def set(self, shown_at: datetime) -> None:
        self.real_at += shown_at - self.shown_at
        self.shown_at = shown_at
        clock.follow(lambda: Anchor(self.real_at, self.shown_at, 0.0))

    def let_pass(self, span: timedelta) -> None:
        """Real time alone: leases and holds run out."""
        self.real_at += span
        clock.follow(lambda: Anchor(self.real_at, self.shown_at, 0.0))

    def real_now(self) -> datetime:
        return self.real_at


#: Every screen's: the middleware looks through the built files when it is put together.
_SERVER = ClientHandler(enforce_csrf_checks=False)


class Seat:
    def __init__(self, cast: Cast, actor: Actor) -> None:
        self.actor = actor
        self.http = Client()
        self.http.handler = _SERVER
        self._branch_code = cast.branch.code
        assert actor.user_id
        user = User.objects.get(pk=actor.user_id)
        self.http.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])

    # --- asking ------------------------------------------------------------------------------------------------

    def get(self, url: str, *, as_page: bool = False) -> Answer:
        headers = {} if as_page else {"HX-Request": "true"}
        return answer(self.http.get(url, headers=headers))

    def post(self, url: str, form: Mapping[str, object] | None = None, *, key: str = "") -> Answer:
        """A press of a button, under a key of its own unless one is given."""
        sent = {"request_key": key or str(uuid.uuid4()), **(form or {})}
        return answer(self.http.post(url, sent, headers={"HX-Request": "true"}))

    # --- the board and its windows -----------------------------------------------------------------------------

    def board(self, on: date | None = None) -> Answer:
        day = f"?day={on.isoformat()}" if on else ""
        return self.get(f"/{self._branch_code}/{day}", as_page=True)

    def bar(self, visit: Visit, on: date | None = None) -> Bar:
        return self.board(on).bars[visit.pk]

    def repairs(self, visit: Visit) -> Answer:
        """Double click, Enter or long touch on the bar."""
        return self.get(f"/visits/{visit.pk}/")

    def card(self, visit: Visit) -> Answer:
        return self.get(f"/visits/{visit.pk}/contact/")

    def history(self, visit: Visit) -> str:
        return self.get(f"/visits/{visit.pk}/history/").text

    # --- pressing ----------------------------------------------------------------------------------------------

    def press(self, window: Answer, name: str, /, *, key: str = "", **typed: object) -> Answer:
        """Press the button of that name, the fields of its form typed into before."""
        button = window.button(name)
        assert not button.has("aria-disabled"), f"«{name}» is off: {button.get('data-why')}"
        if opened := button.get("data-url"):
            return self.get(opened)
        if button.get("href"):
            return self.get(button["href"])
        if read_from := button.get("hx-get"):
            return self.get(read_from)
        url, form = _sent_by(button)
        return self._follow(self.post(url, {**form, **typed}, key=key))

    def choose(self, window: Answer, name: str, value: str, /, *, key: str = "", **typed: object) -> Answer:
        """Choose a value that is sent at once: a call result, a free time."""
        control = next(control for control in window.all("input", name=name) if control["value"] == value)
        url, form = _sent_by(control)
        return self._follow(self.post(url, {**form, **typed, name: value}, key=key))

    def _follow(self, came: Answer) -> Answer:
        """A window that opens by itself is what one looks at then; the orders stay readable."""
        if came.status != 204 or not came.opened:
            return came
        opened = self.get(came.opened_at)
        return Answer(opened.status, opened.html, came.triggers | opened.triggers, opened.root)


def answer(response: HttpResponse | Any) -> Answer:
    content = b"".join(response) if response.streaming else response.content
    html = content.decode()
    is_html = html and response.headers.get("Content-Type", "").startswith("text/html")
    triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
    return Answer(response.status_code, html, triggers, read(html if is_html else ""))


def _sent_by(control: Element) -> tuple[str, Form]:
    """Where a control sends, and what of its form goes with it."""
    form = control.within("form")
    values: Form = dict(form.values) if form else {}
    if own := control.get("hx-post"):
        return own, values | json.loads(control.get("hx-vals") or "{}")
    assert form is not None, f"«{control.text}» sends nothing"
    assert form.get("hx-post"), f"the form around «{control.text}» sends nothing"
    return form["hx-post"], values
