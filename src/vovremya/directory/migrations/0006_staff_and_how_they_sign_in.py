"""How staff sign in: invitations, temporary passwords, the second step, and sessions that know whose they are.

Who is signed in stays so: the sessions of before are taken along, and their table goes.
"""

from datetime import timedelta

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_FORMER = "django_session"
_LASTED = timedelta(days=14)
_COPY = f"""
INSERT INTO directory_session (session_key, session_data, expire_date, began_at, seen_at, address, device)
SELECT session_key, session_data, expire_date, expire_date, expire_date, '', '' FROM {_FORMER}
"""  # noqa: S608


def take_sessions_along(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    from vovremya.directory.sessions import SessionStore

    if _FORMER not in editor.connection.introspection.table_names():
        return
    with editor.connection.cursor() as cursor:
        cursor.execute(_COPY)
        cursor.execute(f"DROP TABLE {_FORMER}")
    users = set(apps.get_model("directory", "User").objects.values_list("pk", flat=True))
    for session in apps.get_model("directory", "Session").objects.all():
        user_id = int(SessionStore().decode(session.session_data).get(SESSION_KEY, 0))
        if user_id not in users:
            session.delete()
            continue
        session.user_id = user_id
        session.began_at = session.seen_at = session.expire_date - _LASTED
        session.save()


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0005_reminders"),
    ]

    operations = [
        migrations.AddField(
            model_name="branch",
            name="second_step_roles",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="user",
            name="owes_second_step",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="user",
            name="temporary_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitation",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SecondStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("salt", models.CharField(max_length=64)),
                ("set_up_at", models.DateTimeField()),
                ("last_time_step", models.BigIntegerField()),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failed_at", models.DateTimeField(null=True)),
                ("recovery_digests", models.JSONField(default=list)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_step",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("address", models.CharField(blank=True, max_length=64)),
                ("device", models.CharField(blank=True, max_length=300)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StaffChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("taken_on", "taken_on"),
                            ("named", "named"),
                            ("roles", "roles"),
                            ("state", "state"),
                            ("invited", "invited"),
                            ("temporary_password", "temporary_password"),
                            ("password", "password"),
                            ("second_step_on", "second_step_on"),
                            ("second_step_off", "second_step_off"),
                            ("sessions_ended", "sessions_ended"),
                        ],
                        max_length=24,
                    ),
                ),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "branch",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.branch"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "takes_back",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_back_by",
                        to="directory.staffchange",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["person", "-id"], name="changes_of_person")],
            },
        ),
        migrations.RunPython(take_sessions_along, migrations.RunPython.noop),
    ]
