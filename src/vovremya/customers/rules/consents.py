"""What a client may agree to, how it came to be known, and what holds now. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol, TypeVar


class Purpose(StrEnum):
    MESSAGES = "messages"  # about the client's own visits, by SMS or messenger
    ADVERTISING = "advertising"  # calls and messages that offer something
    RECORDING = "recording"  # of calls


class Channel(StrEnum):
    PAPER = "paper"
    IN_PERSON = "in_person"
    CALL = "call"
    MESSAGE = "message"
    MISTAKE = "mistake"  # what was noted before was wrong


class _Mark(Protocol):
    purpose: str
    is_given: bool


Mark = TypeVar("Mark", bound=_Mark)


def standing(marks: Iterable[Mark]) -> Mapping[Purpose, Mark]:
    """The last mark of each purpose; marks come newest first. No mark: never asked."""
    found: dict[Purpose, Mark] = {}
    for mark in marks:
        found.setdefault(Purpose(mark.purpose), mark)
    return found
