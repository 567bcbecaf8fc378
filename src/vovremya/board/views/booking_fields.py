"""Client, car and order in «Предварительная запись»: looked at while they are typed, and read when they are saved."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from vovremya.board.queries.booking import (
    OpenCampaign,
    are_of_campaigns,
    client_chosen,
    clients_by_text,
    last_visits,
    open_campaigns,
    works_by_ids,
)
from vovremya.board.rules import FIRST_DAY, LAST_DAY
from vovremya.board.views.answering import (
    Desk,
    answer,
    at_desk,
    errors_of,
    read_day,
    whole_number,
)
from vovremya.board.views.free_times import ASKED_BY, branch_to_book, read_coefficient, work_ids_in
from vovremya.customers.actions import NO_CAR, car_meant, fill_in_client, register
from vovremya.customers.actions.registering import check_email
from vovremya.customers.models import Car, Client
from vovremya.customers.rules import CarGiven
from vovremya.directory.models import Branch
from vovremya.kernel import phones, plates, vin
from vovremya.kernel.refusal import BadInput, NotFound, Refusal
from vovremya.visits.actions.booking import Details, PlannedWork
from vovremya.visits.models import Visit


@require_safe
@at_desk
def clients_found(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Clients by phone, plate, VIN or surname, to choose from: never an automatic pick (hard case 9)."""
    branch = branch_to_book(desk, code)
    text = request.GET.get("who", "").strip()[:100]
    return answer(request, "board/clients_found.html", {**_found(branch, text, desk.now), "text": text})


@require_safe
@at_desk
def field_checked(request: HttpRequest, desk: Desk, code: str, field: str) -> HttpResponse:
    """A phone, plate or VIN while it is typed: how it will be written down, and whose it is already."""
    branch = branch_to_book(desk, code)
    if field not in _WRITTEN:
        raise NotFound
    text = request.GET.get(field, "").strip()[:100]
    context: dict[str, object] = {"found": ()}
    if text:
        try:
            context["written"] = _WRITTEN[field](text)
            context |= _found(branch, text, desk.now)
        except Refusal as refusal:
            context["problem"] = errors_of(refusal, ZoneInfo(branch.zone)).fields.get(field, "")
    return answer(request, "board/field_checked.html", context)


def _found(branch: Branch, text: str, now: datetime) -> dict[str, object]:
    clients = clients_by_text(branch, text)
    visits = last_visits(clients)
    cars = cars_to_choose(branch, clients, now)
    found = [
        {
            "client": client,
            "cars": cars[client.pk],
            "phones": [phones.masked(phone.number) for phone in client.phones.all()],
            "visits": visits.get(client.pk, ()),
        }
        for client in clients
    ]
    slots_url = reverse("slots_for_booking", args=(branch.code,))
    return {"found": found, "branch": branch, "slots_url": slots_url, "asked_by": ASKED_BY}


def cars_to_choose(
    branch: Branch, clients: Collection[Client], now: datetime
) -> dict[int, list[tuple[Car, Sequence[OpenCampaign]]]]:
    """By client, each car with what its maker asks its owner to come for."""
    campaigns = open_campaigns(branch, clients, now.astimezone(ZoneInfo(branch.zone)).date())
    return {client.pk: [(car, campaigns.get(car.pk, ())) for car in client.cars.all()] for client in clients}


def _written_phone(text: str) -> str:
    return phones.masked(phones.parse(text))  # whoever looks over the shoulder learns nothing from it


def _written_plate(text: str) -> str:
    plate = plates.normalise(text)
    if plates.is_russian(text):
        return plate
    return gettext("{plate} — не российский номер, проверьте").format(plate=plate)


def _written_vin(text: str) -> str:
    _require_vin(text)
    return vin.normalise(text)


def _require_vin(text: str) -> None:
    if not vin.is_valid(text):
        raise Refusal("vin_unreadable", field="vin", length=len(vin.normalise(text)))


_WRITTEN = {"phone": _written_phone, "plate": _written_plate, "vin": _written_vin}


def client_and_car(
    request: HttpRequest, desk: Desk, branch: Branch, client_id: int | None, name: str
) -> tuple[Client, Car | None]:
    given = CarGiven(
        make=request.POST.get("make", "").strip(),
        model=request.POST.get("model", "").strip(),
        plate=request.POST.get("plate", "").strip(),
        vin=request.POST.get("vin", "").strip(),
        year=_typed_number(request, "year", 2100),
        mileage=_typed_number(request, "mileage", 9_999_999),
        warranty_until=_typed_day(request, "warranty_until"),
        coefficient=typed_coefficient(request),
    )
    if given.vin:
        _require_vin(given.vin)
    if client_id:
        client = client_chosen(branch, client_id, looked_for(request))
        if client is None:
            raise NotFound
        car_id = whole_number(request.POST.get("car"))
        chosen = next((car for car in client.cars.all() if car.pk == car_id), None)
        return client, car_meant(client, chosen, replace(given, coefficient=None))
    registered = register(
        branch.network,
        name,
        _numbers_written(request),
        NO_CAR if given.is_empty else given,
        representative=_typed_representative(request),
        email=_typed_email(request),
        now=desk.now,
    )
    return registered.client, registered.car


def fill_in_typed(request: HttpRequest, client: Client) -> None:
    """What was typed of a client who is known, once the visit or the place on the list is there: the client is locked
    by then, after the visits as everybody does."""
    fill_in_client(client, representative=_typed_representative(request), email=_typed_email(request))


def _typed_representative(request: HttpRequest) -> str:
    return request.POST.get("representative", "").strip()


def _typed_number(request: HttpRequest, field: str, most: int) -> int | None:
    text = request.POST.get(field, "").strip()
    number = whole_number(text)
    if text and (number is None or number > most):
        raise BadInput({field: "number_unreadable"})
    return number


def _typed_day(request: HttpRequest, field: str) -> date | None:
    text = request.POST.get(field, "").strip()
    day = read_day(text)
    if text and day is None:
        raise BadInput({field: "day_unreadable"})
    return day


def typed_coefficient(request: HttpRequest) -> Decimal | None:
    text = request.POST.get("coefficient", "").strip()
    coefficient = read_coefficient(text)
    if text and coefficient is None:
        raise BadInput({"coefficient": "coefficient_unreadable"})
    return coefficient


def _typed_email(request: HttpRequest) -> str:
    text = request.POST.get("email", "").strip()
    check_email(text)
    return text


def _typed_instant(request: HttpRequest, field: str, zone: ZoneInfo) -> datetime | None:
    text = request.POST.get(field, "").strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput({field: "day_unreadable"}) from error
    if not FIRST_DAY <= local.date() <= LAST_DAY:
        raise BadInput({field: "day_unreadable"})
    return local.replace(tzinfo=zone).astimezone(UTC)


def client_id_chosen(request: HttpRequest, branch: Branch) -> int | None:
    """By a client, or by a car: who ticks a car alone means its owner."""
    if "client" in request.POST or not (car_id := whole_number(request.POST.get("car"))):
        return whole_number(request.POST.get("client"))
    return Car.objects.filter(pk=car_id, client__network=branch.network_id).values_list("client", flat=True).first()


def looked_for(request: HttpRequest) -> list[str]:
    """What a client may have been found by."""
    return [text for field in ("who", *_WRITTEN) if (text := request.POST.get(field, "").strip()[:100])]


def numbers_typed(request: HttpRequest) -> list[str]:
    """Raises where one is none."""
    return [phones.parse(text) for text in _numbers_written(request)]


def _numbers_written(request: HttpRequest) -> list[str]:
    return [text for field in ("phone", "phone_other") if (text := request.POST.get(field, "").strip())]


def details_typed(request: HttpRequest, branch: Branch, car: Car | None, now: datetime) -> Details:
    works = list(works_by_ids(branch, work_ids_in(request.POST)))
    kind = request.POST.get("repair_kind", "")
    if not kind and are_of_campaigns(branch, car, works, now.astimezone(ZoneInfo(branch.zone)).date()):
        kind = Visit.RepairKind.RECALL  # the maker pays
    source = request.POST.get("source", "")
    return Details(
        reason=request.POST.get("reason", "")[:4000],
        works=[PlannedWork(work.name, work.code, work.norm_minutes) for work in works],
        repair_kind=kind if kind in Visit.RepairKind.values else Visit.RepairKind.COMMERCIAL,
        source=source if source in Visit.Source.values else Visit.Source.CALL,
        comment=request.POST.get("comment", "")[:4000],
        parts=request.POST.get("parts", "")[:4000],
        wished_ready_at=_typed_instant(request, "wished_ready_at", ZoneInfo(branch.zone)),
        waits_on_site=request.POST.get("waits_on_site") == "yes",
        needs_loan_car=request.POST.get("needs_loan_car") == "yes",
        needs_tow_truck=request.POST.get("needs_tow_truck") == "yes",
    )
