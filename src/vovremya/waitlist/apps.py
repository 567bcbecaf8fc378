from django.apps import AppConfig


class WaitlistConfig(AppConfig):
    name = "vovremya.waitlist"
    label = "waitlist"

    def ready(self) -> None:
        from vovremya.customers import signals as customers
        from vovremya.schedule.signals import time_freed
        from vovremya.waitlist.actions import clients
        from vovremya.waitlist.actions.freeing import note_freed

        time_freed.connect(note_freed)
        customers.erasure_considered.connect(clients.tell_of_open_waits)
        customers.client_erased.connect(clients.erase_words)
        customers.words_expired.connect(clients.forget_old_words)
        customers.clients_merged.connect(clients.bring_over)
        customers.merge_undone.connect(clients.bring_back)
