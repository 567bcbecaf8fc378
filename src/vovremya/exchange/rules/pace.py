"""How many rows a transaction takes, so that none holds up the operators."""

from dataclasses import dataclass

AIM_SECONDS = 0.06  # leaves room for a slow moment below the 100 ms that no transaction should outlast
PAUSE_SECONDS = 0.02  # about as long as a waiting writer sleeps between two tries
_FEWEST, _MOST = 40, 500  # fewer would spend more on the transaction than on the rows
_GROWTH = 1.5


@dataclass(frozen=True)
class Pace:
    rows: int = _FEWEST

    def after(self, rows: int, seconds: float) -> "Pace":
        """The next chunk: as many rows as would have filled the aim, growing gently and shrinking at once."""
        fitting = int(rows * AIM_SECONDS / max(seconds, 0.001))
        return Pace(max(_FEWEST, min(fitting, int(self.rows * _GROWTH) + 1, _MOST)))
