import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
        ("directory", "0001_initial"),
        ("visits", "0002_indexes_of_the_board"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="visit",
            name="car",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visits",
                to="customers.car",
            ),
        ),
        migrations.AlterField(
            model_name="visit",
            name="client",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visits",
                to="customers.client",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["client", "branch", "starts_at"], name="visit_of_client"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["car", "branch", "starts_at"], name="visit_of_car"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["branch", "status", "starts_at"], name="visit_of_status"),
        ),
    ]
