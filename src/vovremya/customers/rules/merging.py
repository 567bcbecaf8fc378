"""Which clients may be one person, and which of their cars are one. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

#: Two clients, by their ids.
Pair = frozenset[int]


class Likeness(StrEnum):
    """Why two clients may be one person, the surest first."""

    VIN = "vin"
    PLATE = "plate"
    PHONE = "phone"
    NAME = "name"


def to_compare(ids: Iterable[int], apart: Collection[Pair]) -> list[tuple[int, int | None]]:
    """Of clients who share something those who may be one person, in the order of their ids, each with the first before
    it that it is to be compared with. `apart`: who are different people. Fewer than two is nobody."""
    members = sorted(set(ids))

    def others(pk: int) -> Iterator[int]:
        return (one for one in members if one != pk and frozenset((one, pk)) not in apart)

    firsts = {pk: next(others(pk), None) for pk in members}
    return [(pk, first if first < pk else None) for pk, first in firsts.items() if first is not None]


def same_cars(kept: Iterable[Mapping[str, Any]], gone: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    """By the id of a gone client's car, that of the kept one's with the same VIN or plate."""
    by_key: dict[tuple[str, str], int] = {}
    for car in kept:
        for key in _keys(car):
            by_key.setdefault(key, car["pk"])
    found = {car["pk"]: next((by_key[key] for key in _keys(car) if key in by_key), None) for car in gone}
    return {gone_id: kept_id for gone_id, kept_id in found.items() if kept_id is not None}


def _keys(car: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """A VIN outlives a plate; where both tell, the VIN does."""
    return [(kind, car[kind]) for kind in ("vin", "plate_key") if car[kind]]


def is_like_name(one: str, other: str) -> bool:
    """Folded names of which each word begins one of the other's: «смирнова а в» and «смирнова анна викторовна»."""
    shorter, longer = sorted((one.split(), other.split()), key=len)
    if len(shorter) < 2 or shorter[0] != longer[0]:
        return False
    return all(any(word.startswith(known) or known.startswith(word) for known in longer) for word in shorter)
