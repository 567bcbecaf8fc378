"""The words of the console command."""

import argparse
import os
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from vovremya.config.console import main, minute, minutes_between, parser, span, speed, workers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h30m", timedelta(hours=2, minutes=30)),
        ("-1d", timedelta(days=-1)),
        ("+11m", timedelta(minutes=11)),
        ("90s", timedelta(seconds=90)),
        ("-1h30m", -timedelta(hours=1, minutes=30)),
    ],
)
def test_span_of_time(text: str, expected: timedelta) -> None:
    assert span(text) == expected


@pytest.mark.parametrize("text", ["", "5", "h", "-", "1w", "1h 30m", "--1h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        span(text)


@pytest.mark.parametrize("text", ["0", "-1", "fast", "nan", "inf", "3601"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        speed(text)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    for name in ("serve", "watch", "demo", "init", "add-staff", "switch-off", "reminders", "import", "check", "clock"):
        assert f"\n    {name}" in told


def test_negative_offset_need_not_be_attached(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[argparse.Namespace] = []

    def note(chosen: argparse.Namespace) -> int:
        seen.append(chosen)
        return 0

    monkeypatch.setattr("vovremya.config.commands.serving.serve", note)
    assert main(["serve", "--clock-offset", "-1d", "--port", "9000"]) == 0
    assert (seen[0].clock_offset, seen[0].port) == (timedelta(days=-1), 9000)


@pytest.mark.parametrize(
    ("named", "taken"),
    [({}, "var/demo.sqlite3"), ({"VOVREMYA_DATABASE_URL": "postgresql://vovremya@db/vovremya"}, None)],
)
def test_import_takes_the_demo_only_where_no_database_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: dict[str, str], taken: str | None
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "demo.sqlite3").touch()
    environment = {**named, "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr("vovremya.exchange.console.command", lambda _arguments: 0)
    assert main(["import", "schedule.xlsx", "--branch", "SEV"]) == 0
    assert environment.get("VOVREMYA_DATABASE") == taken


def test_demo_never_takes_a_postgresql(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"VOVREMYA_DATABASE_URL": "postgresql://vovremya@db/vovremya"}
    monkeypatch.setattr(os, "environ", environment)
    assert main(["demo"]) == 1
    assert "unset VOVREMYA_DATABASE_URL" in capsys.readouterr().err
    assert "VOVREMYA_DEMO" not in environment


def test_what_every_command_does_is_there() -> None:
    (commands,) = (each for each in parser()._actions if isinstance(each, argparse._SubParsersAction))
    done = [command.get_default("does") for name, command in commands.choices.items() if name != "import"]
    assert len(done) > 10
    for does in done:
        module, _, function = does.rpartition(".")
        assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("text", ["0", "-1", "65", "two", "1.5"])
def test_what_is_no_number_of_workers_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        workers(text)


@pytest.mark.parametrize("words", [[], ["a.backup", "--into", "copies"], ["--into", "copies", "--keep", "0"]])
def test_copy_goes_to_one_place_and_some_are_kept(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["backup", *words])


def test_copies_of_other_names_are_never_removed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "a.backup", "--keep", "2"]) == 1
    assert "--keep goes with --into" in capsys.readouterr().err


def test_one_process_is_the_default_and_keeps_its_watch() -> None:
    chosen = parser().parse_args(["serve"])
    assert (chosen.workers, chosen.no_watch, chosen.metrics) == (1, False, None)


@pytest.mark.parametrize(("text", "expected"), [("12:00", 720), ("9:05", 545), ("0:00", 0), ("24:00", 1440)])
def test_time_of_the_day(text: str, expected: int) -> None:
    assert minute(text) == expected
    assert minutes_between(f"0:00-{text}") == (0, expected)


@pytest.mark.parametrize("text", ["", "12", "12:60", "24:01", "25:00", "noon", "-1:00"])
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    for read in (minute, minutes_between):
        with pytest.raises(argparse.ArgumentTypeError):
            read(text)
