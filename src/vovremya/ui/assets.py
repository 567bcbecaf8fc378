"""The built assets: which file a name stands for now, and the icons that go into the page."""

import json
from functools import cache
from pathlib import Path

from django.templatetags.static import static

BUILT = Path(__file__).parent / "static" / "ui"


def are_built() -> bool:
    return (BUILT / "assets.json").exists()


@cache
def _names() -> dict[str, str]:
    if not are_built():
        return {}
    names: dict[str, str] = json.loads((BUILT / "assets.json").read_text(encoding="utf-8"))
    return names


def url_of(name: str) -> str:
    return static(f"ui/{_names().get(name, name)}")


@cache
def build_id() -> str:
    """Changes with every release that changes a script or a style: open pages of an older one reload."""
    return "-".join(name.split(".")[1] for name in _names().values()) or "none"


@cache
def sprite() -> str:
    path = BUILT / "icons.svg"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def read() -> None:
    _names()
    sprite()
