"""What of the branch is needed to read its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

from vovremya.exchange.rules.folding import fold, fold_surname_and_initial, without_brackets


@dataclass(frozen=True)
class Bay:
    id: int
    coefficient: float = 1.0  # labour hours × coefficient = hours on the bay


@dataclass(frozen=True)
class Place:
    """The zone, and bays and advisors by their folded names."""

    zone: ZoneInfo
    bays: Mapping[str, Bay]
    advisors: Mapping[str, int]

    @classmethod
    def of(cls, zone: str, bays: Iterable[tuple[str, Bay]], advisors: Iterable[tuple[int, str, str]]) -> "Place":
        """Bays with their names; advisors as (id, name on the board, full name)."""
        bays, advisors = list(bays), list(advisors)
        return cls(
            zone=ZoneInfo(zone),
            bays=_by_name(
                [(fold(name), bay) for name, bay in bays],
                [(fold(without_brackets(name)), bay) for name, bay in bays],
            ),
            advisors=_by_name(
                [(fold(name), advisor) for advisor, *names in advisors for name in names],
                [(fold_surname_and_initial(name), advisor) for advisor, *names in advisors for name in names],
            ),
        )

    def bay_named(self, name: str) -> Bay | None:
        return self.bays.get(fold(name))

    def advisor_named(self, name: str) -> int | None:
        return self.advisors.get(fold(name)) or self.advisors.get(fold_surname_and_initial(name))


_Named = TypeVar("_Named")


def _by_name(exact: list[tuple[str, _Named]], loose: list[tuple[str, _Named]]) -> dict[str, _Named]:
    """Full names, and shorter ones where only one thing bears them."""
    bearers: dict[str, set[_Named]] = {}
    for key, named in loose:
        bearers.setdefault(key, set()).add(named)
    alone = {key: named for key, (named, *others) in bearers.items() if not others}
    return {key: named for key, named in (alone | dict(exact)).items() if key}
