"""A client nobody else looks like, who goes through everything that is done with clients; and the search for any byte.

Models are imported by the functions: see `arena`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

NAME, OLD_NAME = "Канарейкина Зинаида Фёдоровна", "Канарейкина Зина"
REPRESENTATIVE = "Щеглов Евграф"
NUMBER, SECOND_NUMBER = "+7 998 877-66-55", "+7 998 877-66-44"
PLATE, SECOND_PLATE = "К987АН 777", "Т654РЕ 199"
VIN = "XTAKANAREYKA12345"
EMAIL = "zina@kanarejka.test"
WORD = "чирик"  # in everything that is said of her

#: What is looked for, by what it is.
NEEDLES: Mapping[str, Sequence[str]] = {
    "name": ("Канарейкин", "Щеглов"),
    "number": ("9988776655", "998 877-66-55", "998-877-66-55", "9988776644", "998 877-66-44"),
    "plate": ("К987АН", "K987AH", "Т654РЕ", "T654PE"),
    "vin": (VIN,),
    "email": ("kanarejka.test",),
    "words": (WORD,),
}


def found_in(files: Iterable[bytes]) -> set[str]:
    """What of her is there, by what it is: in any of the encodings and spellings."""
    whole = b"\0".join(files)
    return {kind for kind, texts in NEEDLES.items() if any(form in whole for text in texts for form in _forms(text))}


def _forms(text: str) -> set[bytes]:
    spelled = {text, text.lower(), text.upper(), text.capitalize(), text.replace("ё", "е")}
    escaped = {json.dumps(each)[1:-1] for each in spelled}  # as JSON has what is not Latin
    return {form.encode(encoding) for form in spelled | escaped for encoding in ("utf-8", "utf-16-le", "utf-16-be")}


def live(folder: Path) -> int:
    """Booked, imported, called, waiting, changed, merged, shown; in the end all is done. Returns her id."""
    from datetime import timedelta
    from typing import Any

    from tests.apps.exchange.files import HEADINGS, visit_row, write_csv
    from tests.cast import MOSCOW, TOMORROW, at
    from vovremya.customers.actions import register, reveal
    from vovremya.customers.actions.card import value_of
    from vovremya.customers.rules import CarGiven
    from vovremya.customers.rules.card import Facet, FacetOf, seen_as
    from vovremya.customers.rules.consents import Channel, Purpose
    from vovremya.directory.models import Bay, Branch, RemovalReason, User, Work
    from vovremya.directory.queries import actor_of
    from vovremya.exchange.actions import apply_next, begin
    from vovremya.visits.actions import contact, reception, removal
    from vovremya.visits.actions.booking import Details, Plan, book
    from vovremya.visits.actions.clients import (
        change_client,
        compared,
        disclose,
        mark_consent,
        merge,
        take_back_client_change,
    )
    from vovremya.visits.models import Visit
    from vovremya.visits.rules.words import Answer, CallResult
    from vovremya.waitlist.actions import keeping, offering
    from vovremya.waitlist.models import Wait
    from vovremya.waitlist.rules.words import OfferAnswer

    leave_what_is_freed()
    branch = Branch.objects.get(code="SEV")
    bays = list(Bay.objects.filter(branch=branch).order_by("pk"))
    operator, master, supervisor = (
        actor_of(User.objects.get(username=name)) for name in ("operator", "master", "supervisor")
    )
    morning = at("08:00")

    def said(what: str) -> str:
        return f"{WORD} {what}"

    her = register(
        branch.network,
        OLD_NAME,
        [NUMBER],
        CarGiven("Lada", "Granta", PLATE, VIN),
        representative=REPRESENTATIVE,
        email=EMAIL,
        comment=said("client"),
        now=morning,
    )
    client, car = her.client, her.car
    assert car is not None

    def plan(bay: int, clock: str, minutes: int = 60) -> Plan:
        return Plan(bays[bay].pk, at(clock), at(clock) + timedelta(minutes=minutes))

    details = Details(reason=said("reason"), parts=said("parts"), comment=said("comment"))
    visit = book(branch.pk, client, car, plan(0, "10:00"), details, actor=operator, now=morning)

    def who(clock: str) -> dict[str, Any]:
        return {"actor": operator, "now": at(clock), "real_now": at(clock)}

    # The card of the late client, with a draft, a call and what was said.
    case = contact.open_card(visit.pk, **who("10:12"))
    body: dict[str, object] = {"comment": said("draft"), "result": f"{NAME} {NUMBER}"}
    assert contact.save_draft(case.pk, actor=operator, sequence=1, body=body, real_now=at("10:12"))
    phone = client.phones.get()
    contact.dial(visit.pk, phone.pk, **who("10:12"))
    version = visit.cases.get().version
    contact.record_attempt(visit.pk, CallResult.ANSWERED, **who("10:13"), case_version=version)
    card = contact.CardInput(Answer.YES, "5", comment=said("card"))
    contact.finish(visit.pk, card, **who("10:14"), case_version=visit.cases.get().version, zone=MOSCOW)
    contact.add_note(visit.cases.get().pk, said("note"), actor=operator, now=at("10:15"))
    reception.check_in(visit.pk, actor=master, now=at("10:20"))
    reception.start_work(visit.pk, actor=master, now=at("10:21"))
    reception.end_work(visit.pk, actor=master, now=at("11:00"))

    # A file: one row is booked and removed again, one is refused.
    row = {"Клиент": NAME, "Телефон": SECOND_NUMBER, "Госномер": PLATE, "VIN": VIN, "Комментарий": said("row")}
    rows = [
        visit_row(**row, Номер="ЗН-77", Дата="23.11.2026", Время="12:00"),
        visit_row(**row, Номер="", Дата="23.11.2026", Время="14:00"),
        visit_row(**row, Номер="ЗН-78", Дата="23.11.2026", Время="13:00", Пост="Пост Щеглова"),
    ]
    run = begin(write_csv(folder / "file.csv", [HEADINGS, *rows]), branch, actor=supervisor, now=at("11:05"))
    while apply_next(run, 10, actor=supervisor, now=at("11:05"), real_now=at("11:05")).rows:
        pass
    imported = Visit.objects.exclude(pk=visit.pk).filter(client__name=NAME)
    assert imported.count() == 2
    reason = RemovalReason.objects.get(network=branch.network, code="duplicate")
    for each in imported:
        form = removal.RemovalInput(reason.pk, said("removal"))
        removal.remove(each.pk, form, actor=operator, now=at("11:10"), plan_version=each.plan_version)
    other = imported[0].client

    # The waiting list, an offer, and off it.
    work = Work.objects.filter(network=branch.network)[0]
    wishes = Details(reason=said("wait"), comment=said("wait comment"))
    wanted = keeping.Wanted(client, car, 60, works=(work,), details=wishes)
    wished = keeping.WishedFor(days=(TOMORROW,))
    wait = keeping.put_on_list(branch.pk, wanted, wished, actor=operator, now=at("11:15"))
    time = offering.OfferedTime(bays[2].pk, at("15:00", TOMORROW), at("16:00", TOMORROW))
    offer = offering.offer(wait.pk, time, **who("11:16"))
    offering.decline(offer.pk, OfferAnswer.REFUSED, actor=operator, now=at("11:17"))
    keeping.withdraw(wait.pk, said("withdrawn"), actor=operator, now=at("11:18"))
    assert Wait.objects.get(pk=wait.pk).ended_at

    # The card of the client: changed, taken back, agreed to, compared and merged, shown and written out.
    do: dict[str, Any] = {"branch": branch, "actor": operator, "now": at("11:20")}

    def change(facet: FacetOf, value: object) -> Any:
        return change_client(facet, value, seen=seen_as(value_of(facet)), **do)

    person, phones = FacetOf(client.pk, Facet.PERSON), FacetOf(client.pk, Facet.PHONES)
    change(person, {**value_of(person), "name": NAME, "comment": said("changed")})
    third = {"number": "+79988776644", "is_wrong": False, "best_time": said("evenings")}
    added = change(phones, [*value_of(phones), third])
    take_back_client_change(added.pk, **do)
    change(
        FacetOf(client.pk, Facet.CAR, car.pk),
        {**value_of(FacetOf(client.pk, Facet.CAR, car.pk)), "plate": SECOND_PLATE},
    )
    mark_consent(client.pk, Purpose.ADVERTISING, Channel.CALL, is_given=True, number=1, **do)
    seen = seen_as(compared(client.pk, other.pk))
    merge(client.pk, other.pk, value_of(person), seen=seen, branch=branch, actor=supervisor, now=at("11:25"))
    reveal(phone, operator, branch.pk, "show", at("11:26"))
    disclose(client.pk, branch=branch, actor=supervisor, now=at("11:27"), request=None)
    return client.pk


def leave_what_is_freed() -> None:
    """Some builds of SQLite overwrite what they free, others do not."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = OFF")


def erase(client_id: int) -> None:
    from datetime import date

    from tests.cast import at
    from vovremya.customers.rules.erasure import Ground
    from vovremya.directory.models import Branch, User
    from vovremya.directory.queries import actor_of
    from vovremya.visits.actions.erasing import erase_client

    leave_what_is_freed()
    erase_client(
        client_id,
        Ground.REQUEST,
        requested_on=date(2026, 11, 21),
        branch=Branch.objects.get(code="SEV"),
        actor=actor_of(User.objects.get(username="supervisor")),
        now=at("12:00"),
    )


def acts() -> list[tuple[str, bool]]:
    """Number, and whether the bytes are gone."""
    from vovremya.customers.models import Erasure

    return [(act.number, act.scrubbed_at is not None) for act in Erasure.objects.order_by("pk")]


def scrub_beside_a_writer() -> tuple[bool, bool]:
    """Whether it is done while somebody else holds what it wants, and afterwards."""
    from django.db import connection, connections

    from vovremya.storage.scrubbing import scrub

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
    writer = connections.create_connection("default")
    with writer.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE customers_client SET comment = comment")
        beside = scrub(["customers_client"])
        cursor.execute("ROLLBACK")
    writer.close()
    return beside, scrub(["customers_client"])
