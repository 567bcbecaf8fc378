"""When a branch reminds its clients, which no branch does until it decides so, and what is said to them.

Where the branch has the words already, they stay as they are. Written out here: a later release may begin with others.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Max

REMIND = "Напоминаю: вы записаны {day} на {time}, автомобиль {car}. Сможете приехать?"


def add_words(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    branch, step = apps.get_model("directory", "Branch"), apps.get_model("directory", "ScriptStep")
    for each in branch.objects.filter(script__moment="late").distinct():
        # Of one position the older comes first: right after what is said to a late client.
        position = each.script.filter(moment="late").aggregate(last=Max("position"))["last"]
        if not each.script.filter(moment="remind").exists():
            step.objects.create(branch=each, moment="remind", text=REMIND, position=position)


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0004_setting_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="calls_from_minute",
            field=models.PositiveSmallIntegerField(default=540),
        ),
        migrations.AddField(
            model_name="policy",
            name="calls_until_minute",
            field=models.PositiveSmallIntegerField(default=1200),
        ),
        migrations.AddField(
            model_name="policy",
            name="remind_before_minutes",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="remind_day_before_minute",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="scriptstep",
            name="moment",
            field=models.CharField(
                choices=[
                    ("greeting", "Greeting"),
                    ("call_back", "Call Back"),
                    ("late", "Late"),
                    ("shifted", "Shifted"),
                    ("remind", "Remind"),
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
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(("calls_until_minute__gt", models.F("calls_from_minute"))),
                name="policy_calls_sometimes",
            ),
        ),
        migrations.RunPython(add_words, migrations.RunPython.noop),
    ]
