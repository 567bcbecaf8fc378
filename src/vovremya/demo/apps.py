from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "vovremya.demo"
    label = "demo"
