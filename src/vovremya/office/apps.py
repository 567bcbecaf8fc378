from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "vovremya.office"
    label = "office"
