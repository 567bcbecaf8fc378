"""News from the directory for the parts above, which connect in their `apps.py`."""

from django.dispatch import Signal

# Sent inside the transaction that changes a member of staff, with change, branch_ids, actor and now.
staff_changed = Signal()

# Sent when a session has ended at its user's wish.
user_signed_out = Signal()
