from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "vovremya.directory"
    label = "directory"
