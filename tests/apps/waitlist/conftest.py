"""Three bays on Monday, and who waits for a sooner time."""

import pytest

from tests.apps.waitlist.list_desk import ListDesk
from tests.cast import Cast, assembled


@pytest.fixture
def cast(db: None) -> Cast:
    return assembled()


@pytest.fixture
def desk(cast: Cast) -> ListDesk:
    return ListDesk(cast)
