"""A filled demo to be shot at, and what is asked of its database. Models are imported by the functions."""

from tests.races.arena import Arena

PASSWORD = "demo"
BRANCH = "SEV"
ROLES = ("operator", "operator2", "master", "supervisor", "manager", "admin")
FOREIGNER = "stranger"  # of VVO alone


def demo_in(empty: Arena) -> Arena:
    arena = Arena({**empty.environment, "VOVREMYA_DEMO": "1"})
    arena.alone(fill_demo)
    return arena


def fill_demo() -> None:
    from django.core.management import call_command

    from vovremya.demo.build import fill
    from vovremya.kernel import clock

    call_command("migrate", verbosity=0)
    fill(clock.now())


def forget_failed_logins() -> None:
    from axes.models import AccessAttempt

    AccessAttempt.objects.all().delete()


def rows_of_branch(code: str) -> dict[str, str]:
    """The digest of every table's rows that belong to the branch; seals are set by the clock alone."""
    import hashlib

    from django.apps import apps

    digests = {}
    for model in apps.get_models():
        way = _way_to_branch(model)
        if way and model._meta.label != "journal.Seal":
            rows = model.objects.filter(**{f"{way}__code": code}).order_by("pk").values()  # type: ignore[attr-defined]
            digests[model._meta.label] = hashlib.sha256(repr(list(rows)).encode()).hexdigest()
    return digests


def overlong_texts() -> list[str]:
    """Columns with a text longer than they say: SQLite keeps it, PostgreSQL would have answered with an error."""
    from django.apps import apps
    from django.db.models import CharField
    from django.db.models.functions import Length

    return [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, CharField) and field.max_length
        if model.objects.annotate(width=Length(field.name)).filter(width__gt=field.max_length).exists()  # type: ignore[attr-defined]
    ]


def _way_to_branch(model: type) -> str:
    """The shortest chain of foreign keys: `case__visit__branch`."""
    from vovremya.directory.models import Branch

    ways, seen = [(model, "")], {model}
    while ways:
        current, way = ways.pop(0)
        for field in current._meta.fields:  # type: ignore[attr-defined]
            if field.related_model and field.related_model not in seen:
                longer = f"{way}__{field.name}".removeprefix("__")
                if field.related_model is Branch:
                    return longer
                seen.add(field.related_model)
                ways.append((field.related_model, longer))
    return ""
