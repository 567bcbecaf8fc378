from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "vovremya.ui"
    verbose_name = "Screen"

    def ready(self) -> None:
        from vovremya.ui import assets, checks  # noqa: F401  # the checks register themselves

        # Read before the static files are listed: a build beside a running server changes nothing for it.
        assets.read()
