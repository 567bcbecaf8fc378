from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "vovremya.watch"
    label = "watch"

    def ready(self) -> None:
        from vovremya.journal.signals import entry_recorded
        from vovremya.watch.counting import count_entry

        entry_recorded.connect(count_entry)
