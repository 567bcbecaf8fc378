"""Files are read in the test's own process: starting one for each is most of what an import of three rows takes.

The real thing is tried by the hostile uploads of `test_fuzz_import.py` and in the browser.
"""

import pytest

from vovremya.exchange.actions import preparing
from vovremya.exchange.reading.opening import look_here, open_here


def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "look_apart", look_here)
    monkeypatch.setattr(preparing, "open_apart", open_here)
