from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "vovremya.journal"
    label = "journal"
