"""The changes of norms made before: of a work as a whole, and of the network. Until now nothing else of a work could be
changed."""

from typing import Any

from django.db import migrations


def widen(apps: Any, _schema: Any) -> None:
    works = {work.pk: work for work in apps.get_model("directory", "Work").objects.all()}
    for change in apps.get_model("directory", "SettingChange").objects.filter(setting="norm"):
        work = works[change.subject_id]
        rest = {"code": work.code, "name": work.name, "is_active": work.is_active}
        change.setting, change.branch_id, change.network_id = "work", None, work.network_id
        change.before, change.after = ({**rest, "norm_minutes": minutes} for minutes in (change.before, change.after))
        change.save()


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_directories_of_the_network")]

    operations = [migrations.RunPython(widen, migrations.RunPython.noop)]
