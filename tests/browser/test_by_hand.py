"""Moving by hand on the board: by mouse, touch and keys; what is in the way is told before the drop; taken back."""

import re
from typing import Any

from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Seat
from tests.browser.screen import Screen, press, rect
from tests.browser.trial import Trial
from vovremya.visits.actions.reception import check_in
from vovremya.visits.models import Visit


def minutes(screen: Screen, count: int) -> float:
    """So many minutes in pixels."""
    ppm = screen.page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.board')).getPropertyValue('--ppm'))"
    )
    return float(ppm) * count


def take(screen: Screen, visit: Visit, *, by_end: bool = False) -> dict[str, float]:
    """Press the mouse on the bar, in its middle or at its end; returns where."""
    place = rect(screen.bar(visit))
    x = place["right"] - 3 if by_end else place["left"] + 20
    y = (place["top"] + place["bottom"]) / 2
    screen.page.mouse.move(x, y)
    screen.page.mouse.down()
    return {
        "x": x,
        "y": y,
        "row": rect(screen.bar(visit).locator("xpath=ancestor::*[contains(@class,'row')][1]"))["height"],
    }


def draw(screen: Screen, visit: Visit, later: int, *, rows: int = 0, by_end: bool = False) -> None:
    held = take(screen, visit, by_end=by_end)
    screen.page.mouse.move(held["x"] + minutes(screen, later), held["y"] + rows * held["row"], steps=5)


def ghost(screen: Screen) -> Locator:
    return screen.board.locator(".ghost")


def line(screen: Screen) -> Locator:
    return screen.board.locator(".carrying")


def expect_plan(screen: Screen, visit: Visit, start: str, lasts: int, bay: str) -> None:
    bar = screen.bar(visit)
    expect(bar).to_have_attribute("data-start", start)
    expect(bar).to_have_attribute("style", re.compile(f"--d:{lasts};"))
    expect(bar).to_have_attribute("data-bay-name", bay)


def test_bar_is_drawn_by_the_mouse_stretched_at_its_end_and_taken_back(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    screen, other = seat(), seat("second_operator")
    draw(screen, visit, 90, rows=1)
    expect(ghost(screen)).to_have_text("13:30–14:30")
    expect(line(screen)).to_contain_text("М347ВС77: 13:30–14:30, Пост 2")
    screen.page.mouse.up()
    for seen in (screen, other):
        expect_plan(seen, visit, "13:30", 60, "Пост 2")
    expect(ghost(screen)).to_have_count(0)
    screen.expect_toast("М347ВС77: 13:30–14:30, Пост 2.")
    press(screen.page.locator("#toasts"), "Отменить")
    for seen in (screen, other):
        expect_plan(seen, visit, "12:00", 60, "Пост 1")
    screen.expect_toast("Перемещение отменено: 12:00–13:00, Пост 1.")

    draw(screen, visit, 30, by_end=True)
    screen.page.mouse.up()
    expect_plan(screen, visit, "12:00", 90, "Пост 1")
    trial.move(visit, "15:00")  # the master, elsewhere
    expect_plan(screen, visit, "15:00", 60, "Пост 1")
    screen.page.keyboard.press("Control+KeyZ")
    screen.expect_toast("Перемещение уже не отменить: запись с тех пор изменили. Орлов")
    expect_plan(screen, visit, "15:00", 60, "Пост 1")


def test_what_is_in_the_way_is_told_before_the_drop(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    trial.book("14:00", **trial.somebody())
    screen = seat()
    draw(screen, visit, 90)
    expect(ghost(screen)).to_have_class(re.compile("refused"))
    expect(ghost(screen)).to_contain_text("Пост занят 14:00–15:00: К214ТО77.")
    screen.page.mouse.up()
    screen.expect_toast("Пост занят 14:00–15:00: К214ТО77.")
    draw(screen, visit, -120)
    expect(ghost(screen)).to_contain_text("Это время уже прошло.")
    screen.page.keyboard.press("Escape")
    screen.page.mouse.up()
    expect(ghost(screen)).to_have_count(0)
    held = take(screen, visit)
    screen.page.mouse.move(held["x"] + 4, held["y"] + 3)  # a hand that trembles
    expect(ghost(screen)).to_have_count(0)
    screen.page.mouse.up()
    expect(screen.bar(visit)).to_have_attribute("aria-current", "true")
    expect_plan(screen, visit, "12:00", 60, "Пост 1")


def test_bar_is_put_on_top_of_another_by_right_and_after_one_question(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    trial.book("14:00", **trial.somebody())
    screen = seat("supervisor")
    question = screen.page.get_by_role("alertdialog", name="Поставить сверх занятого?")
    draw(screen, visit, 90)
    expect(ghost(screen)).to_contain_text("Пост занят 14:00–15:00: К214ТО77. Можно поставить сверх.")
    screen.page.mouse.up()
    expect(question).to_contain_text("Пост занят 14:00–15:00: К214ТО77.")
    screen.page.keyboard.press("Escape")
    expect(ghost(screen)).to_have_count(0)
    expect_plan(screen, visit, "12:00", 60, "Пост 1")
    screen.bar(visit).focus()
    for key in ("KeyV", "Control+ArrowRight", "Control+ArrowRight", "Control+ArrowRight", "Enter"):
        screen.page.keyboard.press(key)
    press(question, "Поставить сверх")
    expect_plan(screen, visit, "13:30", 60, "Пост 1")
    expect(screen.bar(visit)).to_have_attribute("data-flags", re.compile("overbooked"))
    press(screen.page.locator("#toasts"), "Отменить")
    expect_plan(screen, visit, "12:00", 60, "Пост 1")


def test_bar_is_carried_by_keys_from_repairs(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    trial.book("12:30", bay=1, **trial.somebody())
    screen = seat()
    keys = screen.page.keyboard
    press(screen.open_repairs(visit), "Переместить")
    expect(line(screen)).to_contain_text("Enter поставить")
    expect(screen.bar(visit)).to_be_focused()
    for key in ("ArrowDown", "ArrowRight"):
        keys.press(key)
    expect(line(screen).get_by_role("status")).to_have_text(
        "М347ВС77: 12:05–13:05, Пост 2 Пост занят 12:30–13:30: К214ТО77."
    )
    keys.press("Enter")  # said once more, and still in hand
    expect(ghost(screen)).to_be_visible()
    for key in ("ArrowDown", "Control+ArrowRight", "Shift+ArrowLeft"):
        keys.press(key)
    expect(ghost(screen)).to_have_text("12:35–13:30")
    keys.press("Enter")
    expect_plan(screen, visit, "12:35", 55, "Пост 3")
    expect(screen.bar(visit)).to_be_focused()
    keys.press("Control+KeyZ")
    expect_plan(screen, visit, "12:00", 60, "Пост 1")
    keys.press("KeyV")
    keys.press("ArrowRight")
    keys.press("Escape")
    expect(line(screen)).to_be_hidden()
    expect_plan(screen, visit, "12:00", 60, "Пост 1")


def test_news_of_a_bar_in_hand_are_seen_and_end_what_they_overtake(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    screen = seat()
    draw(screen, visit, 60, rows=1)
    expect(ghost(screen)).to_have_text("13:00–14:00")
    trial.book("13:30", bay=1, **trial.somebody())
    expect(ghost(screen)).to_contain_text("Пост занят 13:30–14:30: К214ТО77.")
    trial.act(check_in, visit.pk, by=trial.cast.master)
    expect(screen.bar(visit)).to_have_class(re.compile("s-arrived"))
    expect(ghost(screen)).to_contain_text("Для этого у вас нет права.")
    screen.page.mouse.up()
    expect(screen.bar(visit)).not_to_have_class(re.compile("lifted"))
    other = trial.book("16:00", bay=2)
    expect(screen.bar(other)).to_be_visible()
    screen.bar(other).focus()
    screen.page.keyboard.press("KeyV")
    screen.page.keyboard.press("ArrowRight")
    trial.move(other, "18:00", bay=2)
    screen.expect_toast("Запись изменили, пока вы её перемещали")
    expect(ghost(screen)).to_have_count(0)
    expect_plan(screen, other, "18:00", 60, "Пост 3")


def test_drop_over_a_broken_line_is_repeated_and_moves_once(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    screen = seat()

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    screen.page.route("**/by-hand/", lose_the_answer, times=1)
    draw(screen, visit, 60)
    screen.page.mouse.up()
    screen.expect_toast("Нет связи с сервером: неизвестно, перемещена ли запись.")
    press(screen.page.locator("#toasts"), "Повторить")
    screen.expect_toast("М347ВС77: 13:00–14:00, Пост 1.")
    expect_plan(screen, visit, "13:00", 60, "Пост 1")
    assert trial.fresh(visit).plan_version == 2


def test_selected_bar_follows_a_finger_and_any_other_scrolls(trial: Trial, seat: Seat) -> None:
    visit = trial.book("12:00")
    screen = seat(has_touch=True)
    finger = screen.context.new_cdp_session(screen.page)

    def touch(kind: str, *points: dict[str, Any]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    def drag(pixels: float) -> None:
        place = rect(screen.bar(visit))
        x, y = place["left"] + 20, (place["top"] + place["bottom"]) / 2
        touch("touchStart", {"x": x, "y": y})
        for step in range(1, 6):
            touch("touchMove", {"x": x + pixels * step / 5, "y": y})

    drag(minutes(screen, 60))
    touch("touchEnd")
    expect_plan(screen, visit, "12:00", 60, "Пост 1")
    screen.bar(visit).tap()
    drag(minutes(screen, 60))
    expect(ghost(screen)).to_have_text("13:00–14:00")
    touch("touchEnd")
    expect_plan(screen, visit, "13:00", 60, "Пост 1")
