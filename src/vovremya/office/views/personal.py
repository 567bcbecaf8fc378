"""«Персональные данные»: how long things are kept, what clients agree to, who is erased and what the acts say."""

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from vovremya.board.views.answering import (
    Desk,
    Errors,
    answer,
    asked,
    at_desk,
    errors_of,
    nothing,
    pressing,
    read_day,
    whole_number,
)
from vovremya.board.views.pages import branch_seen
from vovremya.customers.models import Client, Erasure, Retention
from vovremya.customers.rules.erasure import Ground
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.kernel.refusal import BadInput, Refusal
from vovremya.office.queries.clients import act_seen, acts_of, client_seen, log_of, wording
from vovremya.office.texts import clients as texts
from vovremya.office.views.clients import found_ids, purpose_named, saved
from vovremya.office.views.framing import office_frame
from vovremya.visits.actions.erasing import ErasureBlocked, consider_erasure, erase_client
from vovremya.visits.actions.keeping import keep_client, set_retention, word_consent
from vovremya.visits.actions.turn import AlreadyDone
from vovremya.visits.queries import due_clients

_RIGHTS = (Right.EDIT_NETWORK, Right.ANSWER_PERSON)
_DUE_WITHIN = timedelta(days=30)
_SHOWN_DUE = 100
_MONTHS = ("client_months", "words_months", "reveals_months")


@require_safe
@at_desk
def personal_page(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _branch(desk, code, *_RIGHTS)
    retention = Retention.objects.filter(network=branch.network).first()
    context = {
        **office_frame(desk, branch, "personal"),
        "retention": retention,
        "consents": [(purpose, words, *wording(branch.network, purpose)) for purpose, words in texts.PURPOSES.items()],
        "due": list(_due(retention, branch, desk)[:_SHOWN_DUE]) if retention else (),
        "acts": [(act, texts.GROUNDS[Ground(act.ground)]) for act in acts_of(branch)],
        "may_edit_network": desk.actor.may(Right.EDIT_NETWORK, branch.pk),
        "may_answer": desk.actor.may(Right.ANSWER_PERSON, branch.pk),
    }
    return render(request, "office/personal.html", context)


def _due(retention: Retention, branch: Branch, desk: Desk) -> QuerySet[Client]:
    """Whose time of keeping ends within thirty days, to be looked at before."""
    today = desk.now.astimezone(ZoneInfo(branch.zone)).date()
    return due_clients(retention, today + _DUE_WITHIN)


@at_desk
def retention_window(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    branch = _branch(desk, code, Right.EDIT_NETWORK)
    if request.method != "POST":
        known = Retention.objects.filter(network=branch.network).first()
        typed = {name: getattr(known, name) or "" for name in _MONTHS} if known else {}
        return _to_page(request, branch) or _draw(request, branch, "retention", {"typed": typed})
    with pressing() as press:
        months = _months(request)
        set_retention(branch, months, actor=desk.actor, now=desk.now, request=asked(request, "retention"))
    if press.refusal:
        return _draw(request, branch, "retention", {"typed": request.POST}, press.refusal)
    return nothing(saved(texts.RETENTION_SAVED))


def _months(request: HttpRequest) -> dict[str, int | None]:
    typed = {name: request.POST.get(name, "").strip() for name in _MONTHS}
    unfit = {name: "number_unreadable" for name, text in typed.items() if text and whole_number(text) is None}
    if unfit:
        raise BadInput(unfit)
    return {name: whole_number(text) for name, text in typed.items()}


@at_desk
def consent_text(request: HttpRequest, desk: Desk, code: str, purpose: str) -> HttpResponse:
    branch = _branch(desk, code, Right.EDIT_NETWORK)
    meant = purpose_named(purpose)
    number, text = wording(branch.network, meant)
    context: dict[str, object] = {"title": texts.PURPOSES[meant], "number": number, "text": text}
    if request.method != "POST":
        return _to_page(request, branch) or _draw(request, branch, "consent_text", context)
    typed = request.POST.get("text", "").replace("\r\n", "\n")
    with pressing() as press:
        word_consent(branch, meant, typed, actor=desk.actor, now=desk.now, request=asked(request, "consent text"))
    if press.refusal:
        return _draw(request, branch, "consent_text", {**context, "text": typed}, press.refusal)
    return nothing(saved(texts.CONSENT_WORDED))


@at_desk
def keeping_window(request: HttpRequest, desk: Desk, code: str, client_id: int) -> HttpResponse:
    """«Оставить»: longer than the time of keeping, for a reason."""
    branch = _branch(desk, code, Right.ANSWER_PERSON)
    retention = Retention.objects.filter(network=branch.network).first()
    # The list of those due is the network's.
    due = _due(retention, branch, desk).filter(pk=client_id) if retention else Client.objects.none()
    client = client_seen(branch, client_id, set(due.values_list("pk", flat=True)))
    if request.method != "POST":
        return _to_page(request, branch) or _draw(request, branch, "keeping", {"client": client, "typed": {}})
    with pressing() as press:
        keep_client(
            client.pk,
            read_day(request.POST.get("until")),
            request.POST.get("reason", ""),
            branch=branch,
            actor=desk.actor,
            now=desk.now,
            request=asked(request, "keep client"),
        )
    if press.refusal:
        return _draw(request, branch, "keeping", {"client": client, "typed": request.POST}, press.refusal)
    return nothing(saved(texts.CLIENT_KEPT))


@at_desk
def client_erasure(request: HttpRequest, desk: Desk, code: str, client_id: int) -> HttpResponse:
    """What goes, what stays, what stands in the way; and it is done on grounds that are named, and confirmed."""
    branch = _branch(desk, code, Right.ANSWER_PERSON)
    client = client_seen(branch, client_id, found_ids(request))
    if request.method != "POST":
        return _to_client(request, branch, client) or _draw_erasure(request, desk, branch, client)
    number = ""
    with pressing() as press:
        try:
            number = _erase(request, desk, branch, client).number
        except AlreadyDone as done:
            number = str(done.entry.data["act"])
    if press.refusal:
        return _draw_erasure(request, desk, branch, client, press.refusal)
    act = Erasure.objects.get(number=number, network=branch.network)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("erasure_act", args=(branch.code, act.pk))
    return response


def _erase(request: HttpRequest, desk: Desk, branch: Branch, client: Client) -> Erasure:
    ground = next((each for each in texts.CHOSEN_GROUNDS if each == request.POST.get("ground")), None)
    asked_on = request.POST.get("requested_on", "")
    requested_on = read_day(asked_on)
    problems = {}
    if ground is None:
        problems["ground"] = "ground_unknown"
    if asked_on and requested_on is None:
        problems["requested_on"] = "day_unreadable"
    if "confirmed" not in request.POST:
        problems["confirmed"] = "erasure_unconfirmed"
    if problems or ground is None:
        raise BadInput(problems)
    return erase_client(
        client.pk,
        ground,
        requested_on=requested_on,
        branch=branch,
        actor=desk.actor,
        now=desk.now,
        request=asked(request, "erase"),
    )


def _draw_erasure(
    request: HttpRequest, desk: Desk, branch: Branch, client: Client, refusal: Refusal | None = None
) -> HttpResponse:
    try:
        considered = consider_erasure(client.pk, branch=branch, actor=desk.actor, now=desk.now)
    except Refusal as gone:
        return _draw(request, branch, "gone", {"client": client}, refusal or gone)
    context = {
        "client": client,
        "considered": considered,
        "obstacles": [(texts.OBSTACLES[each.code], each.count) for each in considered.obstacles],
        "erased": _counted(considered.erased),
        "grounds": [(ground, texts.GROUNDS[ground]) for ground in texts.CHOSEN_GROUNDS],
        "typed": request.POST,
    }
    is_blocked = isinstance(refusal, ErasureBlocked)
    return _draw(request, branch, "client_erasure", {**context, "is_blocked": is_blocked}, refusal)


def _counted(erased: Mapping[str, int]) -> list[tuple[object, int]]:
    return [(words, erased[code]) for code, words in texts.ERASED.items() if erased.get(code)]


@require_safe
@at_desk
def erasure_act(request: HttpRequest, desk: Desk, code: str, act_id: int) -> HttpResponse:
    """To be printed and kept for three years."""
    branch = _branch(desk, code, *_RIGHTS)
    act = act_seen(branch, act_id)
    context = {
        **office_frame(desk, branch, "personal"),
        "act": act,
        "ground": texts.GROUNDS[Ground(act.ground)],
        "erased": _counted(act.erased),
        "client_ids": [client_id for client_id, _ in act.clients],
        "log": log_of(act),
    }
    return render(request, "office/erasure_act.html", context)


@require_safe
@at_desk
def erasure_log(request: HttpRequest, desk: Desk, code: str, act_id: int) -> HttpResponse:
    """What the event log has of the erasure, as a table: ids, codes and instants."""
    branch = _branch(desk, code, *_RIGHTS)
    act = act_seen(branch, act_id)
    table = io.StringIO(newline="")
    rows = csv.writer(table, delimiter=";")
    rows.writerow(("entry", "at", "recorded_at", "branch", "user", "kind", "client", "act", "is_again", "action"))
    for entry in log_of(act):
        data = entry.data
        rows.writerow(
            (
                entry.pk,
                entry.at.isoformat(),
                entry.recorded_at.isoformat(),
                entry.branch.code,
                entry.user_id or "program",
                entry.kind,
                data["client"],
                data["act"],
                data["is_again"],
                entry.action_id,
            )
        )
    response = HttpResponse(table.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="erasure-{act.pk}.csv"'
    return response


def _branch(desk: Desk, code: str, *rights: Right) -> Branch:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, *rights)
    return branch


def _to_page(request: HttpRequest, branch: Branch) -> HttpResponse | None:
    return None if "HX-Request" in request.headers else redirect("personal", code=branch.code)


def _to_client(request: HttpRequest, branch: Branch, client: Client) -> HttpResponse | None:
    return None if "HX-Request" in request.headers else redirect("client", code=branch.code, client_id=client.pk)


def _draw(
    request: HttpRequest,
    branch: Branch,
    template: str,
    context: Mapping[str, object],
    refusal: Refusal | None = None,
) -> HttpResponse:
    errors = errors_of(refusal, ZoneInfo(branch.zone)) if refusal else Errors()
    whole = {"branch": branch, "zone": branch.zone, "address": request.path, "errors": errors, **context}
    return answer(request, f"office/{template}.html", whole, status=422 if refusal else 200)
