"""The named refusals of the schedule."""

from collections.abc import Sequence

from vovremya.kernel.refusal import Refusal
from vovremya.schedule.rules.occupied import Occupied


class BayTaken(Refusal):
    """Something occupies the bay's lane at that time. `facts`: bay_id, in_the_way, visit_ids."""

    code = "bay_taken"

    def __init__(self, bay_id: int, in_the_way: Sequence[Occupied]) -> None:
        visit_ids = [occupied.visit_id for occupied in in_the_way if occupied.visit_id is not None]
        super().__init__(field="starts_at", bay_id=bay_id, in_the_way=tuple(in_the_way), visit_ids=tuple(visit_ids))


class TooLong(Refusal):
    """No single period may last that long."""

    code = "occupation_too_long"
