"""Statements whose SQL Django builds once a process: of saving a card, building it anew was half of all the time.

What is read is written as a query set all the same, by a function of its values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from inspect import signature
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators  # type: ignore[attr-defined]
from django.db.models.sql import DeleteQuery, InsertQuery

#: A larger one stands in no column.
_LARGEST_NUMBER = 2**63 - 1

Row = TypeVar("Row")
Kind = TypeVar("Kind", bound=Model)


class _Given(Expression):
    """The place of a value that each call brings, by its number among them."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, *_: object) -> tuple[str, list[Any]]:
        return "%s", [self]


class _Text(NamedTuple):
    """A statement, and its values: those that stand in it for good, and the places of those that a call brings."""

    sql: str
    values: Sequence[Any]

    def filled(self, given: Sequence[object]) -> list[Any]:
        return [_stored(given[value.number]) if isinstance(value, _Given) else value for value in self.values]


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    # What is asked for may come out of an address.
    return None if isinstance(value, int) and abs(value) > _LARGEST_NUMBER else value


def _with_places(query: Callable[..., QuerySet[Any, Row]]) -> QuerySet[Any, Row]:
    return query(*(_Given(number) for number, _ in enumerate(signature(query).parameters)))


class Reading(Generic[Row]):
    """Rows that a query finds. A value is an id, a text, an instant, or None, which nothing equals."""

    def __init__(self, query: Callable[..., QuerySet[Any, Row]]) -> None:
        self._query = query
        # By the kind of database. What turns columns into values knows the connection's settings alone.
        self._built: dict[str, tuple[_Text, Callable[[Sequence[Any]], Iterable[Row]]]] = {}

    def all(self, *given: object) -> list[Row]:
        text, made_of = self._built.get(connection.vendor) or self._build()
        with connection.cursor() as cursor:
            cursor.execute(text.sql, text.filled(given))
            return list(made_of(cursor.fetchall()))

    def first(self, *given: object) -> Row | None:
        """Of as many as the query finds: its order and its limit are its own."""
        return next(iter(self.all(*given)), None)

    def _build(self) -> tuple[_Text, Callable[[Sequence[Any]], Iterable[Row]]]:
        rows: Any = _with_places(self._query)
        compiler = rows.query.get_compiler(connection=connection)
        text = _Text(*compiler.as_sql())
        has_instances = issubclass(rows._iterable_class, ModelIterable)
        built = text, _instances(compiler) if has_instances else _tuples(compiler)
        self._built[connection.vendor] = built
        return built


def _tuples(compiler: Any) -> Callable[[Sequence[Any]], Iterable[Any]]:
    """Makes of the fetched rows what the query set would."""
    converters = _converters(compiler)
    return lambda rows: map(tuple, compiler.apply_converters(rows, converters))


def _converters(compiler: Any) -> Any:
    return compiler.get_converters([column for column, *_ in compiler.select])


def _instances(compiler: Any) -> Callable[[Sequence[Any]], Iterable[Any]]:
    """Likewise, with the instances that were selected along."""
    converters = _converters(compiler)
    of_model = compiler.klass_info["select_fields"]
    names = [compiler.select[place][0].target.attname for place in of_model]
    first, after_last = of_model[0], of_model[-1] + 1
    made_from: Callable[..., Model] = compiler.klass_info["model"].from_db
    populators = get_related_populators(compiler.klass_info, compiler.select, connection.alias)

    def made_of(rows: Sequence[Any]) -> Iterable[Model]:
        for row in compiler.apply_converters(rows, converters):
            made = made_from(connection.alias, names, row[first:after_last])
            for populator in populators:
                populator.populate(row, made)
            yield made

    return made_of


class Deleting:
    """Rows that a query finds, of a table that no other refers to."""

    def __init__(self, query: Callable[..., QuerySet[Any, Any]]) -> None:
        self._query = query
        self._built: dict[str, _Text] = {}

    def delete(self, *given: object) -> int:
        text = self._built.get(connection.vendor) or self._build()
        with connection.cursor() as cursor:
            cursor.execute(text.sql, text.filled(given))
            return int(cursor.rowcount)

    def _build(self) -> _Text:
        query = _with_places(self._query).query.chain(klass=DeleteQuery)
        text = self._built[connection.vendor] = _Text(*query.get_compiler(connection=connection).as_sql())
        return text


class Taking(Generic[Row]):
    """Rows that a query finds, deleted and told of as they were; of a table that no other refers to."""

    def __init__(self, query: Callable[..., QuerySet[Any, Row]]) -> None:
        self._rows = Reading(query)
        self._deleting = Deleting(query)
        self._built: dict[str, tuple[_Text, str, Callable[[Sequence[Any]], Iterable[Row]]]] = {}

    def take(self, *given: object) -> list[Row]:
        knows_returning = connection.features.can_return_columns_from_insert  # an old SQLite does not
        rows = [] if knows_returning else self._rows.all(*given)
        text, returning, made_of = self._built.get(connection.vendor) or self._build()
        with connection.cursor() as cursor:
            cursor.execute(text.sql + returning * knows_returning, text.filled(given))
            return list(made_of(cursor.fetchall())) if knows_returning else rows

    def _build(self) -> tuple[_Text, str, Callable[[Sequence[Any]], Iterable[Row]]]:
        compiler: Any = _with_places(self._rows._query).query.get_compiler(connection=connection)
        compiler.pre_sql_setup()
        columns = ", ".join(connection.ops.quote_name(column.target.column) for column, *_ in compiler.select)
        built = self._deleting._build(), f" RETURNING {columns}", _tuples(compiler)
        self._built[connection.vendor] = built
        return built


class Writing(Generic[Kind]):
    """Rows of a model, one at a time; what the database gives by itself is left to it."""

    def __init__(self, model: type[Kind]) -> None:
        self._model = model
        self._inserts: dict[str, str] = {}

    def create(self, row: Kind) -> Kind:
        insert = self._inserts.get(connection.vendor) or self._build_insert(row)
        with connection.cursor() as cursor:
            cursor.execute(insert, self._stored(row, self._fields))
            is_returned = connection.features.can_return_columns_from_insert
            row.pk = cursor.fetchone()[0] if is_returned else cursor.lastrowid
        row._state.adding, row._state.db = False, connection.alias  # as after Django's own
        return row

    def save(self, row: Kind, as_read: Mapping[str, object] | None = None) -> None:
        """Of a row whose values as they were read are told, only what is not as it was."""
        changed = self._fields
        if as_read is not None:
            changed = [field for field in changed if as_read[field.attname] != getattr(row, field.attname)]
        if not changed:
            return
        quoted, meta = connection.ops.quote_name, self._model._meta
        columns = ", ".join(f"{quoted(field.column)} = %s" for field in changed)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {quoted(meta.db_table)} SET {columns} WHERE {quoted(meta.pk.column)} = %s",  # noqa: S608
                [*self._stored(row, changed), row.pk],
            )

    @cached_property
    def _fields(self) -> list["Field[Any, Any]"]:
        fields: Sequence[Any] = self._model._meta.concrete_fields
        return [field for field in fields if not (field.primary_key or field.has_db_default())]

    def _stored(self, row: Kind, fields: Sequence[Any]) -> list[Any]:
        database = connections[DEFAULT_DB_ALIAS]
        return [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]

    def _build_insert(self, row: Kind) -> str:
        query = InsertQuery(self._model)
        query.insert_values(self._fields, [row])
        compiler: Any = query.get_compiler(connection=connection)
        compiler.returning_fields = [self._model._meta.pk]
        [(insert, _)] = compiler.as_sql()
        self._inserts[connection.vendor] = insert
        return str(insert)
