"""The card of a client, consents, and two who were one person."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.utils.translation import override

from tests.apps.visits.desk import Desk
from tests.cast import TOMORROW, Cast, at
from vovremya.customers.actions import ClientGiven, find_or_register_many
from vovremya.customers.actions.card import value_of
from vovremya.customers.models import Car, Client, ClientChange, ConsentText, Merge, PhoneReveal, ToldApart
from vovremya.customers.queries import find
from vovremya.customers.rules import CarGiven
from vovremya.customers.rules.card import Facet, FacetOf, Value, seen_as
from vovremya.customers.rules.consents import Channel, Purpose
from vovremya.customers.rules.erasure import Ground
from vovremya.customers.texts import first_wording
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import BadInput, NotFound, Refusal
from vovremya.visits.actions import booking, clients, contact
from vovremya.visits.actions.erasing import erase_client
from vovremya.visits.actions.keeping import word_consent
from vovremya.visits.models import Attempt, Visit
from vovremya.visits.queries import is_client_of
from vovremya.visits.rules.words import CallResult
from vovremya.waitlist.actions import keeping
from vovremya.waitlist.models import Wait


def do(cast: Cast, by: str = "operator", clock: str = "10:30") -> dict[str, Any]:
    return {"branch": cast.branch, "actor": cast.actor(by), "now": at(clock)}


def person(cast: Cast) -> FacetOf:
    return FacetOf(cast.late_client.pk, Facet.PERSON)


def numbers(cast: Cast) -> FacetOf:
    return FacetOf(cast.late_client.pk, Facet.PHONES)


def change(cast: Cast, of: FacetOf, value: Value, seen: str = "", by: str = "operator") -> ClientChange | None:
    return clients.change_client(of, value, seen=seen or seen_as(value_of(of)), **do(cast, by))


def phone(number: str, *, is_wrong: bool = False, best_time: str = "") -> dict[str, object]:
    return {"number": number, "is_wrong": is_wrong, "best_time": best_time}


class TestCard:
    def test_a_change_is_kept_with_who_and_when_and_taken_back(self, cast: Cast) -> None:
        before = value_of(person(cast))
        made = change(cast, person(cast), {**before, "name": " Смирнова  Ольга ", "comment": "Тише"})
        assert made
        assert (made.user_id, made.at, made.before) == (cast.operator.user_id, at("10:30"), before)
        client = Client.objects.get(pk=cast.late_client.pk)
        assert (client.name, client.name_key, client.comment) == ("Смирнова Ольга", "смирнова ольга", "Тише")
        back = clients.take_back_client_change(made.pk, **do(cast, "second_operator"))
        assert back
        assert (value_of(person(cast)), back.takes_back) == (before, made)

    def test_what_two_write_at_once_is_refused_to_the_second_and_nobodys_words_are_lost(self, cast: Cast) -> None:
        before = value_of(person(cast))
        change(cast, person(cast), {**before, "comment": "Первый"})
        with pytest.raises(Refusal, match="client_changed_meanwhile"):
            change(cast, person(cast), {**before, "comment": "Второй"}, seen=seen_as(before))
        assert value_of(person(cast))["comment"] == "Первый"
        assert change(cast, person(cast), value_of(person(cast)), seen=seen_as(before)) is None, (
            "the same is no quarrel"
        )

    def test_an_older_change_is_not_taken_back_under_a_newer_one(self, cast: Cast) -> None:
        before = value_of(person(cast))
        older = change(cast, person(cast), {**before, "comment": "Первый"})
        change(cast, person(cast), {**before, "comment": "Второй"})
        assert older
        with pytest.raises(Refusal, match="client_changed_since"):
            clients.take_back_client_change(older.pk, **do(cast))

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"name": "  "}, {"name": "name_empty"}),
            ({"name": "я" * 201}, {"name": "text_too_long"}),
            ({"email": "anna"}, {"email": "email_unreadable"}),
            ({"kind": "cat"}, {"kind": "kind_unknown"}),
            ({"comment": "я" * 2001}, {"comment": "text_too_long"}),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(
        self, cast: Cast, fields: Mapping[str, str], code: Mapping[str, str]
    ) -> None:
        with pytest.raises(BadInput) as refused:
            change(cast, person(cast), {**value_of(person(cast)), **fields})
        assert refused.value.problems == code

    def test_numbers_are_added_put_in_order_struck_out_and_brought_back(self, cast: Cast) -> None:
        first = value_of(numbers(cast))[0]["number"]
        change(cast, numbers(cast), [phone("8 912 000-00-07", best_time="вечером"), phone(first, is_wrong=True)])
        shown = [(each.number, each.is_wrong, each.best_time) for each in cast.late_client.phones.all()]
        assert shown == [("+79120000007", False, "вечером"), (first, True, "")]
        with pytest.raises(Refusal, match="phone_unreadable"):
            change(cast, numbers(cast), [phone("12")])
        with pytest.raises(Refusal, match="phone_known"):
            change(cast, numbers(cast), [phone(first), phone(first)])
        with pytest.raises(BadInput):
            change(cast, numbers(cast), [phone(first, best_time="я" * 101)])

    def test_a_removed_number_leaves_its_calls_and_the_access_log(self, desk: Desk, cast: Cast) -> None:
        desk.dial("10:12")
        with pytest.raises(Refusal, match="phone_in_call"):
            change(cast, numbers(cast), [])
        desk.result("10:13", CallResult.BUSY)
        removed = change(cast, numbers(cast), [])
        assert removed
        assert [(each.phone_id, each.result) for each in Attempt.objects.all()] == [(None, "busy")]
        assert [(each.phone_id, each.client) for each in PhoneReveal.objects.all()] == [(None, cast.late_client)]
        clients.take_back_client_change(removed.pk, **do(cast))
        assert cast.late_client.phones.get().number == "+79123456789"

    def test_a_car_is_added_changed_and_retired_and_booking_offers_it_no_more(self, cast: Cast) -> None:
        new = FacetOf(cast.late_client.pk, Facet.CAR)
        value = {
            "make": "Lada",
            "model": "",
            "year": 2020,
            "plate": "a001aa 77",
            "vin": "",
            "mileage": None,
            "warranty_until": "2030-01-31",
            "is_active": True,
        }
        made = change(cast, new, value)
        assert made
        car = Car.objects.get(pk=made.subject_id or 0)
        assert (car.plate, car.plate_key, str(car.warranty_until)) == ("А001АА77", "а001аа77", "2030-01-31")
        clients.take_back_client_change(made.pk, **do(cast))
        found = find("Смирнова", cast.network, is_client_of(cast.branch.pk))
        assert found == [], "no visit yet"
        cast.book("10:00")
        (found_client,) = find("Смирнова", cast.network, is_client_of(cast.branch.pk))
        assert [each.plate for each in found_client.cars.all()] == ["М347ВС77"]
        with pytest.raises(BadInput):
            change(cast, new, {**value, "make": "", "plate": ""})
        with pytest.raises(NotFound):
            change(cast, FacetOf(cast.late_client.pk, Facet.CAR, 9999), value)

    def test_a_retired_car_that_comes_again_is_in_use_again(self, cast: Cast) -> None:
        of = FacetOf(cast.late_client.pk, Facet.CAR, cast.late_car.pk)
        change(cast, of, {**value_of(of), "is_active": False})
        given = ClientGiven("Смирнова Анна Викторовна", ["+79123456789"], CarGiven("Hyundai", "Solaris", "М347ВС77"))
        (again,) = find_or_register_many(cast.network, [given], at("10:30"))
        assert (again.client, again.car) == (cast.late_client, cast.late_car)
        assert Car.objects.get(pk=cast.late_car.pk).is_active

    def test_another_network_s_client_is_not_there(self, cast: Cast) -> None:
        foreign = type(cast.network).objects.create(name="Другая сеть")
        Client.objects.filter(pk=cast.late_client.pk).update(network=foreign)
        with pytest.raises(NotFound):
            change(cast, person(cast), {**value_of(person(cast)), "comment": "x"})


class TestConsents:
    def mark(self, cast: Cast, *, is_given: bool, number: int = 1) -> Any:
        purpose, channel = Purpose.ADVERTISING, Channel.CALL
        client_id = cast.late_client.pk
        return clients.mark_consent(client_id, purpose, channel, is_given=is_given, number=number, **do(cast))

    def test_a_consent_is_kept_with_its_text_and_ends_at_once_on_demand(self, cast: Cast) -> None:
        given = self.mark(cast, is_given=True)
        assert (given.text.number, given.user_id, given.channel) == (1, cast.operator.user_id, "call")
        with pytest.raises(Refusal, match="consent_stands_so"):
            self.mark(cast, is_given=True)
        withdrawn = self.mark(cast, is_given=False)
        assert (withdrawn.text, cast.late_client.consents.first()) == (None, withdrawn)

    def test_what_clients_are_read_is_kept_word_for_word_whatever_language_the_user_reads(self, cast: Cast) -> None:
        with override("en"):
            given = self.mark(cast, is_given=True)
        assert given.text.text == first_wording(Purpose.ADVERTISING)
        assert given.text.text.startswith("Я согласен")

    def test_a_text_that_was_changed_meanwhile_has_to_be_read_anew(self, cast: Cast) -> None:
        admin: dict[str, Any] = {"branch": cast.branch, "actor": cast.administrator, "now": at("10:00")}
        assert word_consent(purpose=Purpose.ADVERTISING, text="Согласен на звонки", **admin).number == 2
        assert word_consent(purpose=Purpose.ADVERTISING, text="Согласен на звонки ", **admin).number == 2
        with pytest.raises(Refusal, match="consent_text_changed"):
            self.mark(cast, is_given=True)
        assert self.mark(cast, is_given=True, number=2).text.text == "Согласен на звонки"
        assert ConsentText.objects.count() == 2
        for text in ("", "я" * 5001):
            with pytest.raises(BadInput):
                word_consent(purpose=Purpose.ADVERTISING, text=text, **admin)


@pytest.fixture
def twin(cast: Cast) -> Client:
    """The late client once more, with the same number, the same car and another; booked, and on the waiting list."""
    client, car = cast.register("Смирнова А. В.", "89123456789", "89120000009", plate="М347ВС77")
    assert car
    Car.objects.create(client=client, make="Lada", plate="А001АА77", plate_key="а001аа77")
    cast.book("12:00", bay=1, client=client, car=car)
    tomorrow = cast.book("12:00", on=TOMORROW, client=client, car=car)
    keeping.want_sooner(tomorrow, keeping.WishedFor(), actor=cast.operator, now=at("09:00"))
    clients.mark_consent(
        client.pk, Purpose.RECORDING, Channel.PAPER, is_given=True, number=1, **do(cast, clock="09:00")
    )
    return client


def merge(cast: Cast, twin: Client, **chosen: str) -> Merge:
    seen = seen_as(clients.compared(cast.late_client.pk, twin.pk))
    called = {**value_of(person(cast)), **chosen}
    return clients.merge(cast.late_client.pk, twin.pk, called, seen=seen, **do(cast, "supervisor"))


def everything(cast: Cast, twin: Client) -> dict[str, Any]:
    both = (cast.late_client.pk, twin.pk)
    return {
        "names": list(Client.objects.filter(pk__in=both).order_by("pk").values("name", "email", "merged_into")),
        "phones": [list(Client.objects.get(pk=pk).phones.values("pk", "number", "position")) for pk in both],
        "cars": [list(Client.objects.get(pk=pk).cars.order_by("pk").values_list("pk")) for pk in both],
        "visits": list(Visit.objects.order_by("pk").values_list("client", "car")),
        "waits": list(Wait.objects.values_list("client", "car")),
        "consents": [Client.objects.get(pk=pk).consents.count() for pk in both],
    }


class TestMerging:
    def test_everything_goes_over_and_all_of_it_back(self, desk: Desk, cast: Cast, twin: Client) -> None:
        before = everything(cast, twin)
        made = merge(cast, twin, email="anna@b.test")
        kept = cast.late_client
        assert [each.number for each in kept.phones.all()] == ["+79123456789", "+79120000009"]
        assert sorted(kept.cars.values_list("plate", flat=True)) == ["А001АА77", "М347ВС77"]
        assert set(Visit.objects.values_list("client", "car")) == {(kept.pk, cast.late_car.pk)}
        assert set(Wait.objects.values_list("client", "car")) == {(kept.pk, cast.late_car.pk)}
        assert kept.consents.get().purpose == "recording"
        assert find("Смирнова А", cast.network, is_client_of(cast.branch.pk)) == [kept]
        assert find("+79123456789", cast.network, is_client_of(cast.branch.pk)) == [kept]
        clients.undo_merge(made.pk, **do(cast, "supervisor"))
        assert everything(cast, twin) == before
        with pytest.raises(Refusal, match="merge_undone_already"):
            clients.undo_merge(made.pk, **do(cast, "supervisor"))

    def test_an_import_under_the_other_name_finds_the_one_that_is_kept(self, cast: Cast, twin: Client) -> None:
        merge(cast, twin)
        given = ClientGiven("Смирнова А. В.", ["+79120000009"])
        (found,) = find_or_register_many(cast.network, [given], at("10:30"))
        assert (found.client, found.is_new) == (cast.late_client, False)

    def test_a_card_changed_since_it_was_compared_is_not_merged(self, cast: Cast, twin: Client) -> None:
        seen = seen_as(clients.compared(cast.late_client.pk, twin.pk))
        change(cast, FacetOf(twin.pk, Facet.PERSON), {**value_of(FacetOf(twin.pk, Facet.PERSON)), "comment": "Ждёт"})
        with pytest.raises(Refusal, match="client_changed_meanwhile"):
            clients.merge(cast.late_client.pk, twin.pk, value_of(person(cast)), seen=seen, **do(cast, "supervisor"))
        with pytest.raises(NotFound):
            clients.merge(twin.pk, twin.pk, {}, seen="", **do(cast, "supervisor"))

    def test_two_who_wait_with_one_car_are_not_merged(self, cast: Cast, twin: Client) -> None:
        visit = cast.book("15:00", on=TOMORROW, bay=1)
        keeping.want_sooner(visit, keeping.WishedFor(), actor=cast.operator, now=at("09:00"))
        with pytest.raises(Refusal, match="merge_both_wait"):
            merge(cast, twin)

    def test_a_carried_number_that_was_removed_and_put_back_goes_back(self, cast: Cast, twin: Client) -> None:
        made = merge(cast, twin)
        both = value_of(numbers(cast))
        change(cast, numbers(cast), both[:1])
        change(cast, numbers(cast), both)
        clients.undo_merge(made.pk, **do(cast, "supervisor"))
        assert [each.number for each in cast.late_client.phones.all()] == ["+79123456789"]
        assert [each.number for each in twin.phones.all()] == ["+79123456789", "+79120000009"]

    def test_a_merge_of_an_older_release_that_names_phones_by_ids_is_undone(self, cast: Cast, twin: Client) -> None:
        before = everything(cast, twin)
        made = merge(cast, twin)
        numbers_moved = made.moved.pop("numbers")
        made.moved["phones"] = {
            str(cast.late_client.phones.get(number=each).pk): numbers_moved[each] for each in numbers_moved
        }
        made.save()
        clients.undo_merge(made.pk, **do(cast, "supervisor"))
        assert everything(cast, twin) == before

    def test_the_numbers_that_went_over_are_forgotten_with_the_person(self, cast: Cast) -> None:
        made = merge(cast, cast.register("Смирнова А. В.", "89120000009")[0])
        assert made.moved["numbers"] == {"+79120000009": 0}
        erase_client(cast.late_client.pk, Ground.REQUEST, requested_on=None, **do(cast, "supervisor"))
        made.refresh_from_db()
        assert made.moved == {}

    @pytest.mark.parametrize(
        "code",
        [
            "merge_has_later",
            "merge_person_changed",
            "merge_visits_changed",
            "merge_phones_changed",
            "merge_cars_changed",
        ],
    )
    def test_what_stands_in_the_way_of_taking_them_apart_is_named(self, cast: Cast, twin: Client, code: str) -> None:
        made = merge(cast, twin, email="anna@b.test")
        if code == "merge_has_later":
            merge(cast, cast.register("Смирнова")[0])
        elif code == "merge_person_changed":
            change(cast, person(cast), {**value_of(person(cast)), "email": ""})
        elif code == "merge_visits_changed":
            Visit.objects.filter(client=cast.late_client).update(client=cast.register("Кот Иван")[0])
        elif code == "merge_phones_changed":
            change(cast, numbers(cast), value_of(numbers(cast))[:1])
        else:
            Car.objects.filter(client=cast.late_client).update(client=cast.register("Кот Иван")[0])
        with pytest.raises(Refusal, match=code):
            clients.undo_merge(made.pk, **do(cast, "supervisor"))

    def test_a_card_that_went_into_another_is_changed_no_more(self, cast: Cast, twin: Client) -> None:
        merge(cast, twin)
        of = FacetOf(twin.pk, Facet.PERSON)
        with pytest.raises(Refusal, match="client_merged"):
            change(cast, of, {**value_of(of), "comment": "x"})


class TestTellingApart:
    def test_it_is_said_once_whichever_is_named_first_and_taken_back_once(self, cast: Cast, twin: Client) -> None:
        both = (cast.late_client.pk, twin.pk)
        clients.tell_apart(*both, **do(cast, "supervisor"))
        clients.tell_apart(*reversed(both), **do(cast, "supervisor"))
        assert ToldApart.objects.values_list("one", "other").get() == tuple(sorted(both))
        clients.take_back_telling_apart(*reversed(both), **do(cast, "supervisor"))
        clients.take_back_telling_apart(*both, **do(cast, "supervisor"))
        assert not ToldApart.objects.exists()
        said = Entry.objects.filter(kind="clients_told_apart").order_by("pk").values_list("data", flat=True)
        assert [each.get("is_undone", False) for each in said] == [False, True]

    def test_who_is_told_apart_from_themselves_or_from_one_erased_is_refused(self, cast: Cast, twin: Client) -> None:
        with pytest.raises(NotFound):
            clients.tell_apart(twin.pk, twin.pk, **do(cast, "supervisor"))
        Client.objects.filter(pk=twin.pk).update(erased_at=at("10:00"))
        with pytest.raises(Refusal, match="client_erased"):
            clients.tell_apart(cast.late_client.pk, twin.pk, **do(cast, "supervisor"))

    def test_nothing_of_it_outlives_an_erasure(self, cast: Cast) -> None:
        mother, _ = cast.register("Ивлева Вера", "89120000077")
        son, _ = cast.register("Ивлев Юрий", "89120000077")
        clients.tell_apart(mother.pk, son.pk, **do(cast, "supervisor"))
        erase_client(son.pk, Ground.REQUEST, requested_on=None, **do(cast, "administrator"))
        assert not ToldApart.objects.exists()


def test_a_contact_under_way_goes_on_after_a_merge(desk: Desk, cast: Cast) -> None:
    desk.dial("10:12")
    twin, _ = cast.register("Смирнова А. В.", "89123456789")
    clients.merge(
        twin.pk,
        cast.late_client.pk,
        value_of(FacetOf(twin.pk, Facet.PERSON)),
        seen=seen_as(clients.compared(twin.pk, cast.late_client.pk)),
        **do(cast, "supervisor", "10:13"),
    )
    assert desk.visit.client == twin
    desk.result("10:14", CallResult.ANSWERED)
    assert desk.attempts[0].result == "answered"


@pytest.mark.parametrize("fate", ["client_erased", "client_merged"])
def test_who_was_erased_or_merged_meanwhile_is_booked_and_put_on_the_list_no_more(cast: Cast, fate: str) -> None:
    """The form was drawn before."""
    drawn = cast.late_client
    if fate == "client_erased":
        erase_client(drawn.pk, Ground.REQUEST, requested_on=None, **do(cast, "supervisor"))
    else:
        twin, _ = cast.register("Смирнова А. В.", "89123456789")
        seen = seen_as(clients.compared(drawn.pk, twin.pk))
        clients.merge(twin.pk, drawn.pk, value_of(person(cast)), seen=seen, **do(cast, "supervisor"))
    with pytest.raises(Refusal, match=fate):
        cast.book("12:00")
    wanted = keeping.Wanted(drawn, cast.late_car, 60)
    with pytest.raises(Refusal, match=fate):
        keeping.put_on_list(cast.branch.pk, wanted, keeping.WishedFor(), actor=cast.operator, now=at("11:00"))
    assert not Visit.objects.exists()


def test_no_word_is_added_to_the_visit_of_one_who_was_erased(desk: Desk, cast: Cast) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.finish("10:13")
    case = desk.case
    desk.check_in("10:20")
    Visit.objects.filter(pk=desk.visit_id).update(status="done", work_started_at=at("10:21"), work_ended_at=at("10:29"))
    erase_client(cast.late_client.pk, Ground.REQUEST, requested_on=None, **do(cast, "supervisor"))
    with pytest.raises(Refusal, match="client_erased"):
        contact.add_note(case.pk, "Звонила снова", actor=cast.operator, now=at("10:40"))
    with pytest.raises(Refusal, match="client_erased"):
        booking.edit(desk.visit_id, booking.Details(reason="Стучит"), actor=cast.operator, now=at("10:40"))
