"""Words of the clients, by code."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from vovremya.customers.rules.consents import Purpose

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
    "kind_unknown": _("Выберите: физическое лицо или организация."),
    "car_empty": _("Назовите автомобиль: марку, госномер или VIN."),
    "client_changed_meanwhile": _(
        "Пока вы писали, это изменили. Ваши слова остались в форме: сверьте и сохраните снова."
    ),
    "client_changed_since": _("После этого изменения было другое: сначала верните его."),
    "client_erased": _("Данные этого клиента стёрты."),
    "client_merged": _("Эту карточку объединили с другой: откройте ту, что осталась."),
    "client_merged_meanwhile": _("Только что с этой карточкой объединили другую: откройте её снова."),
    "phone_in_call": _("По этому номеру сейчас звонят: дождитесь конца звонка."),
    "consent_stands_so": _("Так уже отмечено."),
    "consent_text_changed": _("Текст согласия изменился: прочитайте новый клиенту и отметьте снова."),
    "consent_text_empty": _("Напишите текст согласия."),
    "consent_channel_unknown": _("Выберите, как это стало известно."),
    "merge_undone_already": _("Карточки уже разъединены."),
    "merge_has_later": _("После этого с карточкой объединили ещё одну: сначала разъедините ту."),
    "merge_person_changed": _("Имя или почту с тех пор изменили: сначала верните это изменение."),
    "merge_visits_changed": _("Записи с тех пор перешли к другому клиенту: разъединить нельзя."),
    "merge_phones_changed": _("Телефоны, что перешли при объединении, с тех пор убрали: сначала верните их."),
    "merge_cars_changed": _("Автомобили, что перешли при объединении, теперь у другого клиента: разъединить нельзя."),
    "merge_both_wait": _("Обе карточки стоят в листе ожидания с одним автомобилем: сначала снимите одну."),
    "erasure_blocked": _("Сначала закончите то, что перечислено ниже."),
    "ground_unknown": _("Выберите основание."),
    "erasure_unconfirmed": _("Подтвердите, что данные можно стереть."),
    "months_unfit": _("Число месяцев от 1 до {most}, или пусто: не стирать."),
    "keeping_reason_empty": _("Напишите, зачем оставить."),
}

_CONSENT_TEXTS = {
    Purpose.MESSAGES: (
        _(
            "Я согласен получать от автосервиса сообщения о моих визитах: напоминания, подтверждение и перенос записи. "
            "Согласие можно отозвать в любой момент."
        )
    ),
    Purpose.ADVERTISING: (
        _(
            "Я согласен получать от автосервиса звонки и сообщения с предложениями услуг и акций. "
            "Согласие можно отозвать в любой момент, и предложения сразу прекратятся."
        )
    ),
    Purpose.RECORDING: (
        _(
            "Я согласен на запись телефонных разговоров с автосервисом для контроля качества. "
            "Согласие можно отозвать в любой момент."
        )
    ),
}


def first_wording(purpose: Purpose) -> str:
    """Of a consent, until the network words its own: in the one language in which clients are read it, and in which it
    is kept, whatever that of the user is."""
    with override(settings.LANGUAGE_CODE):
        return str(_CONSENT_TEXTS[purpose])
