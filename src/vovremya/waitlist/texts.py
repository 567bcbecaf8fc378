"""Words of the waiting list, by code."""

from django.utils.translation import gettext_lazy as _

from vovremya.waitlist.rules.words import Ending, OfferAnswer

ENDINGS = {
    Ending.SERVED: _("получил время"),
    Ending.ARRIVED: _("приехал"),
    Ending.GONE: _("запись удалена или не приехал"),
    Ending.EXPIRED: _("срок прошёл"),
    Ending.WITHDRAWN: _("снят"),
}

ANSWERS = {
    OfferAnswer.ACCEPTED: _("согласился"),
    OfferAnswer.REFUSED: _("отказался"),
    OfferAnswer.UNREACHED: _("не дозвонились"),
    OfferAnswer.LAPSED: _("результат не отмечен"),
    OfferAnswer.GIVEN_UP: _("больше не предлагаем"),
    OfferAnswer.TAKEN_BACK: _("ответ отменён"),
}

REFUSALS = {
    "already_waiting": _("Этот клиент уже в листе ожидания с {since} (записал: {who}). Измените ту строку."),
    "already_begun": _("Время записи уже наступило: раньше не получится."),
    "asked_already": _("Это время клиенту уже предлагали."),
    "days_over": _("Этот день уже прошёл."),
    "group_unknown": _("Такой группы постов в филиале нет."),
    "not_waiting_served": _("Клиент уже получил время и ушёл из листа ожидания{by}."),
    "not_waiting_arrived": _("Клиент уже приехал и ушёл из листа ожидания{by}."),
    "not_waiting_gone": _("Запись клиента удалена{by}: в листе ожидания его больше нет."),
    "not_waiting_expired": _("Срок ожидания прошёл: клиент ушёл из листа."),
    "not_waiting_withdrawn": _("Клиента уже сняли с листа ожидания{by}."),
    "nothing_to_take_back": _("Отменять нечего: ответ уже другой."),
    "offer_ended": _("Результат этого предложения уже отмечен ({who}, {at})."),
    "offered_by_other": _("Этому клиенту уже звонит {who}, время держится до {until}."),
    "on_list_already": _("Клиент уже в листе ожидания."),
    "would_leave_arrived": _("Клиент уже приехал: возвращать в лист незачем."),
    "would_leave_expired": _("Срок ожидания прошёл: запишите пожелания заново."),
    "would_leave_gone": _("Запись клиента удалена: поставьте его в лист заново."),
}
