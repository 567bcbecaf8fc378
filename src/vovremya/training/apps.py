from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "vovremya.training"
    label = "training"
