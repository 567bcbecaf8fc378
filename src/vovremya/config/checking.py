"""What must always hold on a database, in plain words where it does not. Reads only."""

from collections.abc import Iterator

from vovremya.config import serving
from vovremya.customers.invariants import clients_with_words_after_erasure
from vovremya.directory.queries import wrong_debts
from vovremya.exchange.invariants import broken_exchange
from vovremya.journal.queries import altered_words, broken_seals
from vovremya.visits.invariants import broken_invariants
from vovremya.waitlist.invariants import broken_waits


def problems_found() -> Iterator[str]:
    if pending := serving.pending_migrations():
        yield f"The database is not up to date: {pending} migrations are to be applied."
        return
    for guard in serving.missing_guards():
        yield f"The database does not guard itself: {guard} is missing."
    for broken in broken_invariants():
        where = "" if broken.visit_id is None else f": visit {broken.visit_id}"
        yield f"{broken.invariant.replace('_', ' ').capitalize()}{where}."
    for breach in broken_waits():
        yield f"{breach.invariant.replace('_', ' ').capitalize()}: place {breach.wait_id} on the waiting list."
    for user_id in wrong_debts():
        yield f"Whether user {user_id} owes a second step at the door is not what the roles demand."
    for found in broken_exchange():
        yield f"{found}."
    for client_id in clients_with_words_after_erasure():
        yield f"Client {client_id} is erased, and something of the person is still there."
    for seal in broken_seals():
        first = "rows are missing" if seal.first_bad_entry_id is None else f"from entry {seal.first_bad_entry_id} on"
        yield (
            f"The journal of branch {seal.branch_id} is not as it was sealed, "
            f"entries {seal.from_entry_id} to {seal.to_entry_id}: {first}."
        )
    for entry_id in altered_words():
        yield f"The words of journal entry {entry_id} are not those written with it."
