from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "vovremya.customers"
    label = "customers"
