"""The ground that each group of reasons demands (M6, M11)."""

from dataclasses import replace

import pytest

from vovremya.visits.rules.removal import (
    NoGround,
    ReasonFacts,
    ReasonGroup,
    RemovalFacts,
    RemovalRights,
    require_ground,
)

OPERATOR = RemovalRights(may_remove=True, may_remove_for_station=False, may_override=False)
MASTER = RemovalRights(may_remove=False, may_remove_for_station=True, may_override=False)
SUPERVISOR = RemovalRights(may_remove=True, may_remove_for_station=True, may_override=True)

NOTHING = RemovalFacts(
    has_grounds=False, is_not_arrived=False, client_said_so=False, client_called_back=False, comment=""
)
GROUNDS = replace(NOTHING, has_grounds=True)
NOT_ARRIVED = replace(NOTHING, is_not_arrived=True)
REFUSED = replace(NOTHING, client_said_so=True)
CALLED_BACK = replace(NOTHING, client_called_back=True)
COMMENT = replace(NOTHING, comment="Заболел мастер")

CLIENT = ReasonFacts(ReasonGroup.CLIENT)
NO_CONTACT = ReasonFacts(ReasonGroup.NO_CONTACT)
STATION = ReasonFacts(ReasonGroup.STATION, needs_comment=True, is_for_operator=False)
DUPLICATE = ReasonFacts(ReasonGroup.TECHNICAL, needs_comment=True)
TEST = ReasonFacts(ReasonGroup.TECHNICAL, needs_comment=True, is_for_operator=False)

PASSES = ""


@pytest.mark.parametrize(
    ("reason", "facts", "rights", "expected"),
    [
        (CLIENT, NOTHING, OPERATOR, "client_words_needed"),
        (CLIENT, REFUSED, OPERATOR, PASSES),
        (CLIENT, GROUNDS, OPERATOR, "client_words_needed"),
        (CLIENT, REFUSED, MASTER, "reason_not_for_role"),
        (CLIENT, REFUSED, SUPERVISOR, PASSES),
        (replace(CLIENT, needs_comment=True), REFUSED, OPERATOR, "comment_needed"),
        (replace(CLIENT, needs_comment=True), replace(REFUSED, comment="Хамство"), OPERATOR, PASSES),
        (NO_CONTACT, NOTHING, OPERATOR, "failures_needed"),
        (NO_CONTACT, REFUSED, OPERATOR, "failures_needed"),
        (NO_CONTACT, CALLED_BACK, OPERATOR, "client_called_back"),
        (NO_CONTACT, GROUNDS, OPERATOR, PASSES),
        (NO_CONTACT, NOT_ARRIVED, OPERATOR, PASSES),
        (NO_CONTACT, GROUNDS, MASTER, "reason_not_for_role"),
        (NO_CONTACT, NOTHING, SUPERVISOR, "failures_needed"),
        (STATION, COMMENT, OPERATOR, "reason_not_for_role"),
        (STATION, COMMENT, MASTER, PASSES),
        (STATION, NOTHING, MASTER, "comment_needed"),
        (replace(STATION, needs_comment=False), replace(NOTHING, comment=" "), MASTER, "comment_needed"),
        (DUPLICATE, COMMENT, OPERATOR, PASSES),
        (DUPLICATE, NOTHING, OPERATOR, "comment_needed"),
        (TEST, COMMENT, OPERATOR, "reason_not_for_role"),
        (TEST, COMMENT, MASTER, PASSES),
        (TEST, COMMENT, SUPERVISOR, PASSES),
    ],
)
def test_each_group_demands_its_own_ground(
    reason: ReasonFacts, facts: RemovalFacts, rights: RemovalRights, expected: str
) -> None:
    found = PASSES
    try:
        require_ground(reason, facts, rights, override="")
    except NoGround as refusal:
        found = refusal.code
    assert found == expected


@pytest.mark.parametrize("reason", [CLIENT, NO_CONTACT, STATION, TEST])
def test_a_supervisor_may_override_in_writing(reason: ReasonFacts) -> None:
    require_ground(reason, NOTHING, SUPERVISOR, override="Клиент звонил мне лично")


@pytest.mark.parametrize(("rights", "override"), [(SUPERVISOR, " "), (OPERATOR, "Так решил"), (MASTER, "Так решил")])
def test_nobody_else_overrides_and_nobody_without_words(rights: RemovalRights, override: str) -> None:
    with pytest.raises(NoGround):
        require_ground(NO_CONTACT, NOTHING, rights, override)
