"""The small rules of the first run: its code, the code of a branch, a short name."""

import pytest

from vovremya.directory.rules import branch_code_of, code_as_typed, is_branch_code, short_name_of, spelled_code


def test_code_is_read_in_parts_and_typed_anyhow() -> None:
    code = spelled_code(bytes(range(32)))
    assert code == "AAAQ-EAYE-AUDA"
    assert code_as_typed(f" {code.lower().replace('-', ' ')} ") == code_as_typed(code) == "AAAQEAYEAUDA"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Север", "SEVER"),
        ("СТО «Янтарь» № 2", "STO-YANTAR-2"),
        ("Щёлково, Жуковского 7Б", "SCHELKOVO-ZHUKOVSKOG"),
        ("North", "NORTH"),
        ("«»", ""),
    ],
)
def test_code_of_a_branch_is_made_of_its_name(name: str, code: str) -> None:
    assert branch_code_of(name) == code
    assert is_branch_code(code) is bool(code)


@pytest.mark.parametrize("code", ["", "СЕВЕР", "a b", "a/b", "x" * 21, "setup", "Office", "login"])
def test_what_no_branch_can_be_called(code: str) -> None:
    assert not is_branch_code(code)


@pytest.mark.parametrize(
    ("full_name", "short_name"),
    [("Орлов Виктор Ильич", "Орлов В."), ("  Орлов   Виктор ", "Орлов В."), ("Орлов", "Орлов"), ("", "")],
)
def test_short_name_is_the_family_with_an_initial(full_name: str, short_name: str) -> None:
    assert short_name_of(full_name) == short_name


def test_short_name_has_room_for_the_initial_after_the_longest_family() -> None:
    assert short_name_of("я" * 150) == "я" * 100
    assert short_name_of("я" * 150 + " Виктор") == "я" * 97 + " В."
