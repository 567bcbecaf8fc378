from django.apps import AppConfig


class GuideConfig(AppConfig):
    name = "vovremya.guide"
    label = "guide"
