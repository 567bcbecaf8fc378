"""Many new rows at once, for imports: what `bulk_create` does, without its price for each single value.

Django prepares every value of every field on its own; of a large import that would be the most work by far.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

_MOST_PARAMETERS = 30_000  # of one statement, in any database
_AS_THEY_ARE = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.BooleanField,
    models.FloatField,
    models.ForeignKey,
)


def insert_many(objects: Iterable[models.Model]) -> None:
    """Write new objects of one model and give them their keys. Signals are not sent, defaults are the model's."""
    new = list(objects)
    if not new:
        return
    model = type(new[0])
    connection = connections[router.db_for_write(model)]
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    writers = [_writer(field, connection) for field in fields]
    rows_at_once = _MOST_PARAMETERS // len(fields)
    with connection.cursor() as cursor:
        for start in range(0, len(new), rows_at_once):
            batch = new[start : start + rows_at_once]
            cursor.execute(
                _statement(model, fields, len(batch), connection),
                [write(each) for each in batch for write in writers],
            )
            for each, (key,) in zip(batch, cursor.fetchall(), strict=True):
                each.pk = key
                each._state.adding, each._state.db = False, connection.alias


def _statement(
    model: type[models.Model], fields: list["models.Field[Any, Any]"], rows: int, connection: BaseDatabaseWrapper
) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    key = quote(model._meta.pk.column)
    values = ", ".join([row] * rows)
    # Only names of the model's own are put in.
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {values} RETURNING {key}"  # noqa: S608


def _writer(field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper) -> Callable[[models.Model], Any]:
    """How the field's value of an object is handed to the database."""
    name = field.attname
    if isinstance(field, models.ForeignKey):
        return lambda each: _key_of(each, field)
    if isinstance(field, _AS_THEY_ARE):
        return lambda each: getattr(each, name)
    if isinstance(field, models.DateTimeField):
        adapt = connection.ops.adapt_datetimefield_value
        return lambda each: adapt(getattr(each, name))
    return lambda each: field.get_db_prep_save(getattr(each, name), connection)


def _key_of(each: models.Model, field: "models.ForeignKey[Any, Any]") -> Any:
    """Also of an object that had no key yet when it was given."""
    key = getattr(each, field.attname)
    if key is None and field.is_cached(each):
        related = field.get_cached_value(each)
        key = related.pk if related else None
        setattr(each, field.attname, key)
    return key
