"""Russian words of the clients, by code."""

REFUSALS = {
    "name_empty": "Введите имя клиента.",
    "phone_empty": "Введите номер телефона.",
    "phone_known": "Этот номер у клиента уже есть.",
    "phone_not_single": "Введите один номер.",
    "phone_unreadable": "Не похоже на номер телефона. Пример: +7 912 555-01-47.",
    "text_too_long": "Слишком длинно.",
    "vin_unreadable": "В VIN 17 знаков, цифры и латинские буквы без I, O и Q; здесь {length}.",
    "campaign_vin_unreadable": "Не похоже на VIN: {vin}. Таких строк {count}.",
    "coefficient_unreadable": "Введите число от 0,5 до 3, например 1,2.",
    "number_unreadable": "Введите целое число.",
    "day_unreadable": "Введите дату.",
    "email_unreadable": "Не похоже на адрес почты.",
}
