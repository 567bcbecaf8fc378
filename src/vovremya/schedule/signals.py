"""News from the schedule for the parts above, which connect in their `apps.py`."""

from django.dispatch import Signal

# Sent inside the transaction that frees them, with branch_id, bay_id, periods and now: what a visit gives up of a bay.
time_freed = Signal()
