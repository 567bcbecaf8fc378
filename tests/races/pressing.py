"""One press of a button, sent again and again from everywhere. Models are imported by the functions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.races.arena import meet
from tests.races.outcome import ALREADY_DONE, DONE, outcome

PROCESSES = 10
THREADS = 10
#: Each about a visit of its own, in the order of their ids.
ACTIONS = ("book", "move", "remove", "check in", "dial", "drop", "finish")
_ANOTHER_BODY = "another body"


def press_each_button(_seed: int, threads: int) -> list[tuple[str, str, int]]:
    """Each button by so many threads of this process at once: action, what came of it, the entry that stands for it.

    Then the same key once more, with something else in the form.
    """
    from vovremya.journal.actions import Request

    told: list[tuple[str, str, int]] = []
    for number, action in enumerate(ACTIONS):
        act = act_of(action, number)
        request = Request.of(f"pressed once: {action}", action, {"visit": number})
        meet()
        with ThreadPoolExecutor(threads) as crowd:
            presses = [crowd.submit(_pressed, act, request) for _ in range(threads)]
        told += [(action, *press.result()) for press in presses]
        meet()
        other = Request.of(f"pressed once: {action}", action, {"visit": number, "more": 1})
        told.append((f"{action}, {_ANOTHER_BODY}", *_pressed(act, other)))
    return told


def _pressed(act: Callable[..., object], request: object) -> tuple[str, int]:
    from django.db import connection

    from vovremya.journal.models import RequestKey
    from vovremya.visits.actions.turn import AlreadyDone

    stands_for: list[int] = []

    def press() -> None:
        try:
            act(request=request)
        except AlreadyDone as done:
            stands_for.append(done.entry.pk)
            raise

    try:
        word = outcome(press)
        if word == DONE:
            stands_for.append(RequestKey.objects.values_list("entry_id", flat=True).get(key=request.key))  # type: ignore[attr-defined]
        return word, stands_for[0] if stands_for else 0
    finally:
        connection.close()


def act_of(action: str, number: int) -> Callable[..., object]:
    """What the button does to the visit of that number; the client has been reached, the card is desk 0's."""
    from functools import partial

    from tests.cast import MOSCOW, TOMORROW, at
    from vovremya.customers.models import Phone
    from vovremya.directory.models import RemovalReason, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions import booking, contact, reception, removal
    from vovremya.visits.models import Case, Visit
    from vovremya.visits.rules.words import Answer, CallResult

    now = at("11:01")
    visit = Visit.objects.select_related("client").order_by("id")[number]
    by: dict[str, Any] = {"actor": actor_of(User.objects.get(username="desk0")), "now": now}
    version = Case.objects.values_list("version", flat=True).get(visit=visit)
    in_hand = by | {"real_now": now, "case_version": version}
    starts_at = at("12:00", TOMORROW)
    plan = booking.Plan(visit.bay_id, starts_at, starts_at.replace(minute=30))
    later = booking.Plan(visit.bay_id, starts_at.replace(minute=30), starts_at.replace(minute=45))
    card = contact.CardInput(Answer.YES, "5", comment="Едет")
    expensive = removal.RemovalInput(RemovalReason.objects.get(code="expensive").pk)
    match action:
        case "book":
            return partial(booking.book, visit.branch_id, visit.client, None, plan, booking.Details(), **by)
        case "move":
            return partial(booking.move, visit.pk, later, plan_version=1, **by)
        case "remove":
            return partial(removal.remove, visit.pk, expensive, plan_version=1, **by)
        case "check in":
            return partial(reception.check_in, visit.pk, **by)
        case "dial":
            phone = Phone.objects.get(client_id=visit.client_id)
            return partial(contact.dial, visit.pk, phone.pk, real_now=now, **by)
        case "drop":
            return partial(contact.record_attempt, visit.pk, CallResult.DROPPED, **in_hand)
    return partial(contact.finish, visit.pk, card, zone=MOSCOW, **in_hand)


def is_once(told: list[tuple[str, str, int]], action: str, times: int) -> bool:
    """Whether one press had its effect, all others were told of just that one, and another form was refused."""
    of_action = [(word, entry) for name, word, entry in told if name == action]
    words = sorted(word for word, _ in of_action)
    others = {word for name, word, _ in told if name == f"{action}, {_ANOTHER_BODY}"}
    return (
        words == [ALREADY_DONE] * (times - 1) + [DONE]
        and len({entry for _, entry in of_action}) == 1
        and others == {"request_key_reused"}
    )


def forms_of_tomorrow() -> list[tuple[str, str, dict[str, str]]]:
    """Forms of the board that ask nothing of the clock: name, address, fields. Each about a visit of its own."""
    from datetime import timedelta

    from tests.cast import at
    from vovremya.directory.models import RemovalReason
    from vovremya.kernel import clock
    from vovremya.visits.models import Visit

    first, second, third = Visit.objects.order_by("id")[:3]
    reason_id = RemovalReason.objects.get(code="expensive").pk
    tomorrow = clock.now().date() + timedelta(days=1)
    starts_at, ends_at = at("12:00", tomorrow), at("13:00", tomorrow)
    slot = f"{first.bay_id} {starts_at.isoformat()} {ends_at.isoformat()}"
    forms = [
        ("check in", f"/visits/{first.pk}/check-in/", {}),
        (
            "remove",
            f"/visits/{second.pk}/remove/",
            {"reason": str(reason_id), "said_by_client": "yes", "plan_version": "1"},
        ),
        ("no-show", f"/visits/{third.pk}/no-show/", {}),
        ("book", "/SEV/booking/", {"slot": slot, "name": "Ким Новый", "phone": "+79990001122"}),
    ]
    return [(name, path, {**fields, "request_key": f"sent once: {name}"}) for name, path, fields in forms]


def entries_of_requests() -> int:
    """How many things were done by people's requests with a key, and by them alone."""
    from vovremya.journal.models import Entry, RequestKey

    kinds = ("client_arrived", "visit_removed", "no_show_marked")
    done = Entry.objects.filter(kind__in=kinds).count()
    booked = Entry.objects.filter(pk__in=RequestKey.objects.values("entry"), kind="visit_booked").count()
    return done + booked
