from django.apps import AppConfig


class WaitlistConfig(AppConfig):
    name = "vovremya.waitlist"
    label = "waitlist"

    def ready(self) -> None:
        from vovremya.schedule.signals import time_freed
        from vovremya.waitlist.actions.freeing import note_freed

        time_freed.connect(note_freed)
