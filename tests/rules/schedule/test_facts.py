from vovremya.schedule.rules.journal_facts import HoursChanged


def test_a_change_of_the_hours_says_how_many_days_are_open() -> None:
    assert (HoursChanged.kind, HoursChanged(6).as_data()) == ("hours_changed", {"open_days": 6})
