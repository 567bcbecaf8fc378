from django.apps import AppConfig
from django.db.models.signals import pre_save


class DirectoryConfig(AppConfig):
    name = "vovremya.directory"
    label = "directory"

    def ready(self) -> None:
        from vovremya.directory.throttle import forget_what_was_typed

        pre_save.connect(forget_what_was_typed, sender="axes.AccessAttempt")
