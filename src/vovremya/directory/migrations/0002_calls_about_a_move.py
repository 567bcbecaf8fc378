"""What is said to a client whose visit the station moved, and why a visit leaves for another branch.

Where the network or the branch has them already, they stay as they are. Written out here: a later release may begin
with other words.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Max

SHIFTED = (
    "Вы записаны сегодня на {known_time}, автомобиль {car}. К сожалению, мы сдвигаемся: сможем принять вас в {time}. "
    "Вам подходит?"
)


def add_words(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    network, branch = apps.get_model("directory", "Network"), apps.get_model("directory", "Branch")
    reason, step = apps.get_model("directory", "RemovalReason"), apps.get_model("directory", "ScriptStep")
    for each in network.objects.filter(removal_reasons__isnull=False).distinct():
        last = each.removal_reasons.aggregate(last=Max("position"))["last"]
        reason.objects.get_or_create(
            network=each,
            code="other_branch",
            defaults={"name": "Перезаписан в другой филиал", "group": "client", "position": last + 1},
        )
    for each in branch.objects.filter(script__moment="late").distinct():
        # Of one position the older comes first: right after what is said to a late client.
        position = each.script.filter(moment="late").aggregate(last=Max("position"))["last"]
        if not each.script.filter(moment="shifted").exists():
            step.objects.create(branch=each, moment="shifted", text=SHIFTED, position=position)


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="scriptstep",
            name="moment",
            field=models.CharField(
                choices=[
                    ("greeting", "Greeting"),
                    ("call_back", "Call Back"),
                    ("late", "Late"),
                    ("shifted", "Shifted"),
                    ("eta", "Eta"),
                    ("near", "Near"),
                    ("fits", "Fits"),
                    ("move", "Move"),
                    ("refusal", "Refusal"),
                    ("coming", "Coming"),
                    ("goodbye", "Goodbye"),
                ],
                max_length=16,
            ),
        ),
        migrations.RunPython(add_words, migrations.RunPython.noop),
    ]
