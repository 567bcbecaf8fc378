"""A day at 10:28 with a visit in every state, long names among them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.browser.trial import Trial
from tests.cast import MOSCOW
from vovremya.directory.rules import Actor
from vovremya.kernel import clock
from vovremya.visits.actions.contact import CardInput, client_called, dial, finish, record_attempt
from vovremya.visits.actions.reception import check_in, end_work, start_work
from vovremya.visits.models import Case, Lease, Visit
from vovremya.visits.rules.words import Answer, CallResult

LONG_CLIENT = "ООО «Первая Северо-Западная транспортно-экспедиционная компания»"


class FullDay:
    """The visits by the state they are in."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._clients = 0
        book = self._book
        self.done, self.in_work = book("09:00", 0, 30), book("09:30", 0, 25)
        self.overdue, self.late = book("10:00", 0, 15), book("10:15", 0, 75)
        self.grounds, self.waiting = book("09:30", 1, 30), book("10:00", 1, 15)
        self.undecided, self.no_phone = book("10:15", 1, 30), book("10:50", 1, 60, phone="")
        self.retry_due, self.arrived = book("09:45", 2, 30), book("10:15", 2, 45, name=LONG_CLIENT)
        self.expected, self.planned = book("11:00", 2, 60), book("12:00", 2, 120, name=LONG_CLIENT)
        master = trial.cast.master
        for visit in (self.done, self.in_work, self.arrived):
            self._do(check_in, visit, "09:30", by=master)
        for visit in (self.done, self.in_work):
            self._do(start_work, visit, "09:35", by=master)
        self._do(end_work, self.done, "10:00", by=master)
        self._fail(self.grounds, "09:42", "09:48")
        self._fail(self.retry_due, "10:00")
        self._fail(self.waiting, "10:26")
        self._call(self.undecided, "10:27", CallResult.ANSWERED)
        self._do(client_called, self.expected, "10:20", real_now=clock.real_now())
        promise = CardInput(answer=Answer.YES, eta="11:05", comment="Едет, будет к 11:05")
        self._do(finish, self.expected, "10:20", card=promise, zone=MOSCOW, **self._card(self.expected))

    def _book(self, at: str, bay: int, minutes: int, *, name: str = "", phone: str | None = None) -> Visit:
        self._clients += 1
        number = f"+7 900 500-00-{self._clients:02}" if phone is None else phone
        plate = f"К{self._clients:03}ТО 777"
        surname = ("Кравцов", "Смирнов", "Константинопольский", "Мухин")[self._clients % 4]
        client, car = self._trial.register(name or f"{surname} Александр Ильич", *filter(None, [number]), plate=plate)
        return self._trial.book(at, bay=bay, minutes=minutes, client=client, car=car)

    def _fail(self, visit: Visit, *times: str) -> None:
        for at in times:
            self._call(visit, at, CallResult.BUSY)

    def _call(self, visit: Visit, at: str, result: CallResult) -> None:
        phone_id = self._trial.backstage(lambda: visit.client.phones.values_list("pk", flat=True)[0])
        self._do(dial, visit, at, phone_id=phone_id, real_now=clock.real_now())
        self._do(record_attempt, visit, at, result=result, **self._card(visit))
        self._trial.backstage(self._let_go, visit)

    def _do(self, action: Callable[..., Any], visit: Visit, at: str, *, by: Actor | None = None, **more: Any) -> None:
        now: datetime = self._trial.at(at)
        self._trial.backstage(action, visit.pk, actor=by or self._trial.cast.operator, now=now, **more)

    def _card(self, visit: Visit) -> dict[str, Any]:
        version = self._trial.backstage(lambda: Case.objects.get(visit=visit, ended_at=None).version)
        return {"case_version": version, "real_now": clock.real_now()}

    @staticmethod
    def _let_go(visit: Visit) -> None:
        Lease.objects.filter(case__visit=visit).delete()
