"""Russian words of the clients, by code."""

REFUSALS = {
    "name_empty": "Введите имя клиента.",
    "phone_empty": "Введите номер телефона.",
    "phone_known": "Этот номер у клиента уже есть.",
    "phone_not_single": "Введите один номер.",
    "phone_unreadable": "Не похоже на номер телефона. Пример: +7 912 555-01-47.",
    "text_too_long": "Слишком длинно.",
}
