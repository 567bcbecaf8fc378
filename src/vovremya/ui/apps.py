from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "vovremya.ui"
    verbose_name = "Screen"

    def ready(self) -> None:
        from vovremya.ui import checks  # noqa: F401  # registers itself
