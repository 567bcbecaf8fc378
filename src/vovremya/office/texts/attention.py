"""Russian words of what asks for a supervisor's look, and of the access log."""

from django.utils.translation import gettext_lazy as _

from vovremya.customers.models import PhoneReveal
from vovremya.exchange.models import ListExport
from vovremya.visits.rules.matters import Contradiction, MatterKind

MATTERS = {
    MatterKind.CONTRADICTION: _("Результат не сходится со звонком"),
    MatterKind.DEADLINE_MISSED: _("Нарушен срок контакта"),
    MatterKind.OVERRIDE: _("Удалено без основания"),
    MatterKind.FAR_ETA: _("Дальний срок приезда"),
    MatterKind.OVERBOOKED: _("Сверх занятого времени"),
    MatterKind.TAKEN_OVER: _("Перехват карточки"),
    MatterKind.RESTORED: _("Восстановлена запись"),
}
CONTRADICTIONS = {
    Contradiction.ANSWERED_WITHOUT_CALL: _("из программы не набирали"),
    Contradiction.ANSWERED_AT_ONCE: _("сразу после набора: так быстро не отвечают"),
    Contradiction.FAILED_WITHOUT_CALL: _("из программы не набирали"),
    Contradiction.FAILED_AFTER_TALK: _("больше минуты после набора: похоже на разговор"),
}
PURPOSES = {
    PhoneReveal.Purpose.DIAL: _("набрал"),
    PhoneReveal.Purpose.SHOW: _("показал"),
    PhoneReveal.Purpose.FILE: _("выгрузил всё о клиенте"),
}
LISTS = {
    ListExport.List.DAY: _("Лист дня"),
    ListExport.List.NOT_ARRIVED: _("Не приехали"),
    ListExport.List.REMOVED: _("Удалённые записи"),
    ListExport.List.WAITLIST: _("Лист ожидания"),
    ListExport.List.REFUSED_ROWS: _("Строки, не принятые импортом"),
}
