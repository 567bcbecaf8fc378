"""«Клиенты»: found, on the card, changed and taken back, and two that were one person."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    errors_of,
    nothing,
    pressing,
    told_of,
    whole_number,
)
from vovremya.board.views.pages import branch_seen, frame
from vovremya.customers.actions import reveal
from vovremya.customers.actions.card import value_of
from vovremya.customers.models import Client, ClientChange, Merge, Phone, PhoneReveal
from vovremya.customers.rules.card import PERSON_FIELDS, Facet, FacetOf, Value, seen_as
from vovremya.customers.rules.consents import Channel, Purpose
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.kernel import phones, vin
from vovremya.kernel.refusal import BadInput, NotFound, Refusal
from vovremya.office.client_words import shown
from vovremya.office.queries.clients import alike_to, all_kept, card_of, client_seen, clients_page, duplicates, wording
from vovremya.office.texts import clients as texts
from vovremya.visits.actions.clients import (
    change_client,
    compared,
    disclose,
    mark_consent,
    merge,
    take_back_client_change,
    take_back_telling_apart,
    tell_apart,
    undo_merge,
)
from vovremya.visits.actions.turn import AlreadyDone

#: Whom the search has found by an exact phone, plate or VIN since the login: they may be opened.
_FOUND = "clients_found"
_FOUND_AT_MOST = 200

#: What a facet is about in its address: the client's own, or a car that is still to be added.
OWN, NEW = "own", "new"


@require_safe
@at_desk
def clients_list(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _branch_with_clients(desk, code)
    text = request.GET.get("q", "").strip()[:100]
    page = clients_page(branch, text, whole_number(request.GET.get("after")))
    if text:
        _remember_found(request, page.clients)
    context = {
        **frame(desk, branch, "clients"),
        "page": page,
        "rows": [
            (client, [phones.masked(phone.number) for phone in client.phones.all()], page.last_visits.get(client.pk))
            for client in page.clients
        ],
        "q": text,
        "is_further": "after" in request.GET,
        "zone": branch.zone,
        "may_merge": desk.actor.may(Right.MERGE_CLIENTS, branch.pk),
    }
    return render(request, "office/clients.html", context)


@require_safe
@at_desk
def client_card(request: HttpRequest, desk: Desk, code: str, client_id: int) -> HttpResponse:
    branch, client = _seen(request, desk, code, client_id)
    if client.merged_into_id:
        return redirect("client", code=branch.code, client_id=client.merged_into_id)
    card = card_of(client, branch, desk.actor, desk.now)
    may = {
        name: desk.actor.may(right, branch.pk)
        for name, right in (
            ("see_phone", Right.SEE_PHONE),
            ("change", Right.CHANGE_CLIENT),
            ("merge", Right.MERGE_CLIENTS),
            ("answer", Right.ANSWER_PERSON),
        )
    }
    context = {
        **frame(desk, branch, "clients"),
        "card": card,
        "client": client,
        "kind": texts.KINDS[Client.Kind(client.kind)],
        "phones": [(phone, phones.masked(phone.number)) for phone in card.phones],
        "consents": [(each.purpose, texts.PURPOSES[each.purpose], each.mark) for each in card.consents],
        "marks": [
            (mark, texts.PURPOSES[Purpose(mark.purpose)], texts.CHANNELS[Channel(mark.channel)]) for mark in card.marks
        ],
        "changes": [shown(change) for change in card.changes],
        "alike": [(each.client, texts.LIKENESSES[each.likeness]) for each in card.alike],
        "may": may,
        "zone": branch.zone,
    }
    return render(request, "office/client.html", context)


@require_POST
@at_desk
def number_shown(request: HttpRequest, desk: Desk, code: str, client_id: int, phone_id: int) -> HttpResponse:
    """«Показать»: the whole number, kept in the access log."""
    branch, client = _seen(request, desk, code, client_id)
    phone = Phone.objects.filter(pk=phone_id, client=client).first()
    if phone is None:
        raise NotFound
    number = reveal(phone, desk.actor, branch.pk, PhoneReveal.Purpose.SHOW, desk.now)
    return answer(request, "board/number.html", {"number": phones.display(number)})


# --- changing ------------------------------------------------------------------------------------------------------


@at_desk
def client_facet(request: HttpRequest, desk: Desk, code: str, client_id: int, facet: str, subject: str) -> HttpResponse:
    """The name, the phones, or a car, in a window."""
    branch, client = _seen(request, desk, code, client_id)
    desk.actor.require(branch.pk, Right.CHANGE_CLIENT)
    of = _facet_of(client, facet, subject)
    if request.method != "POST":
        return _to_card(request, branch, client) or _draw_facet(request, branch, client, of)
    change_id = None
    with pressing() as press:
        value = _READ[of.facet](request.POST, of)
        try:
            change = change_client(
                of,
                value,
                seen=request.POST.get("seen", ""),
                branch=branch,
                actor=desk.actor,
                now=desk.now,
                request=asked(request, "client"),
            )
            change_id = change.pk if change else None
        except AlreadyDone as done:
            change_id = done.entry.data["change_id"]
    if press.refusal:
        return _draw_facet(request, branch, client, of, press.refusal)
    return nothing(saved(texts.PERSON_SAVED, _undo_of(branch, client, change_id)))


@require_POST
@at_desk
def client_change_taken_back(
    request: HttpRequest, desk: Desk, code: str, client_id: int, change_id: int
) -> HttpResponse:
    branch, client = _seen(request, desk, code, client_id)
    if not ClientChange.objects.filter(pk=change_id, client__in=_with_merged(client)).exists():
        raise NotFound
    desk.actor.require(branch.pk, Right.CHANGE_CLIENT)
    with pressing() as press:
        take_back_client_change(
            change_id, branch=branch, actor=desk.actor, now=desk.now, request=asked(request, "client back")
        )
    return _told(press.refusal, branch) or nothing(saved(texts.CHANGE_TAKEN_BACK))


@at_desk
def client_consent(request: HttpRequest, desk: Desk, code: str, client_id: int, purpose: str) -> HttpResponse:
    """A consent is given, or withdrawn, in a window that shows what it says."""
    branch, client = _seen(request, desk, code, client_id)
    desk.actor.require(branch.pk, Right.CHANGE_CLIENT)
    meant = purpose_named(purpose)
    if request.method != "POST":
        return _to_card(request, branch, client) or _draw_consent(request, branch, client, meant)
    is_given = request.POST.get("given") == "yes"
    with pressing() as press:
        mark_consent(
            client.pk,
            meant,
            _channel(request.POST.get("channel")),
            is_given=is_given,
            number=whole_number(request.POST.get("number")) or 0,
            branch=branch,
            actor=desk.actor,
            now=desk.now,
            request=asked(request, "consent"),
        )
    if press.refusal:
        return _draw_consent(request, branch, client, meant, press.refusal)
    refused = texts.ADVERTISING_STOPPED if meant is Purpose.ADVERTISING else texts.CONSENT_REFUSED
    return nothing(saved(texts.CONSENT_MARKED if is_given else refused))


# --- two that are one ----------------------------------------------------------------------------------------------


@require_safe
@at_desk
def duplicates_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _branch_with_clients(desk, code)
    desk.actor.require(branch.pk, Right.MERGE_CLIENTS)
    groups = [
        (
            texts.LIKENESSES[group.likeness],
            [
                (client, [phones.masked(phone.number) for phone in client.phones.all()], first)
                for client, first in group.members
            ],
        )
        for group in duplicates(branch)
    ]
    context = {**frame(desk, branch, "clients"), "groups": groups, "zone": branch.zone}
    return render(request, "office/duplicates.html", context)


@at_desk
def client_merge(request: HttpRequest, desk: Desk, code: str, client_id: int, other_id: int) -> HttpResponse:
    """Two cards side by side: which value stays is chosen line by line."""
    branch, client = _seen(request, desk, code, client_id)
    other = _other(request, branch, client, other_id)
    desk.actor.require(branch.pk, Right.MERGE_CLIENTS)
    if request.method != "POST":
        return _to_card(request, branch, client) or _draw_merge(request, desk, branch, client, other)
    merge_id = None
    with pressing() as press:
        try:
            merge_id = merge(
                client.pk,
                other.pk,
                _person_chosen(request.POST, client, other),
                seen=request.POST.get("seen", ""),
                branch=branch,
                actor=desk.actor,
                now=desk.now,
                request=asked(request, "merge"),
            ).pk
        except AlreadyDone:
            merge_id = Merge.objects.filter(kept=client, gone=other).values_list("pk", flat=True).first()
    if press.refusal:
        return _draw_merge(request, desk, branch, client, other, press.refusal)
    undo = reverse("merge_undone", args=(branch.code, client.pk, merge_id)) if merge_id else None
    return nothing(saved(texts.MERGED, undo))


@require_POST
@at_desk
def merge_undone(request: HttpRequest, desk: Desk, code: str, client_id: int, merge_id: int) -> HttpResponse:
    branch, client = _seen(request, desk, code, client_id)
    if not Merge.objects.filter(pk=merge_id, kept=client).exists():
        raise NotFound
    desk.actor.require(branch.pk, Right.MERGE_CLIENTS)
    with pressing() as press:
        undo_merge(merge_id, branch=branch, actor=desk.actor, now=desk.now, request=asked(request, "unmerge"))
    return _told(press.refusal, branch) or nothing(saved(texts.MERGE_UNDONE))


@require_POST
@at_desk
def told_apart(
    request: HttpRequest, desk: Desk, code: str, client_id: int, other_id: int, *, is_taken_back: bool = False
) -> HttpResponse:
    """«Это разные люди», and back."""
    branch, client = _seen(request, desk, code, client_id)
    other = _other(request, branch, client, other_id)
    desk.actor.require(branch.pk, Right.MERGE_CLIENTS)
    act = take_back_telling_apart if is_taken_back else tell_apart
    with pressing() as press:
        act(client.pk, other.pk, branch=branch, actor=desk.actor, now=desk.now, request=asked(request, "told apart"))
    undo = None if is_taken_back else reverse("told_apart_undone", args=(branch.code, client.pk, other.pk))
    words = texts.TOLD_APART_UNDONE if is_taken_back else texts.TOLD_APART
    return _told(press.refusal, branch) or nothing(saved(words, undo))


# --- all that is kept ----------------------------------------------------------------------------------------------


@require_POST
@at_desk
def client_file(request: HttpRequest, desk: Desk, code: str, client_id: int) -> HttpResponse:
    """All that is kept about the person, as one page to be saved, printed and handed over."""
    branch, client = _seen(request, desk, code, client_id)
    desk.actor.require(branch.pk, Right.ANSWER_PERSON)
    with pressing() as press:
        disclose(client.pk, branch=branch, actor=desk.actor, now=desk.now, request=asked(request, "client file"))
    if press.refusal:
        words = {"text": errors_of(press.refusal, ZoneInfo(branch.zone)).form}
        return render(request, "office/refused.html", words, status=422)
    kept = all_kept(client)
    context = {
        "client": client,
        "kept": kept,
        "kinds": texts.KINDS,
        "consents": [
            (mark, texts.PURPOSES[Purpose(mark.purpose)], texts.CHANNELS[Channel(mark.channel)])
            for mark in kept.consents
        ],
        "changes": [shown(change) for change in kept.changes],
        "reveals": [(each, texts.REVEALS[PhoneReveal.Purpose(each.purpose)]) for each in kept.reveals],
        "made_at": desk.now,
        "made_by": desk.user.short_name,
        "branch": branch,
        "zone": branch.zone,
    }
    response = render(request, "office/client_file.html", context)
    response["Content-Disposition"] = f'attachment; filename="client-{client.pk}.html"'
    return response


# --- the wall ------------------------------------------------------------------------------------------------------


def _branch_with_clients(desk: Desk, code: str) -> Branch:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.SEE_CLIENTS)
    return branch


def _seen(request: HttpRequest, desk: Desk, code: str, client_id: int) -> tuple[Branch, Client]:
    branch = _branch_with_clients(desk, code)
    return branch, client_seen(branch, client_id, found_ids(request))


def _other(request: HttpRequest, branch: Branch, client: Client, other_id: int) -> Client:
    """One whom the branch sees by itself, or who shares a phone, a plate or a VIN with the client it sees."""
    alike = {each.client.pk for each in alike_to(client, branch)}
    return client_seen(branch, other_id, {*found_ids(request), *alike})


def found_ids(request: HttpRequest) -> set[int]:
    return set(request.session.get(_FOUND, ()))


def _remember_found(request: HttpRequest, clients: Any) -> None:
    known = request.session.get(_FOUND, [])
    fresh = [client.pk for client in clients if client.pk not in known]
    if fresh:
        request.session[_FOUND] = [*known, *fresh][-_FOUND_AT_MOST:]


def _with_merged(client: Client) -> list[int]:
    return [client.pk, *client.merged.values_list("pk", flat=True)]


# --- reading what was typed ----------------------------------------------------------------------------------------


def _channel(text: str | None) -> Channel:
    found = next((each for each in Channel if each == text), None)
    if found is None:
        raise BadInput({"channel": "consent_channel_unknown"})
    return found


def purpose_named(text: str) -> Purpose:
    found = next((each for each in Purpose if each == text), None)
    if found is None:
        raise NotFound
    return found


def _facet_of(client: Client, facet: str, subject: str) -> FacetOf:
    known = next((each for each in Facet if each == facet), None)
    if known is Facet.CAR and subject == NEW:
        return FacetOf(client.pk, known)
    if known is Facet.CAR and (car_id := whole_number(subject)):
        return FacetOf(client.pk, known, car_id)
    if known in (Facet.PERSON, Facet.PHONES) and subject == OWN:
        return FacetOf(client.pk, known)
    raise NotFound


def _read_person(form: QueryDict, _of: FacetOf) -> Value:
    return {name: form.get(name, "").strip()[:3_000].replace("\r\n", "\n") for name in PERSON_FIELDS}


def _read_phones(form: QueryDict, of: FacetOf) -> Value:
    """Known numbers by their ids, since they are masked; in the order of the places that were typed."""
    rows = []
    for place, phone in enumerate(Phone.objects.filter(client_id=of.client_id).order_by("position", "pk"), start=1):
        if f"place_{phone.pk}" in form and f"remove_{phone.pk}" not in form:
            row = {
                "number": phone.number,
                "is_wrong": f"wrong_{phone.pk}" in form,
                "best_time": form.get(f"best_{phone.pk}", "").strip(),
            }
            rows.append((whole_number(form.get(f"place_{phone.pk}")) or place, place, row))
    value = [row for *_, row in sorted(rows, key=lambda each: each[:2])]
    if typed := form.get("phone", "").strip()[:100]:
        best = form.get("best_time", "").strip()
        value.append({"number": phones.parse(typed), "is_wrong": False, "best_time": best})
    return value


def _read_car(form: QueryDict, _of: FacetOf) -> Value:
    problems: dict[str, str] = {}
    typed = {name: form.get(name, "").strip()[:100] for name in ("make", "model", "plate", "vin")}
    numbers: dict[str, int | None] = {}
    for name, most in (("year", 2100), ("mileage", 9_999_999)):
        text = form.get(name, "").replace(" ", "").strip()
        numbers[name] = whole_number(text)
        if text and (numbers[name] is None or (numbers[name] or 0) > most):
            problems[name] = "number_unreadable"
    until = form.get("warranty_until", "").strip()
    try:
        warranty_until = date.fromisoformat(until).isoformat() if until else None
    except ValueError:
        warranty_until, problems["warranty_until"] = None, "day_unreadable"
    if typed["vin"] and not vin.is_valid(typed["vin"]):
        problems["vin"] = "vin_unreadable"
    if problems:
        raise BadInput(problems, length=len(vin.normalise(typed["vin"])))
    return {**typed, **numbers, "warranty_until": warranty_until, "is_active": "is_active" in form}


_READ: Mapping[Facet, Callable[[QueryDict, FacetOf], Value]] = {
    Facet.PERSON: _read_person,
    Facet.PHONES: _read_phones,
    Facet.CAR: _read_car,
}


def _person_chosen(form: QueryDict, client: Client, other: Client) -> Value:
    kept, gone = (value_of(FacetOf(each.pk, Facet.PERSON)) for each in (client, other))
    chosen = {name: (gone if form.get(name) == "other" else kept)[name] for name in PERSON_FIELDS}
    if form.get("comment") == "both":
        chosen["comment"] = "\n".join(filter(None, (kept["comment"], gone["comment"])))
    return chosen


# --- drawing -------------------------------------------------------------------------------------------------------


def _draw_facet(
    request: HttpRequest, branch: Branch, client: Client, of: FacetOf, refusal: Refusal | None = None
) -> HttpResponse:
    value = value_of(of)
    form = request.POST if request.method == "POST" else None
    context = {
        "branch": branch,
        "client": client,
        "address": request.path,
        "facet": of.facet,
        "title": texts.FACETS[of.facet],
        "seen": seen_as(value),
        "typed": _typed_phones(form) if of.facet is Facet.PHONES else form or value or {"is_active": True},
        "is_new": of.facet is Facet.CAR and of.subject_id is None,
        "kinds": texts.KINDS.items(),
        "phone_rows": _phone_rows(client, form) if of.facet is Facet.PHONES else (),
        "now_words": _as_it_is(of, value) if refusal and refusal.code == "client_changed_meanwhile" else "",
        "errors": errors_of(refusal, ZoneInfo(branch.zone)) if refusal else Errors(),
    }
    return answer(request, "office/client_facet.html", context, status=422 if refusal else 200)


def _as_it_is(of: FacetOf, value: Value) -> list[tuple[str | Promise, str]]:
    """What somebody else has made of it, beside what was typed."""
    if of.facet is Facet.PHONES:
        return [(texts.FACETS[of.facet], ", ".join(phones.masked(phone["number"]) for phone in value))]
    names = texts.PERSON_FIELDS if of.facet is Facet.PERSON else texts.CAR_FIELDS
    return [(names[name], str(text)) for name, text in (value or {}).items() if text not in ("", None, True, False)]


def _typed_phones(form: QueryDict | None) -> Mapping[str, str]:
    return {name: form.get(name, "") for name in ("phone", "best_time")} if form else {}


def _phone_rows(client: Client, form: QueryDict | None) -> list[dict[str, object]]:
    return [
        {
            "phone": phone,
            "masked": phones.masked(phone.number),
            "place": form.get(f"place_{phone.pk}", place) if form else place,
            "is_wrong": f"wrong_{phone.pk}" in form if form else phone.is_wrong,
            "best": form.get(f"best_{phone.pk}", phone.best_time) if form else phone.best_time,
            "is_removed": form is not None and f"remove_{phone.pk}" in form,
        }
        for place, phone in enumerate(client.phones.all(), start=1)
    ]


def _draw_consent(
    request: HttpRequest, branch: Branch, client: Client, purpose: Purpose, refusal: Refusal | None = None
) -> HttpResponse:
    number, text = wording(branch.network, purpose)
    last = client.consents.filter(purpose=purpose).first()
    context = {
        "client": client,
        "address": request.path,
        "title": texts.PURPOSES[purpose],
        "number": number,
        "text": text,
        "is_held": last is not None and last.is_given,
        "is_asked": last is not None,
        "channels": texts.CHANNELS.items(),
        "typed": request.POST,
        "errors": errors_of(refusal, ZoneInfo(branch.zone)) if refusal else Errors(),
    }
    return answer(request, "office/client_consent.html", context, status=422 if refusal else 200)


def _draw_merge(
    request: HttpRequest, desk: Desk, branch: Branch, client: Client, other: Client, refusal: Refusal | None = None
) -> HttpResponse:
    sides = [value_of(FacetOf(each.pk, Facet.PERSON)) for each in (client, other)]
    lines = [
        {
            "name": name,
            "words": words,
            "kept": _shown_value(name, sides[0][name]),
            "gone": _shown_value(name, sides[1][name]),
            "is_same": sides[0][name] == sides[1][name],
            "chosen": request.POST.get(name) or ("other" if not sides[0][name] else "own"),
        }
        for name, words in texts.PERSON_FIELDS.items()
    ]
    context = {
        "branch": branch,
        "client": client,
        "other": other,
        "address": request.path,
        "turned": reverse("client_merge", args=(branch.code, other.pk, client.pk)),
        "lines": lines,
        "seen": seen_as(compared(client.pk, other.pk)),
        "sides": [
            {
                "client": each,
                "phones": [phones.masked(phone.number) for phone in each.phones.all()],
                "cars": list(each.cars.all()),
                "visits": each.visits.count(),
            }
            for each in (client, other)
        ],
        "zone": branch.zone,
        "errors": errors_of(refusal, ZoneInfo(branch.zone)) if refusal else Errors(),
    }
    return answer(request, "office/client_merge.html", context, status=422 if refusal else 200)


def _shown_value(name: str, value: str) -> str:
    return str(texts.KINDS[Client.Kind(value)]) if name == "kind" else value


def _to_card(request: HttpRequest, branch: Branch, client: Client) -> HttpResponse | None:
    """A window that is asked for as a page."""
    return None if "HX-Request" in request.headers else redirect("client", code=branch.code, client_id=client.pk)


def _undo_of(branch: Branch, client: Client, change_id: int | None) -> str | None:
    return reverse("client_change_taken_back", args=(branch.code, client.pk, change_id)) if change_id else None


def saved(text: str | Promise, undo: str | None = None) -> dict[str, object]:
    """The window closes, and the page behind it is drawn anew."""
    return {"vovremya:close": {"windows": ["client"]}, "vovremya:toast": {"text": str(text), "undo": undo}}


def _told(refusal: Refusal | None, branch: Branch) -> HttpResponse | None:
    return nothing(told_of(errors_of(refusal, ZoneInfo(branch.zone))), status=422) if refusal else None
