"""Russian words of the clients' pages, by code."""

from django.utils.translation import gettext_lazy as _

from vovremya.customers.models import Client, PhoneReveal
from vovremya.customers.rules.card import Facet
from vovremya.customers.rules.consents import Channel, Purpose
from vovremya.customers.rules.erasure import Ground
from vovremya.customers.rules.merging import Likeness

KINDS = {Client.Kind.PERSON: _("физическое лицо"), Client.Kind.ORGANISATION: _("организация")}

PERSON_FIELDS = {
    "name": _("Имя"),
    "representative": _("Представитель"),
    "kind": _("Кто это"),
    "email": _("Почта"),
    "comment": _("Комментарий"),
}
CAR_FIELDS = {
    "make": _("Марка"),
    "model": _("Модель"),
    "year": _("Год"),
    "plate": _("Госномер"),
    "vin": _("VIN"),
    "mileage": _("Пробег"),
    "warranty_until": _("Гарантия до"),
    "is_active": _("В работе"),
}
FACETS = {Facet.PERSON: _("Клиент"), Facet.PHONES: _("Телефоны"), Facet.CAR: _("Автомобиль")}
NOTHING, NONE_BEFORE, ERASED_WORDS = _("пусто"), _("не было"), _("стёрто")
YES, NO = _("да"), _("нет")
WRONG_NUMBER = _("неверный")

PURPOSES = {
    Purpose.MESSAGES: _("Сообщения о визитах"),
    Purpose.ADVERTISING: _("Реклама: звонки и сообщения"),
    Purpose.RECORDING: _("Запись разговоров"),
}
CHANNELS = {
    Channel.PAPER: _("подписал на бумаге"),
    Channel.IN_PERSON: _("сказал лично"),
    Channel.CALL: _("сказал по телефону"),
    Channel.MESSAGE: _("написал"),
    Channel.MISTAKE: _("отметили по ошибке"),
}
LIKENESSES = {
    Likeness.VIN: _("один VIN"),
    Likeness.PLATE: _("один госномер"),
    Likeness.PHONE: _("один телефон"),
    Likeness.NAME: _("похожее имя"),
}
REVEALS = {
    PhoneReveal.Purpose.DIAL: _("набран"),
    PhoneReveal.Purpose.SHOW: _("показан"),
    PhoneReveal.Purpose.FILE: _("выданы все данные"),
}

GROUNDS = {
    Ground.REQUEST: _("требование человека"),
    Ground.WITHDRAWN: _("отзыв согласия, других оснований нет"),
    Ground.EXPIRED: _("срок хранения истёк"),
    Ground.UNLAWFUL: _("данные записаны без оснований"),
}
#: Those that somebody at the desk chooses; the time of keeping is the program's own.
CHOSEN_GROUNDS = (Ground.REQUEST, Ground.WITHDRAWN, Ground.UNLAWFUL)
OBSTACLES = {
    "visit_to_come": _("предстоящая запись: перенесите её на другого клиента или удалите"),
    "car_here": _("автомобиль на станции: завершите работы"),
    "open_contact": _("открытый контакт: завершите его"),
    "open_wait": _("место в листе ожидания: снимите с него"),
    "row_being_imported": _("строка в импорте, который ещё идёт: дождитесь его конца"),
    "file_being_imported": _("файл незаконченного импорта: закончите его или остановите"),
}
ERASED = {
    "names": _("имя и представитель"),
    "phones": _("телефоны"),
    "emails": _("адреса почты"),
    "client_comments": _("комментарии о клиенте"),
    "plates": _("госномера"),
    "vins": _("VIN"),
    "changes": _("значения в истории карточки"),
    "consents": _("отметки о согласиях"),
    "visit_words": _("слова в записях: причина, запчасти, комментарий"),
    "contact_words": _("комментарии контактов"),
    "journal_words": _("слова в журнале, с их солью"),
    "drafts": _("черновики карточек"),
    "wait_words": _("слова в листе ожидания"),
    "import_rows": _("строки импорта"),
}

PERSON_SAVED = _("Карточка сохранена.")
CHANGE_TAKEN_BACK = _("Возвращено, как было.")
CONSENT_MARKED = _("Согласие отмечено.")
CONSENT_REFUSED = _("Отмечено: клиент не согласен.")
ADVERTISING_STOPPED = _("Реклама прекращена: больше не предлагать.")
MERGED = _("Карточки объединены.")
MERGE_UNDONE = _("Карточки разъединены: всё как было.")
TOLD_APART = _("Разные люди: больше не предлагаем их объединить.")
TOLD_APART_UNDONE = _("Снова предлагаем сравнить эти карточки.")
RETENTION_SAVED = _("Сроки хранения сохранены.")
CONSENT_WORDED = _("Новый текст согласия действует с этой минуты.")
CLIENT_KEPT = _("Клиент останется до названного дня.")
