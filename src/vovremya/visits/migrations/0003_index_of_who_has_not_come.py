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
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["branch", "status", "starts_at"], name="visit_of_status"),
        ),
    ]
