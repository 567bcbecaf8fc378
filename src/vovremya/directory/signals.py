"""News from the directory for the parts above, which connect in their `apps.py`."""

from django.dispatch import Signal

# Sent inside the transaction of `switch_off`, with user, actor and now.
user_switched_off = Signal()

# Sent when a session has ended at its user's wish.
user_signed_out = Signal()
