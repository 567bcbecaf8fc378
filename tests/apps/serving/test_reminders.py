"""`vovremya reminders`: what the branch decides, at the console."""

import pytest

from vovremya.config.console import main
from vovremya.directory.models import Branch
from vovremya.directory.queries import policy_in_force
from vovremya.kernel import clock


@pytest.fixture(autouse=True)
def _clock_is_the_machine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vovremya.config.commands.reminders.follow_clock", lambda: None)


def test_reminders_are_shown_set_one_by_one_and_switched_off(
    branch: Branch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {}
    for name, options in {
        "shown": (),
        "set": ("--day-before", "12:30", "--before", "2h"),
        "calls": ("--calls", "10:00-19:00"),
        "off": ("--before", "off", "--day-before", "off"),
    }.items():
        assert main(["reminders", branch.code, *options]) == 0
        told[name] = capsys.readouterr().out.splitlines()
    assert told["shown"] == [f"{branch.name}: clients are not reminded"]
    times = "the day before at 12:30 and 120 minutes before the visit"
    reminded = f"{branch.name}: clients are reminded {times}; calls from"
    assert told["set"] == [f"{reminded} 9:00 to 20:00"]
    assert told["calls"] == [f"{reminded} 10:00 to 19:00"]
    assert told["off"] == told["shown"]
    assert policy_in_force(branch.pk, clock.real_now()).number == 4


def test_what_makes_no_sense_is_said_plainly(branch: Branch, capsys: pytest.CaptureFixture[str]) -> None:
    for options, said in {
        ("--calls", "20:00-9:00"): "calls end after they begin",
        ("--day-before", "21:00"): "at which clients are called",
        ("--before", "5m"): "15 minutes to 12 hours",
    }.items():
        assert main(["reminders", branch.code, *options]) == 1
        assert said in capsys.readouterr().err
    assert main(["reminders", "NONE"]) == 1
    assert "there is no branch" in capsys.readouterr().err
