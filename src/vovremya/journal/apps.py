from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    name = "vovremya.journal"
    label = "journal"

    def ready(self) -> None:
        from vovremya.directory.signals import user_switched_off
        from vovremya.journal import actions, append_only

        post_migrate.connect(append_only.put_in, sender=self)
        user_switched_off.connect(actions.record_switch_off)
