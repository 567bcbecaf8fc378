from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0008_norms_are_the_networks"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(choices=[("ru", "ru"), ("en", "en")], default="ru", max_length=2),
        ),
    ]
