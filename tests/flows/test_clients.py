"""«Клиенты» over HTTP: the wall, the card in its windows, duplicates, the file of all that is kept, the erasure."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, TODAY, Cast, at
from tests.flows.doors import Scene
from tests.flows.page import Answer
from tests.flows.seat import Seat
from vovremya.customers.actions import register
from vovremya.customers.models import Client, ClientChange, Consent, Erasure, PhoneReveal, Retention
from vovremya.visits.actions import clients
from vovremya.visits.actions.booking import Details
from vovremya.visits.actions.keeping import keep_client
from vovremya.visits.models import Visit
from vovremya.waitlist.actions import keeping
from vovremya.waitlist.models import Wait

CLIENTS = "/office/SEV/clients/"


def page(seat: Seat, address: str = "") -> Answer:
    return seat.get(CLIENTS + address, as_page=True)


def card(seat: Seat, cast: Cast) -> Answer:
    return page(seat, f"{cast.late_client.pk}/")


# --- the wall ------------------------------------------------------------------------------------------------------


def test_list_shows_whom_the_branch_has_to_do_with_page_by_page(operator: Seat, cast: Cast, visit: Visit) -> None:
    assert "Смирнова Анна Викторовна +7 912 ···-··-89 М347ВС77 Hyundai Solaris 22.11.2026" in page(operator).text
    register(cast.network, "Чужой Олег", now=MORNING)
    assert "Чужой" not in page(operator).text
    guests = [cast.register(f"Гость {number:02}")[0] for number in range(60)]
    Visit.objects.bulk_create(_copies(visit, guests))
    first = page(operator)
    assert ("Гость 00" in first.text, "Гость 49" in first.text, "Гость 50" in first.text) == (True, True, False)
    second = page(operator, first.button("Дальше")["href"])
    assert ("Гость 49" in second.text, "Гость 50" in second.text, "Смирнова" in second.text) == (False, True, True)
    assert queries_of(operator, first.button("Дальше")["href"]) == queries_of(operator) + 1, "however many they are"


def queries_of(seat: Seat, address: str = "") -> int:
    with CaptureQueriesContext(connection) as asked:
        page(seat, address)
    return len(asked)


def _copies(visit: Visit, guests: list[Client]) -> list[Visit]:
    """Of the visit, on days long gone by."""
    return [
        Visit(
            branch=visit.branch,
            client=guest,
            bay=visit.bay,
            starts_at=visit.starts_at - timedelta(days=number + 1),
            ends_at=visit.ends_at - timedelta(days=number + 1),
            on=TODAY - timedelta(days=number + 1),
            day_ends_at=visit.day_ends_at - timedelta(days=number + 1),
            policy=visit.policy,
            status="no_show",
            booked_at=MORNING,
            announced_until=MORNING,
        )
        for number, guest in enumerate(guests)
    ]


def test_client_of_another_branch_is_opened_after_an_exact_key_alone(
    seat: Callable[[str], Seat], cast: Cast, visit: Visit
) -> None:
    stranger, address = seat("stranger"), f"/office/VOS/clients/{cast.late_client.pk}/"
    assert stranger.get(address, as_page=True).status == 404
    assert "Никого не нашли" in stranger.get("/office/VOS/clients/?q=Смирнова", as_page=True).text
    assert "Смирнова" in stranger.get("/office/VOS/clients/?q=m347bc77", as_page=True).text
    opened = stranger.get(address, as_page=True)
    assert "22.11.2026 · Север" in opened.text
    assert "Пост 1" not in opened.text
    assert seat("second_operator").get(address, as_page=True).status == 404, "another branch's address"


def test_number_is_shown_by_a_press_that_is_kept(operator: Seat, cast: Cast, visit: Visit) -> None:
    shown = operator.press(card(operator, cast), "Показать номер +7 912 ···-··-89")
    assert shown.text == "+7 912 345-67-89"
    kept = PhoneReveal.objects.get()
    assert (kept.user_id, kept.purpose, kept.client) == (cast.operator.user_id, "show", cast.late_client)
    other, _ = cast.register("Кот Иван", "89120000001")
    foreign = f"{CLIENTS}{cast.late_client.pk}/phones/{other.phones.get().pk}/"
    assert operator.post(foreign).status == 404


# --- the card ------------------------------------------------------------------------------------------------------


def test_card_is_changed_in_windows_and_each_change_is_taken_back(operator: Seat, cast: Cast, visit: Visit) -> None:
    window = operator.press(card(operator, cast), "Изменить")
    saved = operator.press(window, "Сохранить", email="anna@b.test", comment="Звонить\nвечером")
    assert (saved.said, saved.closed) == ("Карточка сохранена.", {"client"})
    shown = card(operator, cast).text
    assert "Почта anna@b.test Комментарий Звонить вечером" in shown
    assert "Иванова Клиент Почта: пусто; Комментарий: пусто Почта: anna@b.test; Комментарий: Звонить вечером" in shown
    assert saved.undo
    assert operator.post(saved.undo).said == "Возвращено, как было."
    assert "anna@b.test" not in card(operator, cast).one(id="list").all("dl")[0].text
    refused = operator.post(saved.undo)
    assert (refused.status, refused.said) == (422, "После этого изменения было другое: сначала верните его.")


def test_bad_input_is_refused_at_its_field_and_kept(operator: Seat, cast: Cast, visit: Visit) -> None:
    shown = card(operator, cast)
    person = operator.press(operator.press(shown, "Изменить"), "Сохранить", name=" ", email="a@", comment="Тише")
    assert (person.status, person.error_at("name"), person.value("comment")) == (422, "Введите имя клиента.", "Тише")
    address = f"anna@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 10}.test"
    too_long = operator.press(operator.press(shown, "Изменить"), "Сохранить", email=address)
    assert too_long.error_at("email") == "Слишком длинно."
    car = operator.press(shown, "Автомобиль")
    typed = {"vin": "123", "year": "давно", "mileage": "много", "warranty_until": "потом"}
    refused = operator.press(car, "Сохранить", make="Lada", **typed)
    assert {name: refused.error_at(name) for name in typed} == {
        "vin": "В VIN 17 знаков, цифры и латинские буквы без I, O и Q; здесь 3.",
        "year": "Введите целое число.",
        "mileage": "Введите целое число.",
        "warranty_until": "Введите дату.",
    }
    assert {name: refused.value(name) for name in typed} == typed
    assert operator.press(car, "Сохранить").error_at("plate") == "Назовите автомобиль: марку, госномер или VIN."
    phones = operator.press(operator.press(shown, "Номера и порядок"), "Сохранить", phone="12")
    assert phones.error_at("phone").startswith("Не похоже на номер телефона.")
    for address in ("person/7/", "car/own/", "cat/own/", "car/99999/", "phones/new/"):
        assert operator.get(f"{CLIENTS}{cast.late_client.pk}/{address}").status == 404


def test_numbers_are_ordered_struck_out_added_and_removed(operator: Seat, cast: Cast, visit: Visit) -> None:
    phone = cast.late_phone
    window = operator.press(card(operator, cast), "Номера и порядок")
    operator.press(
        window,
        "Сохранить",
        phone="8 912 000-00-07",
        best_time="утром",
        **{f"place_{phone.pk}": "2", f"wrong_{phone.pk}": "yes"},
    )
    newer = cast.late_client.phones.get(number="+79120000007")
    assert (newer.best_time, cast.late_client.phones.get(pk=phone.pk).is_wrong) == ("утром", True)
    window = operator.press(card(operator, cast), "Номера и порядок")
    operator.press(window, "Сохранить", **{f"place_{newer.pk}": "1", f"place_{phone.pk}": "2"})
    assert [each.pk for each in cast.late_client.phones.all()] == [newer.pk, phone.pk]
    window = operator.press(card(operator, cast), "Номера и порядок")
    operator.press(window, "Сохранить", **{f"remove_{phone.pk}": "yes"})
    assert [each.pk for each in cast.late_client.phones.all()] == [newer.pk]


def test_second_of_two_writers_sees_what_the_first_has_made_and_keeps_the_own_words(
    operator: Seat, second_operator: Seat, cast: Cast, visit: Visit
) -> None:
    mine = operator.press(card(operator, cast), "Изменить")
    theirs = second_operator.press(card(second_operator, cast), "Изменить")
    second_operator.press(theirs, "Сохранить", comment="Первый")
    refused = operator.press(mine, "Сохранить", comment="Второй")
    assert refused.status == 422
    assert "Сейчас в карточке" in refused.text
    assert "Комментарий Первый" in refused.text
    assert refused.value("comment") == "Второй"
    assert operator.press(refused, "Сохранить").said == "Карточка сохранена."
    assert Client.objects.get(pk=cast.late_client.pk).comment == "Второй"


def test_consent_is_noted_with_its_words_and_advertising_stops_at_once(
    operator: Seat, cast: Cast, visit: Visit
) -> None:
    window = operator.press(card(operator, cast), "Отметить: Реклама: звонки и сообщения")
    assert "с предложениями услуг и акций" in window.text
    assert operator.press(window, "Согласен").error_at("channel") == "Выберите, как это стало известно."
    assert operator.press(window, "Согласен", channel="call").said == "Согласие отмечено."
    shown = card(operator, cast)
    assert "дано 22.11.2026 08:00, Иванова, текст 1" in shown.text
    stop = operator.press(shown, "Отозвать: Реклама: звонки и сообщения")
    assert operator.press(stop, "Отозвать", channel="call").said == "Реклама прекращена: больше не предлагать."
    assert [mark.is_given for mark in Consent.objects.all()] == [False, True]


def test_enter_is_never_a_refusal_and_a_refusal_is_answered_as_one(operator: Seat, cast: Cast, visit: Visit) -> None:
    window = operator.press(card(operator, cast), "Отметить: Запись разговоров")
    assert window.html.index("data-ctrl-enter") < window.html.index('name="given" value="no"')
    assert operator.press(window, "Клиент против", given="no", channel="call").said == "Отмечено: клиент не согласен."
    assert not Consent.objects.get().is_given


# --- two that are one ----------------------------------------------------------------------------------------------


def test_duplicates_are_proposed_compared_merged_and_taken_apart(supervisor: Seat, scene: Scene, cast: Cast) -> None:
    scene.come_twice()
    proposed = page(supervisor, "duplicates/")
    assert "один телефон Смирнова Анна Викторовна" in proposed.text
    Client.objects.filter(pk=scene.twin_id).update(created_at=at("00:30", TODAY - timedelta(days=3)))
    window = supervisor.press(proposed, "Сравнить: Смирнова Анна Викторовна и Смирнова Анна")
    assert "19.11.2026" in window.text, "by the clock of the branch"
    assert "Имя Смирнова Анна Викторовна Смирнова Анна" in window.text
    merged = supervisor.press(window, "Объединить", name="other")
    assert (merged.said, merged.closed) == ("Карточки объединены.", {"client"})
    assert "Двойников не видно" in page(supervisor, "duplicates/").text
    led = supervisor.get(f"{CLIENTS}{scene.twin_id}/", as_page=True)
    assert "объединена с карточкой «Смирнова Анна»" in card(supervisor, cast).text
    assert led.status == 200 or led.status == 302
    assert merged.undo
    assert supervisor.post(merged.undo).said == "Карточки разъединены: всё как было."
    assert "Смирнова Анна Викторовна" in card(supervisor, cast).text


def test_who_is_told_apart_is_not_proposed_until_that_is_taken_back(supervisor: Seat, scene: Scene, cast: Cast) -> None:
    scene.come_twice()
    window = supervisor.press(page(supervisor, "duplicates/"), "Сравнить: Смирнова Анна Викторовна и Смирнова Анна")
    apart = supervisor.press(window, "Это разные люди")
    assert (apart.said, apart.closed) == ("Разные люди: больше не предлагаем их объединить.", {"client"})
    assert "Двойников не видно" in page(supervisor, "duplicates/").text
    shown = card(supervisor, cast)
    assert "Возможно, тот же человек" not in shown.text
    assert "«Смирнова Анна» — другой человек" in shown.text
    assert supervisor.press(shown, "Снова предлагать «Смирнова Анна»").said == "Снова предлагаем сравнить эти карточки."
    assert "Возможно, тот же человек" in card(supervisor, cast).text
    # The third who shares the number is still to be compared, by each.
    third, _ = cast.register("Смирнов Пётр", "89123456789")
    cast.book("15:00", bay=1, now=at("10:12"), client=third)
    assert apart.undo
    clients.tell_apart(cast.late_client.pk, scene.twin_id, branch=cast.branch, actor=cast.supervisor, now=at("10:40"))
    proposed = page(supervisor, "duplicates/")
    compared = [each["aria-label"] for each in proposed.all("button") if each.get("aria-label")]
    assert [words for words in compared if words.startswith("Сравнить")] == [
        "Сравнить: Смирнова Анна Викторовна и Смирнов Пётр"
    ]
    assert supervisor.post(apart.undo).said == "Снова предлагаем сравнить эти карточки."
    assert "Сравнить: Смирнова Анна Викторовна и Смирнова Анна" in page(supervisor, "duplicates/").html


def test_who_is_alike_behind_the_wall_is_proposed_by_an_exact_key_alone(
    supervisor: Seat, scene: Scene, cast: Cast
) -> None:
    cast.register("Смирнова Анна", "89120000009")
    assert "Возможно, тот же человек" not in card(supervisor, cast).text
    cast.register("Смирнова А. В.", "89123456789")
    assert "Смирнова А. В. один телефон" in card(supervisor, cast).text


# --- all that is kept ----------------------------------------------------------------------------------------------


def test_file_has_all_that_is_kept_and_leaves_a_trace(supervisor: Seat, scene: Scene, cast: Cast) -> None:
    scene.finish()
    Visit.objects.filter(pk=scene.visit.pk).update(parts="<b>колодки</b>")
    do: dict[str, Any] = {"branch": cast.branch, "actor": cast.supervisor, "now": MORNING}
    keep_client(cast.late_client.pk, date(2030, 1, 31), "Спор о гарантии", **do)
    details = Details(parts="щётки", comment="Только утром")
    wanted = keeping.Wanted(cast.late_client, cast.late_car, 60, details=details)
    wished = keeping.WishedFor(days=[TODAY + timedelta(days=1)])
    wait = keeping.put_on_list(cast.branch.pk, wanted, wished, actor=cast.operator, now=MORNING)
    Wait.objects.filter(pk=wait.pk).update(comment="")
    response = supervisor.http.post(f"{CLIENTS}{cast.late_client.pk}/file/")
    html = response.content.decode()
    assert response.headers["Content-Disposition"] == f'attachment; filename="client-{cast.late_client.pk}.html"'
    for kept in (
        "Смирнова Анна Викторовна",
        "+79123456789",
        "М347ВС77",
        "Стучит справа",
        "Едет",
        "ТО-60",
        "выданы все данные",
        "до 31.01.2030. Спор о гарантии",
        "щётки",
        "Только утром",
    ):
        assert kept in html
    assert "&lt;b&gt;колодки" in html
    assert PhoneReveal.objects.get(purpose="file").user_id == cast.supervisor.user_id


def test_file_costs_as_many_queries_whatever_was_changed(supervisor: Seat, scene: Scene, cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            file = supervisor.http.post(f"{CLIENTS}{cast.late_client.pk}/file/")
        assert file.status_code == 200
        return len(asked)

    scene.rename()
    queries()  # the session is noted as seen
    before = queries()
    change = ClientChange.objects.get()
    for _ in range(5):
        change.pk = None
        change.save(force_insert=True)
    assert queries() == before


def test_erasure_says_what_goes_asks_for_grounds_and_ends_in_an_act(supervisor: Seat, scene: Scene, cast: Cast) -> None:
    blocked = supervisor.press(card(supervisor, cast), "Стереть данные")
    assert "Сначала закончите предстоящая запись" in blocked.text
    assert not blocked.offers("Стереть данные")
    refused = supervisor.post(f"{CLIENTS}{cast.late_client.pk}/erasure/", {"ground": "request", "confirmed": "yes"})
    assert (refused.status, refused.alert.startswith("Сначала закончите")) == (422, True)
    scene.end_work()
    window = supervisor.press(card(supervisor, cast), "Стереть данные")
    assert "Будет стёрто имя и представитель — 1 телефоны — 1 госномера — 1" in window.text
    assert "1 визит: дата, пост, длительность, итог" in window.text
    unsure = supervisor.press(window, "Стереть данные")
    assert unsure.error_at("confirmed") == "Подтвердите, что данные можно стереть."
    assert "Выберите основание." in unsure.text
    response = supervisor.http.post(
        f"{CLIENTS}{cast.late_client.pk}/erasure/",
        {"ground": "request", "requested_on": "2026-11-20", "confirmed": "yes"},
        headers={"HX-Request": "true"},
    )
    act = Erasure.objects.get()
    assert response.headers["HX-Redirect"] == f"/office/SEV/personal/acts/{act.pk}/"
    shown = supervisor.get(response.headers["HX-Redirect"], as_page=True)
    assert f"Акт № {act.number} об уничтожении персональных данных" in shown.text
    assert "обращение от 20.11.2026" in shown.text
    assert "Смирнова" not in shown.text
    log = supervisor.http.get(f"/office/SEV/personal/acts/{act.pk}/log/").content.decode()
    assert log.splitlines()[1].split(";")[3:8] == [
        "SEV",
        str(cast.supervisor.user_id),
        "client_erased",
        str(cast.late_client.pk),
        act.number,
    ]
    gone = card(supervisor, cast)
    assert "Данные стёрты 22.11.2026." in gone.text
    assert "Данные удалены" in supervisor.bar(scene.visit).words
    assert "Данные этого клиента стёрты." in supervisor.get(f"{CLIENTS}{cast.late_client.pk}/erasure/").text


def test_no_number_is_added_to_who_is_erased(operator: Seat, scene: Scene) -> None:
    assert "Добавить номер" in operator.repairs(scene.visit).text
    scene.be_erased()
    assert "Добавить номер" not in operator.repairs(scene.visit).text
    refused = operator.post(f"/visits/{scene.visit.pk}/number/", {"phone": "89120000009"})
    assert "Данные этого клиента стёрты." in refused.text


# --- how long ------------------------------------------------------------------------------------------------------


def test_time_of_keeping_is_set_and_who_is_due_may_be_kept(seat: Callable[[str], Seat], cast: Cast) -> None:
    administrator, personal = seat("administrator"), "/office/SEV/personal/"
    shown = administrator.get(personal, as_page=True)
    assert "Срок хранения клиентов не задан" in shown.text
    window = administrator.press(shown, "Изменить сроки")
    assert (
        administrator.press(window, "Сохранить", client_months="год").error_at("client_months")
        == "Введите целое число."
    )
    assert (
        administrator.press(window, "Сохранить", client_months="700")
        .error_at("client_months")
        .startswith("Число месяцев")
    )
    assert administrator.press(window, "Сохранить", client_months="12").said == "Сроки хранения сохранены."
    Client.objects.update(created_at=MORNING - timedelta(days=350))
    shown = administrator.get(personal, as_page=True)
    assert "12 месяцев после последнего визита" in shown.text
    keep = administrator.press(shown, "Оставить: Смирнова Анна Викторовна")
    refused = administrator.press(keep, "Оставить", until="2026-01-01")
    assert (refused.error_at("until"), refused.error_at("reason")) == ("Введите дату.", "Напишите, зачем оставить.")
    assert administrator.press(keep, "Оставить", until="2029-01-01", reason="Гарантия").said.startswith(
        "Клиент останется"
    )
    assert "Никого: у всех клиентов были недавние визиты." in administrator.get(personal, as_page=True).text


def test_who_is_kept_is_of_the_branch_or_due(seat: Callable[[str], Seat], cast: Cast) -> None:
    guest, _ = cast.register("Кот Иван", "89120000001")
    administrator, keeping = seat("administrator"), f"{CLIENTS}{guest.pk}/keeping/"
    assert administrator.get(keeping).status == 404, "of no branch, and no time of keeping is set"
    Retention.objects.create(network=cast.branch.network, client_months=12, at=MORNING)
    assert administrator.get(keeping).status == 404, "known since today"
    Client.objects.filter(pk=guest.pk).update(created_at=MORNING - timedelta(days=350))
    assert "Кот Иван" in administrator.get(keeping).text
    cast.book("15:00", client=guest, now=MORNING)
    assert "Кот Иван" in administrator.get(keeping).text, "the own client, due or not"


def test_consent_is_worded_anew(seat: Callable[[str], Seat], cast: Cast) -> None:
    administrator = seat("administrator")
    window = administrator.press(
        administrator.get("/office/SEV/personal/", as_page=True), "Изменить: Запись разговоров"
    )
    assert administrator.press(window, "Сохранить", text=" ").error_at("text") == "Напишите текст согласия."
    assert administrator.press(window, "Сохранить", text="Пишите").said.startswith("Новый текст согласия")
    assert "текст 2 Пишите" in administrator.get("/office/SEV/personal/", as_page=True).text


@pytest.mark.parametrize("query", ["?after=99999", "?after=x", "?q=%25", "?q=" + "я" * 500])
def test_odd_questions_are_answered(operator: Seat, cast: Cast, query: str) -> None:
    assert page(operator, query).status == 200
