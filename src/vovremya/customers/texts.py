"""Words of the clients, by code."""

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "name_empty": _("Введите имя клиента."),
    "phone_empty": _("Введите номер телефона."),
    "phone_known": _("Этот номер у клиента уже есть."),
    "phone_not_single": _("Введите один номер."),
    "phone_unreadable": _("Не похоже на номер телефона. Пример: +7 912 555-01-47."),
    "text_too_long": _("Слишком длинно."),
    "vin_unreadable": _("В VIN 17 знаков, цифры и латинские буквы без I, O и Q; здесь {length}."),
    "campaign_vin_unreadable": _("Не похоже на VIN: {vin}. Таких строк {count}."),
    "coefficient_unreadable": _("Введите число от 0,5 до 3, например 1,2."),
    "number_unreadable": _("Введите целое число."),
    "day_unreadable": _("Введите дату."),
    "email_unreadable": _("Не похоже на адрес почты."),
}
