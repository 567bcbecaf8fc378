"""Whatever the environment can set is written down where people look for it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = (ROOT / "src" / "vovremya" / "config" / "settings.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "README.ru.md"])
@pytest.mark.parametrize("variable", sorted(set(re.findall(r"VOVREMYA_[A-Z_]+", SETTINGS))))
def test_every_variable_is_in_the_readme(variable: str, page: str) -> None:
    assert f"`{variable}" in (ROOT / page).read_text(encoding="utf-8")
