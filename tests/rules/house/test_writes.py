"""Everything that changes data is an action: found by reading the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src" / "vovremya"
WRITING_ROOMS = {"actions", "migrations"}
WRITING_PARTS = {"demo"}
ALWAYS_WRITE = {
    "save",
    "asave",
    "create",
    "acreate",
    "delete",
    "adelete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def is_where_writing_belongs(path: Path) -> bool:
    part, *rooms = path.relative_to(SOURCE).with_suffix("").parts
    return part in WRITING_PARTS or not WRITING_ROOMS.isdisjoint(rooms)


def writes_of(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls that write rows: `.save(…)`, `.create(…)` and so on, and `.update(field=…)` of a query."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            # A dict is updated with another one, a digest with bytes; rows with keywords alone.
            is_row_update = node.func.attr == "update" and not node.args
            if node.func.attr in ALWAYS_WRITE or is_row_update:
                yield node


def test_rows_are_written_in_actions_and_migrations_only() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{call.lineno} {ast.unparse(call.func)}"
        for path in sources()
        if not is_where_writing_belongs(path)
        for call in writes_of(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


ADDING_TO_THE_JOURNAL = ("_ENTRIES.create", "Entry.objects.bulk_create")


def test_no_action_changes_or_deletes_a_journal_entry() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{call.lineno}"
        for path in sources()
        if "migrations" not in path.parts
        for call in writes_of(ast.parse(path.read_text(encoding="utf-8")))
        if ast.unparse(call.func).startswith(("Entry.", "_ENTRIES."))
        and ast.unparse(call.func) not in ADDING_TO_THE_JOURNAL
    ]
    assert found == []


def test_entries_are_written_under_one_name() -> None:
    found = [
        line.strip()
        for path in sources()
        for line in path.read_text(encoding="utf-8").splitlines()
        if "(Entry)" in line
    ]
    assert found == ["_ENTRIES, _WORDS, _REQUEST_KEYS = Writing(Entry), Writing(Words), Writing(RequestKey)"]


@pytest.mark.parametrize(
    "line",
    [
        "visit.save()",
        "Visit.objects.filter(pk=1).update(version=2)",
        "Visit.objects.create()",
        "visits.bulk_create(rows)",
        "visit.delete()",
    ],
)
def test_a_write_is_noticed(line: str) -> None:
    assert len(list(writes_of(ast.parse(line)))) == 1


@pytest.mark.parametrize("line", ["words.update(more)", "digest.update(b'x')", "Visit.objects.filter(pk=1)"])
def test_what_is_no_write_passes(line: str) -> None:
    assert not list(writes_of(ast.parse(line)))


#: They write what visits keep to; whoever calls them past `change_setting` strands visits unseen.
WRITES_SETTINGS = {
    "set_week_hours",
    "set_exception",
    "clear_exception",
    "set_bay_hours",
    "set_shifts",
    "set_pause",
    "set_minutes",
    "take_to_zone",
    "close_for",
    "put_in_order",
    "write_branch",
    "write_late_reason",
    "write_removal_reason",
    "write_script",
    "write_work",
    "write_bay",
    "write_group",
    "write_advisor",
    "name_bay_groups",
    "name_bay_groups_of_branch",
}
#: A branch that is being made has nobody to strand.
MAKING_A_BRANCH = {"visits/actions/founding.py", "config/commands/directory.py", "demo/network.py"}


def test_settings_are_changed_where_it_is_seen_whom_that_strands() -> None:
    calls = [
        path.relative_to(SOURCE).as_posix()
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in WRITES_SETTINGS
    ]
    mechanism = {
        f"visits/actions/branch_settings/{room}.py" for room in ("closures", "days", "minutes", "network", "orders")
    }
    assert set(calls) == {*mechanism, *MAKING_A_BRANCH}
