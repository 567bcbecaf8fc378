"""Who may do what: the one table of roles and rights, and the actor that carries them."""

import base64
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
    CHANGE_CLIENT = "change_client"  # add a phone number
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
    IMPORT = "import"
    EDIT_BRANCH = "edit_branch"
    EDIT_NETWORK = "edit_network"


_DESK = {
    Right.SEE_BOARD,
    Right.SEE_PHONE,
    Right.CONTACT,
    Right.BOOK,
    Right.MOVE,
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
            Right.IMPORT,
            Right.EDIT_BRANCH,
        }
    ),
    Role.MANAGER: frozenset({Right.SEE_BOARD, Right.SEE_REPORTS}),
    Role.ADMINISTRATOR: frozenset({Right.SEE_BOARD, Right.IMPORT, Right.EDIT_NETWORK}),
}


#: A branch's board lies at `/<code>/`, where these pages lie already.
RESERVED_BRANCH_CODES = frozenset(
    {"login", "logout", "language", "office", "setup", "visits", "static", "live", "healthz"}
)


def rights_of(roles: frozenset[Role]) -> frozenset[Right]:
    return frozenset[Right]().union(*(RIGHTS[role] for role in roles))


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
    return is_spelled and text.lower() not in RESERVED_BRANCH_CODES


def branch_code_of(name: str) -> str:
    """What the address may say of a branch of that name: «Север-2» → «SEVER-2». Empty where nothing is left of it."""
    letters = "".join(_LATIN_OF.get(letter, letter.upper()) for letter in name.lower())
    return re.sub(r"[^A-Z0-9]+", "-", letters)[:LONGEST_BRANCH_CODE].strip("-")


def short_name_of(full_name: str) -> str:
    """«Орлов Виктор Ильич» → «Орлов В.»"""
    family, *given = full_name.split() or [""]
    return f"{family} {given[0][0]}." if given else family


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


PROGRAM = Actor(user_id=None, name="Программа", is_program=True)


_BRACES = re.compile(r"\{(\w+)\}")


def fill_script(text: str, words: Mapping[str, str]) -> str:
    """The step as it is said aloud. Braces that nothing fills stay, so that the script's editor sees them."""
    return _BRACES.sub(lambda found: words.get(found[1], found[0]), text)
