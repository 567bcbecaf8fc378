import pytest
from hypothesis import given
from hypothesis import strategies as st

from vovremya.kernel import phones
from vovremya.kernel.phones import Found, PhoneEmpty, PhoneNotSingle, PhoneUnreadable


@pytest.mark.parametrize(
    "written",
    [
        "+79125550147",
        "8 (912) 555-01-47",
        "8(912)555-01-47",
        "8-912-555-01-47",
        "8 912 5550147",
        "79125550147",
        "9125550147",
        "+7 912 555–01–47",
        "тел. 8.912.555.01.47",
        "моб.: +7 912 555 01 47 (Анна)",
        "８９１２５５５０１４７",
    ],
)
def test_one_number_is_read_in_every_writing(written: str) -> None:
    assert phones.parse(written) == "+79125550147"


@pytest.mark.parametrize(
    ("cell", "numbers", "unread"),
    [
        ("+79996982340; доб. 8 999 0432896", ("+79996982340", "+79990432896"), ()),
        ("8 912 555 01 47, 8 912 555 01 48", ("+79125550147", "+79125550148"), ()),
        ("89125550147/89125550148", ("+79125550147", "+79125550148"), ()),
        ("89125550147 89125550148", ("+79125550147", "+79125550148"), ()),
        ("8 912 555 01 47 8 912 555 01 48", ("+79125550147", "+79125550148"), ()),
        ("+79125550147+79125550148", ("+79125550147", "+79125550148"), ()),
        ("89125550147\n89125550147", ("+79125550147",), ()),
        ("8 (495) 123-45-67 доб. 123", ("+74951234567",), ("доб. 123",)),
        ("жена 89125550147, дом 34-56-78", ("+79125550147",), ("34-56-78",)),
        ("89125550147 после 18:00", ("+79125550147",), ()),
        ("+375 29 123-45-67", ("+375291234567",), ()),
        ("375291234567", ("+375291234567",), ()),
        ("8 800 555-35-35", ("+78005553535",), ()),
        ("89425550147", ("+79425550147",), ()),  # a code the library's table may not know yet
        ("12345", (), ("12345",)),
        ("1234", (), ("1234",)),
        ("+71234567890", (), ("+71234567890",)),
        ("7,99979E+10", (), ("7,99979E+10",)),
        ("нет", (), ()),
        ("—", (), ()),
        ("", (), ()),
        ("+", (), ()),
    ],
)
def test_numbers_of_a_cell(cell: str, numbers: tuple[str, ...], unread: tuple[str, ...]) -> None:
    assert phones.find(cell) == Found(numbers, unread)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", PhoneEmpty),
        ("нет", PhoneEmpty),
        ("12345", PhoneUnreadable),
        ("8 912 555 01 47 доб. 12", PhoneUnreadable),
        ("89125550147, 89125550148", PhoneNotSingle),
    ],
)
def test_anything_but_one_number_is_refused_by_name(
    text: str, refusal: type[PhoneEmpty | PhoneUnreadable | PhoneNotSingle]
) -> None:
    with pytest.raises(refusal):
        phones.parse(text)


@pytest.mark.parametrize(
    ("number", "shown", "hidden"),
    [
        ("+79125550147", "+7 912 555-01-47", "+7 912 ···-··-47"),
        ("+375291234567", "+375 29 123-45-67", "+375 29 ···-··-67"),
        ("+16502530000", "+1 650-253-0000", "+1 650-···-··00"),
        ("12345", "12345", "···45"),
        ("7", "7", "7"),
    ],
)
def test_number_is_shown_and_masked(number: str, shown: str, hidden: str) -> None:
    assert phones.display(number) == shown
    assert phones.masked(number) == hidden


@pytest.mark.parametrize("written", ["8 (912) 555-01-47", "+79125550147", "912 5550147", "79125550147"])
def test_search_key_does_not_depend_on_the_writing(written: str) -> None:
    assert phones.search_key(written) == "9125550147"


@given(st.from_regex(r"9[0-9]{9}", fullmatch=True))
def test_what_is_displayed_is_read_back(national: str) -> None:
    number = f"+7{national}"
    assert phones.parse(phones.display(number)) == number


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = phones.find(text)
    assert all(phones.parse(number) == number for number in found.numbers)
