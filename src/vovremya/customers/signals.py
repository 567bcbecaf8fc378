"""News of clients for the parts above, which connect in their `apps.py`. All inside the transaction that writes."""

from django.dispatch import Signal

# Before an erasure, with client_ids and now: receivers tell what has to be ended first, a list of `Obstacle`.
erasure_considered = Signal()

# Of an erasure, with client_ids, traces and now: receivers erase what is theirs and tell how many of what.
client_erased = Signal()

# With kept_id, gone_id and same_cars (by the id of the gone one's): receivers bring over what is theirs and tell the
# ids, by kind, which they get back when the merge is undone.
clients_merged = Signal()
merge_undone = Signal()

# Words are kept no longer, with network_id, since and until: receivers erase those of what ended in between.
words_expired = Signal()
