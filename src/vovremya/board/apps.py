from django.apps import AppConfig


class BoardConfig(AppConfig):
    name = "vovremya.board"
    label = "board"

    def ready(self) -> None:
        from vovremya.board.live.hub import check_sessions, wake_after_commit
        from vovremya.directory.signals import user_signed_out
        from vovremya.journal.signals import entry_recorded

        entry_recorded.connect(wake_after_commit)
        user_signed_out.connect(check_sessions)
