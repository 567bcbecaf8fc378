"""What the manual consists of, and which page tells of which screen. Pure.

A page is a file of `pages/` by its name. A new screen is a row in `SCREENS`, and a page in `CHAPTERS` if none tells of
it yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    name: str
    pages: Sequence[str]


CHAPTERS = (
    Chapter("Начать", ("day", "training", "login", "keys")),
    Chapter("График", ("board", "states", "queue", "search", "repairs")),
    Chapter(
        "Клиент опаздывает",
        ("late-client", "card", "conversation", "not-reached", "warned", "arrived-meanwhile", "colleagues"),
    ),
    Chapter("Запись и перенос", ("booking", "move", "by-hand", "wave", "overbooking", "waitlist", "reminders")),
    Chapter("Приёмка и конец дня", ("reception", "removal", "not-arrived", "removed")),
    Chapter("Клиенты", ("clients", "duplicates", "personal")),
    Chapter("Вид на дни вперёд", ("week", "capacity", "sheet")),
    Chapter("Филиал", ("start", "settings", "holidays", "outside", "directories", "script", "policy", "branches")),
    Chapter("Файлы", ("import", "export", "calendars")),
    Chapter("Сотрудники и доступ", ("account", "roles", "staff", "attention", "access-log")),
    Chapter("Если что-то не так", ("lost-line", "questions")),
)

#: By the name of its address: every page and window, and the parts of windows that have an address of their own.
SCREENS: Mapping[str, str] = {
    "home": "day",
    "login": "login",
    "training": "training",
    "first_administrator": "start",
    "first_branch": "start",
    "board": "board",
    "search": "search",
    "repairs": "repairs",
    "visit_history": "repairs",
    "visit_news": "colleagues",
    "late_notice": "card",
    "offers": "conversation",
    "booking": "booking",
    "slots_for_booking": "booking",
    "field_checked": "booking",
    "clients_found": "booking",
    "move": "move",
    "slots_for_move": "move",
    "by_hand": "by-hand",
    "wave": "wave",
    "overbooking_of_new": "overbooking",
    "overbooking_of_move": "overbooking",
    "waitlist": "waitlist",
    "want_sooner": "waitlist",
    "wait": "waitlist",
    "offer_time": "waitlist",
    "time_offer": "waitlist",
    "change_bay": "reception",
    "remove": "removal",
    "removed": "removed",
    "not_arrived": "not-arrived",
    "week": "week",
    "capacity": "capacity",
    "sheet": "sheet",
    "office": "settings",
    "start": "start",
    "settings": "settings",
    "setting": "settings",
    "settings_history": "settings",
    "setting_taken_back": "settings",
    "outside": "outside",
    "account": "account",
    "staff": "staff",
    "person": "staff",
    "new_person": "staff",
    "brought_in": "staff",
    "person_names": "staff",
    "person_roles": "staff",
    "person_let_in": "staff",
    "person_second_step": "staff",
    "attention": "attention",
    "matter": "attention",
    "access_log": "access-log",
    "export_log": "access-log",
    "clients": "clients",
    "client": "clients",
    "client_facet": "clients",
    "duplicates": "duplicates",
    "client_merge": "duplicates",
    "client_consent": "personal",
    "client_erasure": "personal",
    "client_keeping": "personal",
    "personal": "personal",
    "retention": "personal",
    "consent_text": "personal",
    "erasure_act": "personal",
    "erasure_log": "personal",
    "imports": "import",
    "import_run": "import",
    "import_taken_back": "import",
    "calendars": "calendars",
    "holidays": "holidays",
    "directories": "directories",
    "directory": "directories",
    "script_step": "script",
    "step_said": "script",
    "script_copied": "script",
    "branches": "branches",
    "branch_opened": "branches",
}

#: Who needs these is not signed in yet.
OPEN_PAGES = frozenset({"login", "start"})

PAGES = tuple(page for chapter in CHAPTERS for page in chapter.pages)


def neighbours(page: str) -> tuple[str | None, str | None]:
    """The pages before and after, in the order of the contents."""
    place = PAGES.index(page)
    return (PAGES[place - 1] if place else None, PAGES[place + 1] if place + 1 < len(PAGES) else None)
