"""How many rows a transaction takes, so that none holds up the operators."""

from dataclasses import dataclass

AIM_SECONDS = 0.07  # leaves room for a slow moment below the 100 ms that no transaction should outlast
# A waiting writer tries again every 25 ms at first, then more and more rarely: the pause has to meet one of its tries.
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.026, 0.1
_PAUSE_SHARE = 0.4
_FEWEST, _MOST = 40, 500  # fewer would spend more on the transaction than on the rows
_GROWTH = 1.5


@dataclass(frozen=True)
class Pace:
    rows: int = _FEWEST

    def after(self, rows: int, seconds: float) -> "Pace":
        """The next chunk: as many rows as would have filled the aim, growing gently and shrinking at once."""
        fitting = int(rows * AIM_SECONDS / max(seconds, 0.001))
        return Pace(max(_FEWEST, min(fitting, int(self.rows * _GROWTH) + 1, _MOST)))


def pause_after(seconds: float) -> float:
    """How long to let others write after a transaction that took so long."""
    return min(max(seconds * _PAUSE_SHARE, _SHORTEST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
