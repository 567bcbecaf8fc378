from django.apps import AppConfig


class BoardConfig(AppConfig):
    name = "vovremya.board"
    label = "board"

    def ready(self) -> None:
        from vovremya.board.live.hub import check_sessions
        from vovremya.directory.signals import user_signed_out

        user_signed_out.connect(check_sessions)
