"""Finding, registering and changing clients."""

from datetime import datetime
from functools import partial

import pytest
from django.db.models import Exists, OuterRef
from pytest_django import DjangoAssertNumQueries

from tests.apps.conftest import Hire
from vovremya.customers import actions, queries
from vovremya.customers.models import Car, Client, Phone, PhoneReveal
from vovremya.customers.rules import CarGiven
from vovremya.customers.texts import REFUSALS
from vovremya.directory.models import Branch, Network
from vovremya.directory.queries import actor_of
from vovremya.directory.rules import PROGRAM, Role
from vovremya.kernel.refusal import BadInput, NotAllowed, NotFound, Refusal

pytestmark = pytest.mark.django_db

SOLARIS = CarGiven(make="Hyundai", model="Solaris", plate="м347вс 77", vin="Z94CB41AABR123456")


@pytest.fixture
def anna(network: Network, now: datetime) -> Client:
    return actions.register(network, "Смирнова  Анна Викторовна", ["8 (912) 555-01-47"], SOLARIS, now=now).client


def among(*clients: Client) -> Exists:
    return Exists(Client.objects.filter(pk=OuterRef("pk"), pk__in=[client.pk for client in clients]))


@pytest.mark.parametrize(
    ("name", "car", "field"),
    [
        ("ﷺ" * 12, CarGiven(), "name"),
        ("Смирнова", CarGiven(plate="ß" * 20), "plate"),
        ("Смирнова", CarGiven(plate="İ" * 20), "plate"),
        ("Смирнова", CarGiven(vin="ß" * 17), "vin"),
    ],
)
def test_what_grows_when_it_is_folded_is_refused_at_its_field(
    network: Network, now: datetime, name: str, car: CarGiven, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        actions.register(network, name, car=car, now=now)
    assert refused.value.problems == {field: "text_too_long"}


class TestFinding:
    @pytest.mark.parametrize(
        "text",
        ["+79125550147", "8 912 555 01 47", "9125550147", "М347ВС77", "m347bc 77", "z94cb41aabr123456"],
    )
    def test_an_exact_phone_plate_or_vin_finds_in_the_whole_network(
        self, network: Network, anna: Client, text: str
    ) -> None:
        assert queries.find(text, network, is_visible=among()) == [anna]

    @pytest.mark.parametrize("text", ["смирнова", "Смирн", "анна смирнова", "СМИРНОВА А"])
    def test_a_surname_finds_only_the_branchs_own_clients(self, network: Network, anna: Client, text: str) -> None:
        assert queries.find(text, network, is_visible=among(anna)) == [anna]
        assert queries.find(text, network, is_visible=among()) == []

    @pytest.mark.parametrize("text", ["", "  ", "%", "нова", "5550147", "347", "Z94CB41AABR12345"])
    def test_a_part_of_a_key_or_of_a_word_finds_nobody(self, network: Network, anna: Client, text: str) -> None:
        assert queries.find(text, network, is_visible=among(anna)) == []

    def test_one_phone_of_several_people_gives_a_list(self, network: Network, anna: Client, now: datetime) -> None:
        son = actions.register(network, "Смирнов Пётр", ["+79125550147"], now=now).client
        assert queries.clients_by_phone("8 912 555-01-47", network) == [son, anna]

    def test_another_network_sees_nobody(self, anna: Client) -> None:
        foreign = Network.objects.create(name="Другая сеть")
        assert queries.find("+79125550147", foreign, is_visible=among(anna)) == []
        with pytest.raises(NotFound):
            queries.client_by_id(anna.pk, foreign)

    def test_finding_takes_a_fixed_number_of_queries(
        self, network: Network, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(5):
            actions.register(network, f"Ким {number}", [f"+7912000000{number}"], SOLARIS, now=now)
        with django_assert_num_queries(5):
            found = queries.find("М347ВС77", network, is_visible=among())
            assert [(len(client.phones.all()), len(client.cars.all())) for client in found] == [(1, 1)] * 5


class TestRegistering:
    def test_a_client_is_written_whole_in_one_form(self, anna: Client, now: datetime) -> None:
        anna.refresh_from_db()
        assert (anna.name, anna.name_key, anna.kind) == (
            "Смирнова Анна Викторовна",
            "смирнова анна викторовна",
            Client.Kind.PERSON,
        )
        assert anna.created_at == now
        assert anna.phones.get().number == "+79125550147"
        assert anna.cars.get().plate == "М347ВС77"

    def test_a_firm_is_an_organisation(self, network: Network, now: datetime) -> None:
        firm = actions.register(network, "ООО «Волна»", representative="Ким О. И.", now=now).client
        assert (firm.kind, firm.representative) == (Client.Kind.ORGANISATION, "Ким О. И.")

    @pytest.mark.parametrize(
        ("name", "phones", "car", "field", "code"),
        [
            (" ", [], CarGiven(), "name", "name_empty"),
            ("Я" * 201, [], CarGiven(), "name", "text_too_long"),
            ("Ким", ["12"], CarGiven(), "phone", "phone_unreadable"),
            ("Ким", [""], CarGiven(), "phone", "phone_empty"),
            ("Ким", [], CarGiven(plate="М" * 21), "plate", "text_too_long"),
        ],
    )
    def test_bad_input_is_refused_at_its_field_and_nothing_is_written(
        self,
        network: Network,
        now: datetime,
        name: str,
        phones: list[str],
        car: CarGiven,
        field: str,
        code: str,
    ) -> None:
        with pytest.raises(Refusal) as refused:
            actions.register(network, name, phones, car, now=now)
        problems = refused.value.problems if isinstance(refused.value, BadInput) else {}
        assert (refused.value.field, problems.get(field, refused.value.code)) == (field, code)
        assert code in REFUSALS
        assert not Client.objects.exists()

    def test_what_was_not_known_is_filled_in_but_nothing_that_somebody_has_told_meanwhile(self, anna: Client) -> None:
        as_it_was = Client.objects.get(pk=anna.pk)
        actions.fill_in_client(anna, representative="Смирнов Олег", email="anna@example.org")
        actions.fill_in_client(as_it_was, representative="Другой", email="other@example.org")
        anna.refresh_from_db()
        assert (anna.representative, anna.email) == ("Смирнов Олег", "anna@example.org")


class TestImporting:
    def test_the_same_row_twice_gives_the_same_client_and_car(self, network: Network, now: datetime) -> None:
        bring = partial(actions.find_or_register, network, "Смирнова Анна", ["89125550147"], SOLARIS, now=now)
        first, second = bring(), bring()
        assert (first.is_new, second.is_new) == (True, False)
        assert (second.client, second.car) == (first.client, first.car)
        assert (Client.objects.count(), Phone.objects.count(), Car.objects.count()) == (1, 1, 1)

    @pytest.mark.parametrize("car", [CarGiven(), CarGiven(make="Kia", model="Rio")])
    def test_a_row_without_phone_and_plate_is_not_doubled_either(
        self, network: Network, now: datetime, car: CarGiven
    ) -> None:
        bring = partial(actions.find_or_register, network, "Смирнова Анна", [], car, now=now)
        assert [bring().is_new, bring().is_new] == [True, False]
        assert Client.objects.count() == 1
        assert Car.objects.count() == (0 if car.is_empty else 1)

    def test_another_name_with_the_same_phone_is_another_client(self, network: Network, now: datetime) -> None:
        bring = partial(actions.find_or_register, network, now=now)
        anna = bring("Смирнова Анна", ["89125550147"], SOLARIS)
        peter = bring("Смирнов Пётр", ["89125550147"], SOLARIS)
        assert peter.client != anna.client

    def test_a_namesake_with_another_phone_and_car_is_another_client(
        self, network: Network, anna: Client, now: datetime
    ) -> None:
        other = actions.find_or_register(network, anna.name, ["89990000000"], CarGiven(plate="А001АА99"), now)
        assert other.is_new
        assert actions.find_or_register(network, anna.name, [], CarGiven(), now).is_new

    def test_one_known_by_the_car_gets_the_new_phone_behind_the_old(
        self, network: Network, anna: Client, now: datetime
    ) -> None:
        found = actions.find_or_register(network, anna.name, ["89990000000"], SOLARIS, now)
        assert found.client == anna
        assert [phone.number for phone in anna.phones.all()] == ["+79125550147", "+79990000000"]

    def test_one_known_by_the_phone_gets_the_second_car(self, network: Network, anna: Client, now: datetime) -> None:
        second = CarGiven(make="Kia", model="Rio", plate="А001АА99")
        found = actions.find_or_register(network, anna.name, ["89125550147"], second, now)
        assert found.client == anna
        assert anna.cars.count() == 2


class TestCars:
    def test_what_was_not_known_of_a_car_is_filled_in_and_what_was_known_stays(self, anna: Client) -> None:
        car = actions.add_car(anna, CarGiven(make="Хундай", plate="М347ВС77", year=2019, mileage=60_000))
        car.refresh_from_db()
        assert (car.make, car.model, car.year, car.mileage) == ("Hyundai", "Solaris", 2019, 60_000)
        assert anna.cars.count() == 1


class TestPhones:
    def test_a_number_is_added_behind_the_others(self, anna: Client, hire: Hire, branch: Branch, now: datetime) -> None:
        operator = actor_of(hire("ivanova", branch))
        phone = actions.add_phone(anna, "8 999 000-00-00", operator, now)
        assert (phone.number, phone.position, phone.added_at) == ("+79990000000", 1, now)

    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("", "phone_empty"),
            ("позвонить жене", "phone_empty"),
            ("12345", "phone_unreadable"),
            ("89990000000, 89990000001", "phone_not_single"),
            ("+7 912 555 01 47", "phone_known"),
        ],
    )
    def test_what_is_no_new_number_is_refused_at_the_field(
        self, anna: Client, hire: Hire, branch: Branch, now: datetime, typed: str, code: str
    ) -> None:
        operator = actor_of(hire("ivanova", branch))
        with pytest.raises(Refusal) as refused:
            actions.add_phone(anna, typed, operator, now)
        assert (refused.value.code, refused.value.field) == (code, "phone")
        assert code in REFUSALS
        assert anna.phones.count() == 1

    def test_a_struck_out_number_given_again_is_right_after_all(
        self, anna: Client, hire: Hire, branch: Branch, now: datetime
    ) -> None:
        phone = anna.phones.get()
        actions.strike_out(phone)
        assert anna.phones.get().is_wrong
        assert actions.add_phone(anna, "89125550147", actor_of(hire("ivanova", branch)), now) == phone
        assert not anna.phones.get().is_wrong

    def test_a_master_may_not_add_a_number(self, anna: Client, hire: Hire, branch: Branch, now: datetime) -> None:
        with pytest.raises(NotAllowed):
            actions.add_phone(anna, "89990000000", actor_of(hire("master", branch, role=Role.MASTER)), now)

    def test_who_saw_a_number_is_kept(self, anna: Client, hire: Hire, branch: Branch, now: datetime) -> None:
        operator = actor_of(hire("ivanova", branch))
        assert actions.reveal(anna.phones.get(), operator, branch.pk, "dial", now) == "+79125550147"
        kept = PhoneReveal.objects.get()
        assert (kept.user_id, kept.branch_id, kept.purpose, kept.at) == (
            operator.user_id,
            branch.pk,
            "dial",
            now,
        )

    def test_a_number_is_not_shown_without_the_right(
        self, anna: Client, hire: Hire, branch: Branch, other_branch: Branch, now: datetime
    ) -> None:
        phone = anna.phones.get()
        with pytest.raises(NotAllowed):
            actions.reveal(phone, actor_of(hire("m", branch, role=Role.MANAGER)), branch.pk, "show", now)
        with pytest.raises(NotFound):
            actions.reveal(phone, actor_of(hire("s", other_branch)), branch.pk, "show", now)
        with pytest.raises(NotAllowed):
            actions.reveal(phone, PROGRAM, branch.pk, "show", now)
        assert not PhoneReveal.objects.exists()


class TestImportingMany:
    def test_rows_of_one_table_know_one_another(
        self, network: Network, anna: Client, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        given = [
            actions.ClientGiven("Смирнова Анна Викторовна", ["89125550147"], CarGiven(plate="А001АА77")),
            actions.ClientGiven("Ким", ["89990000001"], CarGiven(make="Kia", model="Rio", plate="В002ВВ77")),
            actions.ClientGiven("Ким", ["89990000002"], CarGiven(vin="XTA217230D0123456", plate="в002вв 77")),
            actions.ClientGiven("Ким", ["89990000003"]),
        ]
        with django_assert_max_num_queries(12):
            first, second, third, fourth = actions.find_or_register_many(network, given, now)
        assert (first.client, first.is_new) == (anna, False)
        assert anna.cars.count() == 2
        assert second.client == third.client != fourth.client
        assert second.car == third.car
        assert second.client.cars.get().vin == "XTA217230D0123456"
        assert [phone.number for phone in second.client.phones.all()] == ["+79990000001", "+79990000002"]

    def test_bad_row_leaves_nothing_of_the_others(self, network: Network, now: datetime) -> None:
        with pytest.raises(BadInput):
            actions.find_or_register_many(network, [actions.ClientGiven("Ким"), actions.ClientGiven(" ")], now)
        assert not Client.objects.exists()
