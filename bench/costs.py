"""What the database does for each statement of the program, counted, not timed: the same on a busy machine.

SQLite counts the steps of its virtual machine; PostgreSQL the pages it looks at.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

#: SQLite tells of every so many steps.
_STEPS_TOLD = 10
_PAGES = ("Shared Hit Blocks", "Shared Read Blocks", "Local Hit Blocks", "Local Read Blocks")
_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass
class Cost:
    statement: str
    steps: int


@dataclass
class Costs:
    unit: str
    of: list[Cost] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(cost.steps for cost in self.of)


@contextmanager
def counted() -> Iterator[Costs]:
    """The statements of this thread, each with its cost, in their order."""
    is_postgresql = connection.vendor == "postgresql"
    costs = Costs("pages" if is_postgresql else "steps")
    ways: dict[bool, Callable[..., Any]] = {True: _explained, False: _stepped}

    def count(execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any) -> Any:
        return ways[is_postgresql](costs, execute, statement, parameters, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(count):
        yield costs
    if not is_postgresql:
        connection.connection.set_progress_handler(None, 0)


def _stepped(
    costs: Costs, execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any
) -> Any:
    """Rows that are fetched later are counted as they are fetched: with the statement that comes next at the latest."""
    cost = Cost(statement, 0)
    costs.of.append(cost)

    def step() -> None:
        cost.steps += _STEPS_TOLD

    connection.connection.set_progress_handler(step, _STEPS_TOLD)
    return execute(statement, parameters, many, context)


def _explained(
    costs: Costs, execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any
) -> Any:
    """Done, counted and put back first, then done."""
    if statement.lstrip().startswith(_EXPLAINED):
        with connection.connection.cursor() as cursor:
            is_within = connection.in_atomic_block
            cursor.execute("SAVEPOINT counted" if is_within else "BEGIN")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
            plan = cursor.fetchone()[0][0]["Plan"]
            cursor.execute("ROLLBACK TO SAVEPOINT counted" if is_within else "ROLLBACK")
        costs.of.append(Cost(statement, sum(plan.get(kind, 0) for kind in _PAGES)))
    return execute(statement, parameters, many, context)
