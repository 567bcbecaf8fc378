"""A furnished database, fresh for every test that serves it; the cast at their screens, and a clock that stands."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.cast import Cast, assembled
from tests.flows.deeds import furnish
from tests.flows.doors import Scene
from tests.flows.seat import Seat, StoppedClock
from tests.races.arena import Arena, copied, new_arena
from vovremya.kernel import clock as kernel_clock
from vovremya.visits.models import Visit


@pytest.fixture(scope="session")
def furnished_station(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = as_demo(copied(migrated, tmp_path_factory.mktemp("station")))
    arena.alone(furnish)
    return arena


@pytest.fixture
def station(furnished_station: Arena, tmp_path: Path) -> Arena:
    return as_demo(copied(furnished_station, tmp_path))


@pytest.fixture
def empty_station(tmp_path: Path) -> Arena:
    return new_arena(tmp_path)


def as_demo(arena: Arena) -> Arena:
    """The cast's logins are demo logins: this start lets them in."""
    environment: Mapping[str, str] = {**arena.environment, "VOVREMYA_DEMO": "1"}
    return Arena(environment)


# --- by Django's test client -------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[StoppedClock]:
    stopped = StoppedClock()
    monkeypatch.setattr(kernel_clock, "real_now", stopped.real_now)
    yield stopped
    kernel_clock.follow(None)


@pytest.fixture
def cast(db: None, clock: StoppedClock, settings: Settings) -> Cast:
    settings.DEMO = True  # the cast has demo logins
    return assembled()


@pytest.fixture
def seat(cast: Cast) -> Callable[[str], Seat]:
    return lambda name: Seat(cast, cast.actor(name))


@pytest.fixture
def operator(seat: Callable[[str], Seat]) -> Seat:
    return seat("operator")


@pytest.fixture
def second_operator(seat: Callable[[str], Seat]) -> Seat:
    return seat("second_operator")


@pytest.fixture
def master(seat: Callable[[str], Seat]) -> Seat:
    return seat("master")


@pytest.fixture
def supervisor(seat: Callable[[str], Seat]) -> Seat:
    return seat("supervisor")


@pytest.fixture
def visit(cast: Cast) -> Visit:
    """The late client is booked for 10:00."""
    return cast.book("10:00")


@pytest.fixture
def scene(cast: Cast, visit: Visit, clock: StoppedClock) -> Scene:
    clock.show("10:12")
    return Scene(cast, visit, clock)
