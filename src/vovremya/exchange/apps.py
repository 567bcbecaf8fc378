from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "vovremya.exchange"
    label = "exchange"

    def ready(self) -> None:
        from vovremya.customers.signals import client_erased, erasure_considered
        from vovremya.exchange.actions import erasing

        erasure_considered.connect(erasing.tell_of_staged_rows)
        client_erased.connect(erasing.erase_rows)
