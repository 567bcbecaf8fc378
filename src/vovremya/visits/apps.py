from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "vovremya.visits"
    label = "visits"
