"""Two visits in a row of one car: the second follows the first (hard case 11). Pure."""

from datetime import datetime, timedelta

#: A car left on the station this long between two jobs still counts as one stay.
LONGEST_PAUSE = timedelta(minutes=15)


def is_in_a_row(first_ends_at: datetime, second_starts_at: datetime) -> bool:
    return timedelta(0) <= second_starts_at - first_ends_at <= LONGEST_PAUSE
