"""«Предварительная запись»: a new visit by phone, and what is said at the field when it cannot be."""

import re

from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, choose, press
from tests.browser.trial import Trial
from vovremya.visits.models import Visit


def new_booking(screen: Screen) -> Locator:
    screen.page.get_by_role("link", name="Запись", exact=True).click()
    expect(screen.booking.get_by_text("Новая запись")).to_be_visible()
    return screen.booking


def booked(screen: Screen, client: str) -> Locator:
    return screen.board.get_by_role("button", name=re.compile(f"{client}.*по плану"))


def test_new_client_is_booked_by_phone(trial: Trial, screen: Screen) -> None:
    window = new_booking(screen)
    window.get_by_label("Имя или организация").fill("Гришин Олег Павлович")
    window.get_by_label("Телефон", exact=True).fill("8 (905) 123-45-67")
    window.get_by_label("Госномер", exact=True).fill("c745em 178")
    window.get_by_label("Марка").fill("Lada")
    window.get_by_label("Модель").fill("Vesta")
    window.get_by_label("Причина обращения").fill("Скрип тормозов")
    window.get_by_label("Работы").select_option(label="Замена передних колодок · 1 н/ч")
    choose(window, "12:00 Пост 1")
    press(window, "Записать")
    expect(window).to_be_hidden()
    screen.expect_toast(f"Записан на {trial.today:%d.%m}, 12:00, Пост 1.")
    bar = screen.board.get_by_role("button", name="С745ЕМ178, Гришин Олег, 12:00, по плану", exact=True)
    expect(bar).to_be_focused()
    bar.press("Enter")
    for words in ("Гришин Олег Павлович", "Lada Vesta", "Скрип тормозов", "Замена передних колодок"):
        expect(screen.repairs.get_by_text(words).first).to_be_visible()


def test_known_client_is_found_by_phone_and_chosen(trial: Trial, screen: Screen) -> None:
    trial.book("16:00")  # the branch knows the client
    window = new_booking(screen)
    window.get_by_label("Клиент: телефон, госномер, VIN или фамилия").fill("8 912 345-67-89")
    expect(window.get_by_role("group", name="Найдены")).to_contain_text("Смирнова Анна Викторовна")
    owner = window.get_by_role("radio", name=re.compile("Смирнова Анна Викторовна"))
    car = window.get_by_role("radio", name=re.compile("М347ВС77"))
    car.check()
    expect(owner).to_be_checked()
    window.get_by_role("radio", name="Другой человек").check()
    expect(car).not_to_be_checked()
    owner.check()
    expect(car).to_be_checked()
    choose(window, "12:00 Пост 1")
    press(window, "Записать")
    expect(
        screen.board.get_by_role("button", name="М347ВС77, Смирнова Анна, 12:00, по плану", exact=True)
    ).to_be_focused()


def test_list_drawn_anew_while_a_time_is_being_held_leaves_the_window_free(trial: Trial, screen: Screen) -> None:
    window = new_booking(screen)
    window.get_by_label("Имя или организация").fill("Гришин Олег")
    slow: list[Route] = []
    screen.page.route(re.compile("/booking/slots/"), lambda route: slow.append(route))
    time = window.get_by_role("radio", name="12:00 Пост 1").element_handle()
    with screen.page.expect_request(lambda request: request.method == "GET"):
        window.get_by_label("Ждёт на месте").check()
    with screen.page.expect_request(lambda request: request.method == "POST"):
        choose(window, "12:00 Пост 1")
    new_list, hold = slow
    new_list.continue_()
    screen.page.wait_for_function("(time) => !time.isConnected", arg=time)
    hold.continue_()
    press(window, "Записать")
    expect(window).to_be_hidden()
    expect(booked(screen, "Гришин Олег")).to_be_visible()


def test_bad_input_is_told_at_its_field_and_kept(trial: Trial, screen: Screen) -> None:
    window = new_booking(screen)
    window.get_by_label("Телефон", exact=True).fill("12345")
    window.get_by_label("Марка").fill("Lada")
    window.get_by_label("Причина обращения").fill("Стучит")
    press(window, "Записать")
    expect(window.get_by_text("Выберите время.")).to_be_visible()
    expect(window.get_by_label("Имя или организация")).to_have_accessible_description(
        "Выберите клиента или заполните имя."
    )
    window.get_by_label("Имя или организация").fill("Гришин Олег")
    choose(window, "12:00 Пост 1")
    press(window, "Записать")
    expect(window.get_by_label("Телефон", exact=True)).to_have_attribute("aria-invalid", "true")
    for label, typed in (("Телефон", "12345"), ("Марка", "Lada"), ("Имя или организация", "Гришин Олег")):
        expect(window.get_by_label(label, exact=True)).to_have_value(typed)
    expect(window.get_by_label("Причина обращения")).to_have_value("Стучит")
    expect(window.get_by_role("radio", name="12:00 Пост 1")).to_be_checked()
    assert trial.backstage(Visit.objects.filter(on=trial.today).count) == 0


def test_wishes_narrow_the_free_times(trial: Trial, screen: Screen) -> None:
    window = new_booking(screen)
    slots = window.get_by_role("radiogroup", name="Свободное время")
    window.get_by_label("День", exact=True).fill(trial.day_after.isoformat())
    window.get_by_label("Время дня").select_option("Вечер, после 17")
    first = slots.get_by_role("radio").first
    expect(first).to_have_accessible_name(re.compile("^17:00"))
    expect(first).to_have_accessible_description(re.compile("до 18:00.*пост свободен"))
    window.get_by_label("Длительность").select_option("8 ч")
    expect(slots.get_by_text("с продолжением").first).to_be_visible()
    window.get_by_label("Ждёт на месте").check()
    expect(window.get_by_text("Свободного времени нет")).to_be_visible()


def test_booking_by_phone_needs_no_mouse(trial: Trial, screen: Screen) -> None:
    """In the order of the call: who it is, noticed while it is typed; what for; when; read out; saved."""
    trial.book("16:00")
    keys = screen.page.keyboard
    window = new_booking(screen)
    window.get_by_label("Телефон", exact=True).focus()
    keys.type("8 912 345-67-89")
    known = window.get_by_role("radio", name=re.compile("Смирнова Анна Викторовна"))
    expect(known).to_be_visible()
    keys.press("Tab")
    expect(known).to_be_focused()
    keys.press("Space")
    keys.press("Tab")
    keys.press("Space")
    expect(window.get_by_role("radio", name=re.compile("М347ВС77"))).to_be_checked()
    window.get_by_label("Работы").focus()
    keys.press("ArrowDown")
    expect(window.get_by_text(re.compile("По работам .* н/ч"))).to_be_visible()
    slots = window.get_by_role("radiogroup", name="Свободное время").get_by_role("radio")
    slots.first.focus()
    keys.press("Space")
    expect(window.get_by_role("status")).to_contain_text("Скажите клиенту: «Записываю вас на")
    keys.press("Control+Enter")
    expect(window).to_be_hidden()
    visit = trial.backstage(Visit.objects.latest, "pk")
    assert visit.client_id == trial.cast.late_client.pk
    assert trial.backstage(visit.works.count) == 1


def test_what_another_operator_holds_is_seen_and_free_when_the_window_is_closed(trial: Trial, seat: Seat) -> None:
    screen, second = seat(), seat("second_operator")
    window = new_booking(second)
    choose(window, "12:00 Пост 1")
    expect(window.get_by_role("status")).to_contain_text("12:00")
    own = new_booking(screen)
    expect(own.get_by_text("Сейчас держат другие")).to_be_visible()
    expect(own.get_by_role("radio", name="12:00 Пост 1", exact=True)).to_have_count(0)
    with second.page.expect_response(lambda answer: "/release/" in answer.url):
        second.page.keyboard.press("Escape")
        second.page.get_by_role("alertdialog").get_by_role("button", name="Закрыть без сохранения").click()
    own.get_by_label("Сначала").select_option("без простоя поста")
    own.get_by_label("Сначала").select_option("как можно раньше")
    expect(own.get_by_text("Сейчас держат другие")).to_have_count(0)
    expect(own.get_by_role("radio", name="12:00 Пост 1", exact=True)).to_have_count(1)


def test_new_booking_with_text_asks_before_it_closes(trial: Trial, screen: Screen) -> None:
    window = new_booking(screen)
    window.get_by_label("Имя или организация").fill("Гришин")
    screen.page.keyboard.press("Escape")
    question = screen.page.get_by_role("alertdialog")
    expect(question).to_be_visible()
    press(question, "Остаться")
    expect(window.get_by_label("Имя или организация")).to_have_value("Гришин")


def test_taken_time_is_refused_by_name_and_the_form_kept(trial: Trial, seat: Seat) -> None:
    screen = seat()
    window = new_booking(screen)
    window.get_by_label("Имя или организация").fill("Гришин Олег")
    said = window.locator("#read-out")
    choose(window, "12:15 Пост 1")
    expect(said).to_contain_text("в 12:15")
    trial.book("12:00")
    choose(window, "12:00 Пост 1")
    expect(said).to_be_empty()
    refusal = window.get_by_text(re.compile("Пост занят.*М347ВС77"))
    expect(refusal).to_be_visible()
    with screen.page.expect_response(lambda answer: answer.request.method == "POST") as pressed:
        press(window, "Записать")  # unread: it says the same again instead of asking for a time
    assert pressed.value.status == 422
    expect(refusal).to_be_visible()
    expect(window.get_by_label("Имя или организация")).to_have_value("Гришин Олег")
    choose(window, "12:00 Пост 2")
    press(window, "Записать")
    expect(booked(screen, "Гришин Олег")).to_be_visible()


def test_number_is_added_where_there_is_none(trial: Trial, screen: Screen) -> None:
    client, car = trial.register("Орехов Пётр", plate="О613КТ 77")
    visit = trial.book("10:15", client=client, car=car)
    repairs = screen.open_repairs(visit)
    expect(repairs.get_by_text("нет телефона")).to_be_visible()
    repairs.get_by_label("Телефон").fill("123")
    press(repairs, "Добавить")
    expect(repairs.get_by_label("Телефон")).to_have_value("123")
    expect(repairs.get_by_label("Телефон")).to_have_attribute("aria-invalid", "true")
    repairs.get_by_label("Телефон").fill("8 900 765-43-21")
    press(repairs, "Добавить")
    screen.dial()
    assert screen.dialled == ["+79007654321"]
