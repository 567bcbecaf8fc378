from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ScheduleConfig(AppConfig):
    name = "vovremya.schedule"
    label = "schedule"

    def ready(self) -> None:
        from vovremya.schedule import no_overlap

        post_migrate.connect(no_overlap.put_in, sender=self)
