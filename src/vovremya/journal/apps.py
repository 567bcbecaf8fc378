from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    name = "vovremya.journal"
    label = "journal"

    def ready(self) -> None:
        from vovremya.directory.signals import staff_changed
        from vovremya.journal import actions, append_only, wake
        from vovremya.journal.signals import entry_recorded

        post_migrate.connect(append_only.put_in, sender=self)
        entry_recorded.connect(wake.after_commit)
        staff_changed.connect(actions.record_staff_change)
