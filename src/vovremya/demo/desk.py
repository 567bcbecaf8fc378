"""The people of the demo at work: deeds of a story, done by the same actions as on the screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vovremya.customers.actions import ClientGiven, add_car, find_or_register_many, register
from vovremya.customers.models import Car, Client
from vovremya.demo import stories
from vovremya.demo.network import Station
from vovremya.demo.orders import Order
from vovremya.demo.people import Person
from vovremya.demo.scenes import Waiter
from vovremya.directory.models import LateReason, RemovalReason, Work
from vovremya.directory.rules import Actor
from vovremya.visits.actions import booking, contact, reception, removal
from vovremya.visits.actions.booking import Details, Plan
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.actions.importing import NewVisit, book_imported
from vovremya.visits.actions.removal import RemovalInput
from vovremya.visits.models import Visit
from vovremya.visits.queries import open_case_of
from vovremya.visits.rules.words import Answer, Grounds
from vovremya.waitlist.actions.keeping import Wanted, WishedFor, put_on_list, want_sooner


@dataclass(frozen=True)
class Team:
    """Who acts in a branch."""

    operator: Actor
    master: Actor
    supervisor: Actor


@dataclass(frozen=True)
class Booking:
    """What a client is booked for."""

    person: Person
    bay: str
    starts_at: datetime
    order: Order
    comment: str = ""
    waits_on_site: bool = False
    source: str = Visit.Source.CALL
    record: str = ""  # its number in the program that it was brought in from

    @property
    def details(self) -> Details:
        return Details(
            reason=self.order.reason,
            works=self.order.works,
            repair_kind=self.order.repair_kind,
            source=self.source,
            comment=self.comment,
            waits_on_site=self.waits_on_site,
        )


@dataclass
class Desk:
    """One branch's desk and reception."""

    station: Station
    team: Team
    clients: dict[tuple[str, tuple[str, ...]], Client] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.station.plan.zone)

    def book(self, wanted: Booking, now: datetime) -> Visit:
        client, car = self._client(wanted.person, now)
        return booking.book(
            self.station.branch.pk,
            client,
            car,
            self._plan(wanted),
            wanted.details,
            actor=self.team.operator,
            now=now,
        )

    def bring_in(self, wanted: Sequence[Booking], now: datetime) -> list[Visit]:
        """Many at once, as from an exported table."""
        given = [ClientGiven(each.person.name, each.person.phones, each.person.car) for each in wanted]
        registered = find_or_register_many(self.station.branch.network, given, now)
        visits = [
            NewVisit(found.client, found.car, self._plan(each), each.details, each.record)
            for found, each in zip(registered, wanted, strict=True)
        ]
        return book_imported(self.station.branch.pk, visits, actor=self.team.supervisor, now=now)

    def _plan(self, wanted: Booking) -> Plan:
        return Plan(
            bay_id=self.station.bays[wanted.bay].pk,
            starts_at=wanted.starts_at,
            ends_at=wanted.starts_at + timedelta(minutes=wanted.order.minutes),
            advisor_id=self.station.advisors[wanted.bay].pk,
        )

    def do(self, deed: stories.Deed, visit_id: int, now: datetime, *, caller: Actor) -> None:
        match deed:
            case stories.Arrive():
                reception.check_in(visit_id, actor=self.team.master, now=now)
            case stories.StartWork():
                reception.start_work(visit_id, actor=self.team.master, now=now)
            case stories.EndWork():
                reception.end_work(visit_id, actor=self.team.master, now=now)
            case stories.Dial():
                self._dial(visit_id, caller, now)
            case stories.NoteResult(result):
                contact.record_attempt(
                    visit_id,
                    result,
                    actor=caller,
                    now=now,
                    real_now=now,
                    case_version=_case_version(visit_id),
                )
            case stories.LeaveCard():
                contact.release_card(visit_id, actor=caller, now=now)
            case stories.Warn():
                contact.client_called(visit_id, actor=caller, now=now, real_now=now)
            case stories.Promise():
                self._promise(deed, visit_id, caller, now)
            case stories.Confirm(comment):
                self._finish(CardInput(answer=Answer.YES, comment=comment), visit_id, caller, now)
            case stories.Move(by_minutes, comment):
                self._move(visit_id, timedelta(minutes=by_minutes), comment, caller, now)
            case stories.Remove(reason_code, comment):
                self._remove(visit_id, reason_code, comment, caller, now)
            case stories.WantSooner(comment):
                visit = Visit.objects.get(pk=visit_id)
                want_sooner(visit, WishedFor(), comment=comment, actor=caller, now=now)
            case stories.Restore():
                removal.restore(visit_id, actor=self.team.master, now=now)
            case stories.MarkNoShow():
                reception.mark_no_show(visit_id, actor=caller, now=now)

    def put_on_list(self, waiter: Waiter, now: datetime) -> None:
        """A client for whom there was no time that suited."""
        client, car = self._client(waiter.person, now)
        details = Details(waiter.order.reason, waiter.order.works, waiter.order.repair_kind, comment=waiter.comment)
        codes = [work.code for work in waiter.order.works if work.code]
        works = Work.objects.filter(network=self.station.branch.network, code__in=codes)
        wanted = Wanted(client, car, waiter.order.minutes, works=list(works), details=details)
        bay = self.station.bays.get(waiter.bay)
        wishes = WishedFor(bay_id=bay.pk if bay else None, is_urgent=waiter.is_urgent)
        put_on_list(self.station.branch.pk, wanted, wishes, actor=self.team.operator, now=now)

    def _client(self, person: Person, now: datetime) -> tuple[Client, Car | None]:
        known = self.clients.get((person.name, person.phones))
        if known:
            return known, add_car(known, person.car)
        registered = register(
            self.station.branch.network,
            person.name,
            person.phones,
            person.car,
            representative=person.representative,
            comment=person.comment,
            now=now,
        )
        self.clients[person.name, person.phones] = registered.client
        return registered.client, registered.car

    def _dial(self, visit_id: int, caller: Actor, now: datetime) -> None:
        client = Visit.objects.select_related("client").get(pk=visit_id).client
        phone = client.phones.filter(is_wrong=False).first()
        assert phone is not None
        contact.dial(visit_id, phone.pk, actor=caller, now=now, real_now=now, is_repeat_confirmed=True)

    def _promise(self, deed: stories.Promise, visit_id: int, caller: Actor, now: datetime) -> None:
        reasons = LateReason.objects.filter(network_id=self.station.branch.network_id)
        card = CardInput(
            answer=Answer.YES,
            eta=str(deed.eta_minutes),
            late_reason_id=reasons.get(code=deed.reason_code).pk,
            comment=deed.comment,
        )
        self._finish(card, visit_id, caller, now)

    def _finish(self, card: CardInput, visit_id: int, caller: Actor, now: datetime) -> None:
        contact.finish(
            visit_id,
            card,
            actor=caller,
            now=now,
            real_now=now,
            case_version=_case_version(visit_id),
            zone=self.zone,
        )

    def _move(self, visit_id: int, distance: timedelta, comment: str, caller: Actor, now: datetime) -> None:
        visit = Visit.objects.get(pk=visit_id)
        plan = Plan(visit.bay_id, visit.starts_at + distance, visit.ends_at + distance, visit.advisor_id)
        booking.move(
            visit_id,
            plan,
            actor=caller,
            now=now,
            plan_version=visit.plan_version,
            comment=comment,
            from_card=open_case_of(visit_id) is not None,
        )

    def _remove(self, visit_id: int, reason_code: str, comment: str, caller: Actor, now: datetime) -> None:
        reason = RemovalReason.objects.get(network_id=self.station.branch.network_id, code=reason_code)
        case = open_case_of(visit_id)
        has_no_talk = case is not None and case.grounds != Grounds.NONE
        what = RemovalInput(reason_id=reason.pk, comment=comment, is_said_by_client=not has_no_talk)
        visit = Visit.objects.get(pk=visit_id)
        removal.remove(visit_id, what, actor=caller, now=now, plan_version=visit.plan_version)


def _case_version(visit_id: int) -> int:
    case = open_case_of(visit_id)
    assert case is not None
    return case.version


def team_of(code: str, actors: Mapping[str, Actor]) -> Team:
    supervisor = actors["supervisor"]
    if code == "VVO":
        return Team(operator=actors["stranger"], master=supervisor, supervisor=supervisor)
    return Team(operator=actors["operator2"], master=actors["master"], supervisor=supervisor)
