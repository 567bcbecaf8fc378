"""What must be true of every waiting list at any time; asked by `vovremya check` beside what must be of visits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from vovremya.journal.models import Entry
from vovremya.journal.queries import forgotten
from vovremya.waitlist.models import TimeOffer, Wait
from vovremya.waitlist.rules.words import Ending, OfferAnswer


@dataclass(frozen=True)
class BrokenWait:
    """An invariant, by its name, and a place on a list of which it is not true."""

    invariant: str
    wait_id: int


def broken_waits() -> list[BrokenWait]:
    """Every breach that there is, in a fixed number of queries."""
    return [
        BrokenWait(invariant.__name__.lstrip("_"), wait_id)
        for invariant in _INVARIANTS
        for wait_id in sorted(set(invariant()))
    ]


def _ids(waits: QuerySet[Wait]) -> Iterable[int]:
    return waits.values_list("id", flat=True)


def _of_offers(offers: QuerySet[TimeOffer]) -> Iterable[int]:
    return offers.values_list("wait_id", flat=True)


def _two_places_for_one_car() -> Iterable[int]:
    on_list = Wait.objects.filter(ended_at=None)
    other = on_list.filter(branch=OuterRef("branch"), client=OuterRef("client")).exclude(pk=OuterRef("pk"))
    with_car = on_list.filter(Exists(other.filter(car_id=OuterRef("car_id"))))
    without_car = on_list.filter(Exists(other.filter(car=None)), car=None)
    return _ids(with_car | without_car)


def _wait_for_the_visit_of_somebody_else() -> Iterable[int]:
    other = ~Q(visit__client=F("client")) | ~Q(visit__branch=F("branch"))
    return _ids(Wait.objects.filter(other, visit__isnull=False))


def _wait_that_the_journal_does_not_know() -> Iterable[int]:
    entries = Entry.objects.filter(kind__in=("wait_begun", "wait_ended")).values_list("data", "kind", "at")
    told = {(data["wait"], kind, at) for data, kind, at in entries}
    for wait_id, added_at, ended_at in Wait.objects.values_list("id", "added_at", "ended_at"):
        has_ended = ended_at is None or (wait_id, "wait_ended", ended_at) in told
        if not has_ended or (wait_id, "wait_begun", added_at) not in told:
            yield wait_id


def _words_of_a_client_who_is_erased() -> Iterable[int]:
    waits = Wait.objects.filter(client__erased_at__isnull=False)
    return _ids(waits.exclude(reason="", parts="", comment="", ending_comment=""))


def _withdrawn_without_who_or_why() -> Iterable[int]:
    told = Entry.objects.filter(kind="wait_ended", branch=OuterRef("branch"), at=OuterRef("ended_at"))
    wordless = Q(ending_comment="") & ~Q(Exists(forgotten(told)))
    return _ids(Wait.objects.filter(Q(ended_by=None) | wordless, ending=Ending.WITHDRAWN))


def _call_about_a_wait_that_has_ended() -> Iterable[int]:
    return _of_offers(TimeOffer.objects.filter(answer="", wait__ended_at__isnull=False))


def _answer_without_its_time() -> Iterable[int]:
    return _of_offers(
        TimeOffer.objects.filter(
            (Q(answer="") & Q(answered_at__isnull=False))
            | (~Q(answer="") & Q(answered_at=None))
            | Q(answered_at__lt=F("offered_at"))
        )
    )


def _agreed_and_not_booked() -> Iterable[int]:
    """Whoever agreed was given that time, in the same action."""
    given = Entry.objects.filter(
        visit_id=OuterRef("wait__visit_id"), kind__in=("visit_booked", "visit_moved"), at=OuterRef("answered_at")
    )
    return _of_offers(TimeOffer.objects.filter(~Exists(given), answer=OfferAnswer.ACCEPTED))


def _offered_again_after_a_refusal() -> Iterable[int]:
    before = TimeOffer.objects.filter(
        wait=OuterRef("wait"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
        pk__lt=OuterRef("pk"),
        answer__in=(OfferAnswer.REFUSED, OfferAnswer.UNREACHED),
        answered_at__lt=OuterRef("offered_at"),
    )
    return _of_offers(TimeOffer.objects.filter(Exists(before)))


_INVARIANTS: tuple[Callable[[], Iterable[int]], ...] = (
    _two_places_for_one_car,
    _wait_for_the_visit_of_somebody_else,
    _wait_that_the_journal_does_not_know,
    _words_of_a_client_who_is_erased,
    _withdrawn_without_who_or_why,
    _call_about_a_wait_that_has_ended,
    _answer_without_its_time,
    _agreed_and_not_booked,
    _offered_again_after_a_refusal,
)
