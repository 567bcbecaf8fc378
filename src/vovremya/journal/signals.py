"""News from the journal for the parts above, which connect in their `apps.py`."""

from django.dispatch import Signal

# Sent inside the transaction that writes, once an entry; it may still be rolled back.
entry_recorded = Signal()
