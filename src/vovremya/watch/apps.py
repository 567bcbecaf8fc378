from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "vovremya.watch"
    label = "watch"
