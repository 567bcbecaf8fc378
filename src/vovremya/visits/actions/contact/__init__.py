"""The late contact: the card, the calls, the answers (M3–M12)."""

from vovremya.visits.actions.contact.answers import (
    CardInput,
    add_note,
    call_back_later,
    finish,
    keep_waiting,
    save_card,
)
from vovremya.visits.actions.contact.calls import SAME_NUMBER_WARNS_FOR, add_number, client_called, dial, record_attempt
from vovremya.visits.actions.contact.grip import LEASE_LASTS
from vovremya.visits.actions.contact.holding import (
    lapse_leases,
    open_card,
    release_card,
    renew_lease,
    reopen,
    save_draft,
    take_over,
)

__all__ = [
    "LEASE_LASTS",
    "SAME_NUMBER_WARNS_FOR",
    "CardInput",
    "add_note",
    "add_number",
    "call_back_later",
    "client_called",
    "dial",
    "finish",
    "keep_waiting",
    "lapse_leases",
    "open_card",
    "record_attempt",
    "release_card",
    "renew_lease",
    "reopen",
    "save_card",
    "save_draft",
    "take_over",
]
