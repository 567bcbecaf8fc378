"""Russian words of the waiting list, by code."""

from vovremya.waitlist.rules.words import Ending, OfferAnswer

ENDINGS = {
    Ending.SERVED: "получил время",
    Ending.ARRIVED: "приехал",
    Ending.GONE: "запись удалена или не приехал",
    Ending.EXPIRED: "срок прошёл",
    Ending.WITHDRAWN: "снят",
}

ANSWERS = {
    OfferAnswer.ACCEPTED: "согласился",
    OfferAnswer.REFUSED: "отказался",
    OfferAnswer.UNREACHED: "не дозвонились",
    OfferAnswer.LAPSED: "результат не отмечен",
    OfferAnswer.GIVEN_UP: "больше не предлагаем",
    OfferAnswer.TAKEN_BACK: "ответ отменён",
}

REFUSALS = {
    "already_waiting": "Этот клиент уже в листе ожидания с {since} (записал: {who}). Измените ту строку.",
    "already_begun": "Время записи уже наступило: раньше не получится.",
    "asked_already": "Это время клиенту уже предлагали.",
    "days_over": "Этот день уже прошёл.",
    "group_unknown": "Такой группы постов в филиале нет.",
    "not_waiting_served": "Клиент уже получил время и ушёл из листа ожидания{by}.",
    "not_waiting_arrived": "Клиент уже приехал и ушёл из листа ожидания{by}.",
    "not_waiting_gone": "Запись клиента удалена{by}: в листе ожидания его больше нет.",
    "not_waiting_expired": "Срок ожидания прошёл: клиент ушёл из листа.",
    "not_waiting_withdrawn": "Клиента уже сняли с листа ожидания{by}.",
    "nothing_to_take_back": "Отменять нечего: ответ уже другой.",
    "offer_ended": "Результат этого предложения уже отмечен ({who}, {at}).",
    "offered_by_other": "Этому клиенту уже звонит {who}, время держится до {until}.",
    "on_list_already": "Клиент уже в листе ожидания.",
    "would_leave_arrived": "Клиент уже приехал: возвращать в лист незачем.",
    "would_leave_expired": "Срок ожидания прошёл: запишите пожелания заново.",
    "would_leave_gone": "Запись клиента удалена: поставьте его в лист заново.",
}
