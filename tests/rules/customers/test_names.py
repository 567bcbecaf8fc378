"""Names of clients."""

import pytest

from vovremya.customers.rules import calling_name, fold_name, is_organisation, name_on_bar, short_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Смирнова  АННА", "смирнова анна"),
        ("Артём Ковалёв", "Артем Ковалев"),
        ("ООО „Волна“", "ооо «Волна»"),
        ("Петров-Водкин К. С.", "петров-водкин к с"),
    ],
)
def test_one_name_in_two_writings_is_one(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("name", "on_bar", "short", "called"),
    [
        ("Смирнова Анна Викторовна", "Смирнова Анна", "Смирнова А. В.", "Анна Викторовна"),
        ("Анна Викторовна Смирнова", "Смирнова Анна", "Смирнова А. В.", "Анна Викторовна"),
        ("Смирнова Анна", "Смирнова Анна", "Смирнова А.", "Анна"),
        ("Анна Викторовна", "Анна", "Анна Викторовна", "Анна Викторовна"),
        ("Мамедов Али Гасан оглы", "Мамедов Али", "Мамедов А. Г.", "Али Гасан оглы"),
        ("Смирнова А. В.", "Смирнова А.", "Смирнова А. В.", "Смирнова А. В."),
        ("Анна", "Анна", "Анна", "Анна"),
        ("ООО «Волна»", "ООО «Волна»", "ООО «Волна»", "ООО «Волна»"),
        ("", "", "", ""),
    ],
)
def test_a_name_is_shortened_and_said_aloud(name: str, on_bar: str, short: str, called: str) -> None:
    assert name_on_bar(name) == on_bar
    assert short_name(name) == short
    assert calling_name(name) == called


def test_an_organisation_is_called_by_its_representative() -> None:
    assert calling_name("ООО «Волна»", "Ким Олег Ильич") == "Олег Ильич"


@pytest.mark.parametrize("name", ["ООО Волна", "Такси «Ветер»", "ИП Ким О. И.", "ГБУ СО Больница № 3"])
def test_an_organisation_is_known_by_its_form_or_quotes(name: str) -> None:
    assert is_organisation(name)


@pytest.mark.parametrize("name", ["Аоки Кендзи", "Ипатов Пётр", "Смирнова Анна"])
def test_a_person_is_not_taken_for_an_organisation(name: str) -> None:
    assert not is_organisation(name)
