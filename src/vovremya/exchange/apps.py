from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "vovremya.exchange"
    label = "exchange"
