"""How the first rows of a file are shown to whoever says what its columns hold."""

from collections.abc import Iterable, Sequence

from vovremya.exchange.rules.cells import Cell, text_of
from vovremya.kernel import phones

_LONGEST_SHOWN = 60
_FEWEST_TITLES = 3


def shown_cell(cell: Cell) -> str:
    """Enough to see what it is; a number is masked as everywhere."""
    text = text_of(cell)
    if numbers := phones.find(text).numbers:
        return ", ".join(map(phones.masked, numbers))[:_LONGEST_SHOWN]
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def guessed_heading(rows: Iterable[tuple[int, Sequence[Cell]]]) -> int:
    """Where no heading is known: the first row with some texts, else the first."""
    numbers = [number for number, cells in rows if sum(map(bool, map(text_of, cells))) >= _FEWEST_TITLES]
    return numbers[0] if numbers else 1
