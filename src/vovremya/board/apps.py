from django.apps import AppConfig


class BoardConfig(AppConfig):
    name = "vovremya.board"
    label = "board"
