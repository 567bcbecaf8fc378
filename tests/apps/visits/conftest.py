"""The late client's visit at 10:00, and the desk that has to do with it."""

import pytest

from tests.apps.visits.desk import Desk
from tests.cast import Cast, assembled


@pytest.fixture
def cast(db: None) -> Cast:
    return assembled()


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast, cast.book("10:00").pk)
