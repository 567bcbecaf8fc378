"""The frame of the pages, the icons and the error pages."""

import json
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from vovremya.ui import assets
from vovremya.ui.checks import assets_are_built
from vovremya.visits.rules.words import State

SOURCE = Path(assets.__file__).parents[1]


def named_icons() -> set[str]:
    """Every icon that a template or a script names outright."""
    names: set[str] = set()
    for path in SOURCE.rglob("*"):
        if path.suffix == ".html" and "templates" in path.parts:
            names |= set(re.findall(r'{% icon "([\w-]+)"', path.read_text(encoding="utf-8")))
        if path.suffix in {".html", ".ts", ".py"} and "static" not in path.parts:
            names |= set(re.findall(r'href="#i-([\w-]+)"', path.read_text(encoding="utf-8")))
    return names


def test_every_icon_in_use_is_in_the_sprite() -> None:
    drawn = json.loads((SOURCE / "ui" / "static_src" / "icons.json").read_text(encoding="utf-8"))
    assert named_icons() <= set(drawn)


def test_every_state_has_a_sign() -> None:
    drawn = json.loads((SOURCE / "ui" / "static_src" / "icons.json").read_text(encoding="utf-8"))
    assert {state.value for state in State} <= set(drawn)


def test_the_built_sprite_holds_every_icon_of_the_list() -> None:
    drawn = json.loads((SOURCE / "ui" / "static_src" / "icons.json").read_text(encoding="utf-8"))
    assert set(re.findall(r'<symbol id="i-([\w-]+)"', assets.sprite())) == set(drawn)


def test_assets_are_built_under_names_that_bear_their_digest() -> None:
    assert assets_are_built() == []
    for name in ("app.css", "app.js", "theme.js", "live-worker.js", "favicon.svg"):
        stem, suffix = name.rsplit(".", 1)
        url = assets.url_of(name)
        assert re.fullmatch(rf"/static/ui/{stem}\.[A-Z0-9]{{8}}\.{suffix}", url)
        assert (assets.BUILT / url.rsplit("/", 1)[1]).exists()


def test_an_icon_without_a_label_is_hidden_from_screen_readers() -> None:
    html = Template('{% load ui %}{% icon "late" %}{% icon "late" "опаздывает" %}').render(Context())
    assert html == (
        '<svg class="i" aria-hidden="true"><use href="#i-late"/></svg>'
        '<svg class="i" role="img" aria-label="опаздывает"><use href="#i-late"/></svg>'
    )


@pytest.mark.parametrize("code", [400, 403, 404, 500, 503])
def test_error_pages_need_nothing_and_tell_no_trace(code: int) -> None:
    html = render_to_string(f"{code}.html", {"exception": "SECRET TRACE"})
    assert '<html lang="ru"' in html
    assert "<h1>" in html
    assert "SECRET" not in html


def test_no_page_of_the_frame_has_inline_scripts_or_foreign_addresses() -> None:
    request = RequestFactory().get("/")
    html = render_to_string("404.html", {}, request)
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\son\w+=", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)
