"""Words of the journal, by code."""

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "request_key_reused": _("Форма уже отправлена: сохранено то, что было в ней тогда. Откройте её заново."),
}
