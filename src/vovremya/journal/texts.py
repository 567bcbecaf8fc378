"""Russian words of the journal, by code."""

REFUSALS = {
    "request_key_reused": "Форма уже отправлена: сохранено то, что было в ней тогда. Откройте её заново.",
}
