from vovremya.exchange.rules.journal_facts import CalendarRevoked, CalendarShared, ImportEnded, ImportTakenBack


def test_facts_of_imports_and_calendars_hold_numbers_and_codes_alone() -> None:
    assert ImportEnded(7, "browser", True, 3, 2, 1, 0).as_data() == {
        "run": 7,
        "source": "browser",
        "is_whole": True,
        "imported": 3,
        "changed": 2,
        "unchanged": 1,
        "refused": 0,
    }
    assert ImportTakenBack(7, 5, 0).as_data() == {"run": 7, "taken_back": 5, "kept": 0}
    assert CalendarShared(4, 2, None).as_data() == {"link": 4, "bay_id": 2}
    assert CalendarRevoked(4).as_data() == {"link": 4}
