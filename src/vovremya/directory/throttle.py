"""What django-axes keeps of failed logins: who, from where and how often; never what was typed."""

from axes.models import AccessAttempt


def forget_what_was_typed(instance: AccessAttempt, **_signal: object) -> None:
    """It masks fields by their names, and a form's next field with a password in it would be forgotten there."""
    instance.get_data = instance.post_data = ""
