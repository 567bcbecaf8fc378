"""The throttle kept what was typed at failed checks of a password, new passwords among it, and each sign-in for ever."""

from typing import Any

from django.db import migrations


def forget(apps: Any, _schema: Any) -> None:
    apps.get_model("axes", "AccessAttempt").objects.update(get_data="", post_data="")
    apps.get_model("axes", "AccessLog").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("axes", "0010_accessattemptexpiration"),
        ("directory", "0009_language_of_the_user"),
    ]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
