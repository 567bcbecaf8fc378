"""The ground that each group of removal reasons demands (M6, M11). Pure."""

from dataclasses import dataclass
from enum import StrEnum

from vovremya.kernel.refusal import Refusal


class ReasonGroup(StrEnum):
    CLIENT = "client"
    NO_CONTACT = "no_contact"
    STATION = "station"
    TECHNICAL = "technical"


@dataclass(frozen=True)
class ReasonFacts:
    group: ReasonGroup
    needs_comment: bool = False
    is_for_operator: bool = True


@dataclass(frozen=True)
class RemovalFacts:
    """What is known when the visit is to be removed."""

    has_grounds: bool  # failed attempts or only wrong numbers
    is_not_arrived: bool  # on the list «Не приехали»
    client_said_so: bool  # the client's own words: in the call, at the desk or in a message
    client_called_back: bool  # an incoming call took the grounds away
    comment: str


@dataclass(frozen=True)
class RemovalRights:
    may_remove: bool
    may_remove_for_station: bool
    may_override: bool


class NoGround(Refusal):
    """The reason's group demands a ground that is not there; a supervisor may override it in writing."""

    code = "no_ground"


def require_ground(reason: ReasonFacts, removal: RemovalFacts, rights: RemovalRights, override: str) -> None:
    """Let the removal pass, or raise `NoGround` with the code of what is missing."""
    if override.strip() and rights.may_override:
        return
    if reason.needs_comment and not removal.comment.strip():
        raise NoGround("comment_needed", field="comment")
    match reason.group:
        case ReasonGroup.CLIENT:
            _require_client_words(removal, rights)
        case ReasonGroup.NO_CONTACT:
            _require_no_contact(removal, rights)
        case _:
            _require_station(reason, removal, rights)


def _require_client_words(removal: RemovalFacts, rights: RemovalRights) -> None:
    if not rights.may_remove:
        raise NoGround("reason_not_for_role", field="reason")
    if not removal.client_said_so:
        raise NoGround("client_words_needed", field="said_by_client")


def _require_no_contact(removal: RemovalFacts, rights: RemovalRights) -> None:
    if not rights.may_remove:
        raise NoGround("reason_not_for_role", field="reason")
    if removal.has_grounds or removal.is_not_arrived:
        return
    raise NoGround("client_called_back" if removal.client_called_back else "failures_needed", field="reason")


def _require_station(reason: ReasonFacts, removal: RemovalFacts, rights: RemovalRights) -> None:
    is_allowed = rights.may_remove_for_station or (rights.may_remove and reason.is_for_operator)
    if not is_allowed:
        raise NoGround("reason_not_for_role", field="reason")
    if not removal.comment.strip():
        raise NoGround("comment_needed", field="comment")
