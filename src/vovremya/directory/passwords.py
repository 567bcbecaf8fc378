"""What makes no password, beside what Django knows: a common one that is typed in the other layout of the keyboard."""

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator

_RUSSIAN, _LATIN = "ёйцукенгшщзхъфывапролджэячсмитьбю", "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_TO_LATIN, _TO_RUSSIAN = str.maketrans(_RUSSIAN, _LATIN), str.maketrans(_LATIN, _RUSSIAN)
#: Words that the list, made of Latin letters, knows by their keys at most.
_COMMON_WORDS = ("пароль", "вовремя", "администратор", "оператор", "автосервис")


class CommonInAnyLayoutValidator(CommonPasswordValidator):
    """«йцукен123456» is «qwerty123456» on the same keys; a common word with digits after it is common too."""

    def validate(self, password: str, user: Any = None) -> None:
        lower = password.lower()
        for typed in (lower, lower.translate(_TO_LATIN)):
            super().validate(typed, user)
        for typed in (lower, lower.translate(_TO_RUSSIAN)):
            if typed.strip("0123456789!.-_ ") in _COMMON_WORDS:
                super().validate("password", user)
