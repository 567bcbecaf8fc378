"""Who may do what: the one table of roles and rights, the actor that carries them, and who may let whom in."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest

from pyotp import TOTP

from vovremya.kernel.digest import digest_of
from vovremya.kernel.refusal import NotAllowed, NotFound


class Role(StrEnum):
    OPERATOR = "operator"
    MASTER = "master"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Language(StrEnum):
    """Of what the program says to somebody; data stay as they were written."""

    RUSSIAN = "ru"
    ENGLISH = "en"


class Right(StrEnum):
    SEE_BOARD = "see_board"
    SEE_PHONE = "see_phone"
    CONTACT = "contact"  # open the card, dial, results, answers, «Клиент предупредил»
    BOOK = "book"
    MOVE = "move"
    SEE_CLIENTS = "see_clients"  # their cards
    CHANGE_CLIENT = "change_client"  # phones, cars, consents
    MERGE_CLIENTS = "merge_clients"
    ANSWER_PERSON = "answer_person"  # who asks what is kept of them, or to erase it
    CHECK_IN = "check_in"
    WORK = "work"  # start and end of work
    CHANGE_BAY_OF_ARRIVED = "change_bay_of_arrived"
    REMOVE = "remove"
    REMOVE_FOR_STATION = "remove_for_station"  # station and technical reasons
    OVERRIDE = "override"  # removal without its ground, far ETA
    RESTORE_TODAY = "restore_today"
    RESTORE_ANY_DAY = "restore_any_day"
    MARK_NO_SHOW = "mark_no_show"
    TAKE_OVER = "take_over"  # a card whose lease has not lapsed
    REOPEN = "reopen"
    OVERBOOK = "overbook"
    KEEP_WAITLIST = "keep_waitlist"  # put clients on it, offer them what becomes free
    SEE_REPORTS = "see_reports"
    LOOK_OVER = "look_over"  # the list of what asks for a supervisor's look
    SEE_ACCESS_LOG = "see_access_log"  # who saw or dialled which number
    SEE_STAFF = "see_staff"
    IMPORT = "import"
    EDIT_BRANCH = "edit_branch"
    EDIT_NETWORK = "edit_network"


_DESK = {
    Right.SEE_BOARD,
    Right.SEE_PHONE,
    Right.CONTACT,
    Right.BOOK,
    Right.MOVE,
    Right.SEE_CLIENTS,
    Right.CHANGE_CLIENT,
    Right.CHECK_IN,
    Right.REMOVE,
    Right.RESTORE_TODAY,
    Right.MARK_NO_SHOW,
    Right.KEEP_WAITLIST,
}
_RECEPTION = {
    Right.SEE_BOARD,
    Right.SEE_PHONE,
    Right.SEE_CLIENTS,
    Right.CHECK_IN,
    Right.WORK,
    Right.MOVE,
    Right.CHANGE_BAY_OF_ARRIVED,
    Right.REMOVE_FOR_STATION,
    Right.RESTORE_TODAY,
}

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OPERATOR: frozenset(_DESK),
    Role.MASTER: frozenset(_RECEPTION),
    Role.SUPERVISOR: frozenset(
        _DESK
        | _RECEPTION
        | {
            Right.OVERRIDE,
            Right.RESTORE_ANY_DAY,
            Right.TAKE_OVER,
            Right.REOPEN,
            Right.OVERBOOK,
            Right.SEE_REPORTS,
            Right.LOOK_OVER,
            Right.SEE_ACCESS_LOG,
            Right.SEE_STAFF,
            Right.IMPORT,
            Right.EDIT_BRANCH,
            Right.MERGE_CLIENTS,
            Right.ANSWER_PERSON,
        }
    ),
    Role.MANAGER: frozenset({Right.SEE_BOARD, Right.SEE_REPORTS}),
    Role.ADMINISTRATOR: frozenset(
        {
            Right.SEE_BOARD,
            Right.SEE_ACCESS_LOG,
            Right.SEE_STAFF,
            Right.SEE_CLIENTS,
            Right.ANSWER_PERSON,
            Right.IMPORT,
            Right.EDIT_NETWORK,
        }
    ),
}


#: A branch's board lies at `/<code>/`, where these pages lie already.
RESERVED_BRANCH_CODES = frozenset(
    {"login", "logout", "language", "invitation", "account", "calendar", "help", "office"}
    | {"setup", "training", "visits", "static", "live", "healthz"}
)
#: The branch where people practise; those whose day there is over have more behind it.
TRAINING_CODE = "UCHEBA"


def rights_of(roles: frozenset[Role]) -> frozenset[Right]:
    return frozenset[Right]().union(*(RIGHTS[role] for role in roles))


#: As the database keeps them; of a login, when it is folded.
LONGEST_FULL_NAME, LONGEST_SHORT_NAME, LONGEST_USERNAME = 200, 100, 100


def fold_username(text: str) -> str:
    """«Иванова» and «ИВАНОВА» are one login; databases fold Latin letters at most, so we fold before them."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


_LATIN_OF = dict(zip("абвгдеёзийклмнопрстуфыэ", "ABVGDEEZIYKLMNOPRSTUFYE", strict=True)) | {
    "ж": "ZH",
    "х": "KH",
    "ц": "TS",
    "ч": "CH",
    "ш": "SH",
    "щ": "SCH",
    "ю": "YU",
    "я": "YA",
    "ъ": "",
    "ь": "",
}
LONGEST_BRANCH_CODE = 20


def is_branch_code(text: str) -> bool:
    """Whether a branch can lie at that address."""
    is_spelled = re.fullmatch(rf"[-A-Za-z0-9_]{{1,{LONGEST_BRANCH_CODE}}}", text) is not None
    return is_spelled and text.lower() not in RESERVED_BRANCH_CODES and not is_training_code(text.upper())


def is_training_code(code: str) -> bool:
    return code == TRAINING_CODE or code.startswith(f"{TRAINING_CODE}-")


def branch_code_of(name: str) -> str:
    """What the address may say of a branch of that name: «Север-2» → «SEVER-2». Empty where nothing is left of it."""
    letters = "".join(_LATIN_OF.get(letter, letter.upper()) for letter in name.lower())
    return re.sub(r"[^A-Z0-9]+", "-", letters)[:LONGEST_BRANCH_CODE].strip("-")


def short_name_of(full_name: str) -> str:
    """«Орлов Виктор Ильич» → «Орлов В.»; a family that is longer than the room for it is cut."""
    family, *given = full_name.split() or [""]
    initial = f" {given[0][0]}." if given else ""
    return family[: LONGEST_SHORT_NAME - len(initial)] + initial


_CODE_LENGTH, _CODE_PART = 12, 4


def spelled_code(digest: bytes) -> str:
    """A code to be read from one screen and typed into another: «7K4M-2PXQ-R3DA», 60 bits of the digest."""
    letters = base64.b32encode(digest).decode()[:_CODE_LENGTH]
    return "-".join(letters[start : start + _CODE_PART] for start in range(0, _CODE_LENGTH, _CODE_PART))


def code_as_typed(text: str) -> str:
    """Without what people put between the letters of a code, or leave out."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


@dataclass(frozen=True)
class Actor:
    """Who acts. `user_id` is None for the program itself (the watch, an import from the console)."""

    user_id: int | None
    name: str
    roles: Mapping[int, frozenset[Role]] = field(default_factory=dict)  # branch id -> roles
    is_program: bool = False

    @property
    def branch_ids(self) -> frozenset[int]:
        return frozenset(self.roles)

    def sees(self, branch_id: int) -> bool:
        """Whether the branch is on this side of the wall."""
        return self.is_program or branch_id in self.roles

    def may(self, right: Right, branch_id: int) -> bool:
        return self.is_program or right in rights_of(self.roles.get(branch_id, frozenset()))

    def require(self, branch_id: int, *rights: Right) -> None:
        """Any of the rights will do. Raises `NotFound` behind the wall, `NotAllowed` on this side of it."""
        if not self.sees(branch_id):
            raise NotFound
        if not any(self.may(right, branch_id) for right in rights):
            raise NotAllowed(right=rights[0])


PROGRAM = Actor(user_id=None, name="Программа", is_program=True)


# --- who may let whom in -----------------------------------------------------------------------------------------


class Deed(StrEnum):
    """What is done to a member of staff. Roles have a rule of their own: they are given branch by branch."""

    SEE = "see"
    NAME = "name"  # the names and the login
    LET_IN = "let_in"  # a new invitation or password, a second step that is taken away
    SWITCH_OFF = "switch_off"
    SWITCH_ON = "switch_on"
    END_SESSIONS = "end_sessions"


#: What nobody does to themselves here: the own account has its page, where the password is asked for.
_NEVER_TO_ONESELF = frozenset({Deed.LET_IN, Deed.SWITCH_OFF})


@dataclass(frozen=True)
class Person:
    """To whom something is done."""

    user_id: int
    roles: Mapping[int, frozenset[Role]]
    #: Branches in which nobody else who can sign in is administrator.
    alone_in: frozenset[int] = frozenset()


def digest_of_roles(roles: Mapping[int, Collection[Role]], branch_ids: Iterable[int]) -> str:
    """So that whoever gives roles says which ones stood in the window, in the branches that it shows."""
    return digest_of({branch_id: sorted(roles.get(branch_id, ())) for branch_id in branch_ids})


def sees_person(actor: Actor, person: Person) -> bool:
    return actor.is_program or any(actor.may(Right.SEE_STAFF, branch_id) for branch_id in person.roles)


def why_not(deed: Deed, actor: Actor, person: Person) -> str | None:
    """The code of the refusal; None where it may be done. Whoever does not see the person is refused before."""
    if deed is Deed.SEE or actor.is_program:
        return None
    ruled = [actor.may(Right.EDIT_NETWORK, branch_id) for branch_id in person.roles]
    if not any(ruled):
        return "not_allowed"
    if deed in _NEVER_TO_ONESELF and person.user_id == actor.user_id:
        return "own_account"
    # What is done to the person reaches into all branches of that person. An administrator of one of them could take
    # over a colleague's access to another, or shut it; over the own branch the roles are enough.
    if not all(ruled):
        return "works_elsewhere_too"
    if deed is Deed.SWITCH_OFF and person.alone_in:
        return "last_administrator"
    return None


def why_roles_not(actor: Actor, person: Person, branch_id: int, roles: Collection[Role]) -> str | None:
    """Why these may not be all the roles of the person in the branch; None where they may."""
    if not actor.may(Right.EDIT_NETWORK, branch_id):
        return "not_allowed"
    if not roles and person.roles.keys() <= {branch_id}:
        return "last_role"
    loses_administration = Role.ADMINISTRATOR in person.roles.get(branch_id, frozenset()) - set(roles)
    if loses_administration and person.user_id == actor.user_id:
        return "own_administration"
    if loses_administration and branch_id in person.alone_in:
        return "last_administrator"
    return None


class AccessChange(StrEnum):
    """What the history of a member of staff tells of."""

    TAKEN_ON = "taken_on"
    NAMED = "named"
    ROLES = "roles"
    STATE = "state"
    INVITED = "invited"
    TEMPORARY_PASSWORD = "temporary_password"  # noqa: S105  # a kind of change
    PASSWORD = "password"  # noqa: S105
    SECOND_STEP_ON = "second_step_on"
    SECOND_STEP_OFF = "second_step_off"
    SESSIONS_ENDED = "sessions_ended"


#: What can be set back to what it was.
TAKEN_BACK = frozenset({AccessChange.NAMED, AccessChange.ROLES, AccessChange.STATE})


class Debt(StrEnum):
    """What somebody who has signed in must do before anything else."""

    PASSWORD = "password"  # noqa: S105  # somebody else has seen the one that was used
    SECOND_STEP = "second_step"


# --- the second step of signing in -------------------------------------------------------------------------------

#: Of the six digits that a telephone shows. Its clock may be wrong by so many of them.
_SECONDS_OF_A_CODE, _STEPS_OFF = 30, 1
#: As wrong passwords are: so many, then nothing for a while, from wherever they come. Whoever gets here knows the
#: password, so that no stranger can shut anybody out by it.
WRONG_CODES_AT_MOST = 10
SHUT_FOR = timedelta(minutes=15)
ISSUER = "Вовремя"
RECOVERY_CODES = 10


def is_shut(failures: int, failed_at: datetime | None, real_now: datetime) -> bool:
    return failures >= WRONG_CODES_AT_MOST and failed_at is not None and real_now < failed_at + SHUT_FOR


def failures_then(failures: int, failed_at: datetime | None, real_now: datetime) -> int:
    """So many wrong codes with this one; those of long ago are forgotten."""
    is_long_ago = failed_at is None or real_now >= failed_at + SHUT_FOR
    return 1 if is_long_ago else failures + 1


def time_step_of(secret: str, typed: str, real_now: datetime, last_time_step: int) -> int | None:
    """Of which half minute the typed code is, if it is one of about now. A code that was used, or one before it, is
    none any more: whoever looked over the shoulder comes too late."""
    code = "".join(typed.split())
    this_step = int(real_now.timestamp()) // _SECONDS_OF_A_CODE
    steps = range(this_step - _STEPS_OFF, this_step + _STEPS_OFF + 1)
    fitting = [step for step in steps if compare_digest(_code_at(secret, step).encode(), code.encode())]
    return next((step for step in fitting if step > last_time_step), None)


def _code_at(secret: str, step: int) -> str:
    return TOTP(secret, interval=_SECONDS_OF_A_CODE).at(step * _SECONDS_OF_A_CODE)


def address_for_telephone(secret: str, username: str) -> str:
    """What the picture of squares says to the application that makes the codes."""
    return TOTP(secret, interval=_SECONDS_OF_A_CODE).provisioning_uri(name=username, issuer_name=ISSUER)


def digest_of_secret(text: str) -> str:
    """Of what was drawn at random and is long: nobody finds it from its digest. However it was typed."""
    return hashlib.sha256(re.sub(r"[\W_]", "", text).casefold().encode()).hexdigest()


_BRACES = re.compile(r"\{(\w+)\}")


def fill_script(text: str, words: Mapping[str, str]) -> str:
    """The step as it is said aloud. Braces that nothing fills stay, so that the script's editor sees them."""
    return _BRACES.sub(lambda found: words.get(found[1], found[0]), text)


def words_in_braces(text: str) -> list[str]:
    return _BRACES.findall(text)
