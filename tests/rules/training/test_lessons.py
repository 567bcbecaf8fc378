from dataclasses import replace

import pytest

from vovremya.training.rules import LESSONS, Deed, Deeds, done_lessons
from vovremya.training.texts import LESSONS as WORDS


def finished(outcome: str, case: int = 7) -> Deed:
    return Deed("card_finished", 1, case, {"outcome": outcome})


def removed(group: str, visit: int = 1) -> Deed:
    return Deed("visit_removed", visit, None, {"group": group})


DIALLED = Deed("call_started", 1, 7)
FAILED = Deed("call_ended", 1, 7, {"result": "no_answer", "counts": True})
ANSWERED = Deed("call_ended", 1, 7, {"result": "answered", "counts": False})
CALLED_US = Deed("client_called", 1, 7)


@pytest.mark.parametrize(
    ("deeds", "done"),
    [
        ([], set()),
        ([ANSWERED, finished("confirmed")], {"near"}),
        ([CALLED_US, finished("confirmed")], {"warned"}),
        ([CALLED_US, finished("confirmed", case=8)], {"near"}),  # two contacts
        ([finished("moved")], {"moved"}),
        ([ANSWERED, removed("client")], {"refused"}),
        ([removed("client")], set()),  # nobody was asked
        ([ANSWERED, removed("client", visit=2)], set()),
        ([FAILED, removed("no_contact")], {"unreached"}),
        ([removed("no_contact")], set()),  # without a call of one's own
        ([replace(FAILED, data={"counts": False}), removed("no_contact")], set()),
        ([FAILED, removed("no_contact", visit=2)], set()),
        ([DIALLED, finished("arrived")], {"arrived"}),
        ([finished("arrived")], set()),  # came in before anybody called
        ([DIALLED, finished("arrived", case=8)], set()),
        ([Deed("visit_restored", 1)], {"restored"}),
        ([Deed("visit_booked", 1)], {"booked"}),
        ([DIALLED, Deed("card_opened", 1, 7)], set()),
    ],
)
def test_what_was_done_is_read_from_the_journal(deeds: Deeds, done: set[str]) -> None:
    assert done_lessons(deeds) == done


def test_every_lesson_has_its_words() -> None:
    assert [lesson.code for lesson in LESSONS] == list(WORDS)
