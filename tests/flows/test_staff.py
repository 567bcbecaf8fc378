"""«Сотрудники» over HTTP: who is seen, how they are taken on and let in, roles, sessions, and the way back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import PASSWORD, Cast, at
from tests.flows.page import Answer
from tests.flows.seat import Seat, StoppedClock
from tests.flows.test_getting_in import GOOD, set_up, sign_in
from vovremya.directory.actions import add_user, staff
from vovremya.directory.models import Invitation, SecondStep, Session, StaffChange, User
from vovremya.directory.queries import actor_of
from vovremya.directory.rules import PROGRAM, Role
from vovremya.journal.models import Entry

STAFF = "/office/SEV/staff/"


@pytest.fixture
def administrator(seat: Callable[[str], Seat], clock: StoppedClock) -> Seat:
    return seat("administrator")


def page(seat: Seat, url: str = STAFF) -> Answer:
    return seat.get(url, as_page=True)


def hire(cast: Cast, username: str, full_name: str, *roles: Role, elsewhere: bool = False) -> User:
    branch = cast.other_branch if elsewhere else cast.branch
    given = {branch.pk: list(roles) or [Role.OPERATOR]}
    names = {"username": username, "full_name": full_name, "short_name": full_name.split()[0]}
    return add_user(**names, password=PASSWORD, roles=given, actor=PROGRAM, is_demo=True)


def person(user: User) -> str:
    return f"{STAFF}{user.pk}/"


def test_list_shows_those_of_the_own_branches_and_is_narrowed(administrator: Seat, cast: Cast) -> None:
    shown = page(administrator)
    assert "Иванова operator Оператор ещё не входил" in shown.text
    assert "Чужая" not in shown.text
    assert "Петрова" in page(administrator, f"{STAFF}?q=ПЕТР").text
    assert "Иванова" not in page(administrator, f"{STAFF}?q=ПЕТР").text
    assert "Орлов" in page(administrator, f"{STAFF}?role=master").text
    assert "Никого не нашли" in page(administrator, f"{STAFF}?state=off").text
    staff.switch_off(User.objects.get(username="operator"), PROGRAM, at("08:00"))
    off = page(administrator, f"{STAFF}?state=off")
    assert "Иванова" in off.text
    assert "Отключён: 1" in off.text
    assert "Иванова" not in page(administrator).text


def test_new_person_comes_by_the_link_that_is_shown_once(administrator: Seat, cast: Cast, client: Client) -> None:
    window = administrator.press(page(administrator), "Новый сотрудник")
    refused = administrator.press(window, "Завести", username="operator", full_name="")
    assert refused.error_at("full_name") == "Напишите фамилию, имя и отчество."
    assert refused.error_at("username") == "Такой логин уже есть."
    branch_roles = f"roles_{cast.branch.pk}"
    typed = {"full_name": "Кошкина Вера Павловна", "short_name": "Кошкина В.", "username": "koshkina"}
    without = administrator.press(window, "Завести", **typed)
    assert "Отметьте хотя бы одну роль." in without.text
    assert without.value("short_name") == "Кошкина В.", "what was typed stays"
    with_roles: dict[str, Any] = {**typed, branch_roles: ["operator", "master"]}
    told = administrator.press(window, "Завести", **with_roles)
    link = told.one(id="secret")["value"]
    secret = link.rstrip("/").rpartition("/")[2]
    assert link.startswith("http://testserver/invitation/")
    assert "приглашён" in page(administrator).text
    written = str([*Entry.objects.values(), *StaffChange.objects.values(), *Invitation.objects.values()])
    assert secret not in written
    client.get(link)
    client.post("/invitation/", {"password": GOOD, "again": GOOD})
    assert sign_in(client, GOOD, "koshkina") == "/SEV/removed/"
    user = User.objects.get(username="koshkina")
    assert actor_of(user).roles == {cast.branch.pk: {Role.OPERATOR, Role.MASTER}}
    history = page(administrator, person(user)).text
    assert "Заведён вход" in history
    assert "Роли Север Оператор, Мастер-приёмщик" in history


def test_forgotten_password_and_lost_telephone(administrator: Seat, cast: Cast, client: Client) -> None:
    user = User.objects.get(username="operator")
    assert sign_in(client) == "/SEV/removed/"
    set_up(user)
    window = administrator.press(page(administrator, person(user)), "Впустить заново")
    told = administrator.press(window, "Выдать", by="temporary")
    password = told.one(id="secret")["value"]
    assert client.get("/SEV/").status_code == 302, "whoever had the old password is out"
    assert sign_in(client, password) == "/login/code/"
    asked = administrator.press(page(administrator, person(user)), "Отключить второй шаг")
    assert "Убедитесь, что просит сам сотрудник" in asked.text
    assert administrator.press(asked, "Отключить второй шаг").said.startswith("Второй шаг отключён")
    assert not SecondStep.objects.exists()
    assert sign_in(client, password) == "/SEV/removed/"
    assert client.get("/SEV/").headers["Location"] == "/account/password/"
    texts = page(administrator, person(user)).text
    assert "временный пароль" in page(administrator).text
    for words in ("Выдан временный пароль", "Отключён второй шаг входа", "действует до"):
        assert words in texts


def test_roles_names_and_access_change_and_go_back(administrator: Seat, cast: Cast, client: Client) -> None:
    user = User.objects.get(username="operator")
    sign_in(client)
    window = administrator.press(page(administrator, person(user)), "Роли")
    assert window.value(f"roles_{cast.branch.pk}") == "operator"
    manager: dict[str, Any] = {f"roles_{cast.branch.pk}": ["manager"]}
    saved = administrator.press(window, "Сохранить", **manager)
    assert saved.said == "Роли сохранены."
    assert client.post("/SEV/booking/", {}).status_code == 403, "at once"
    administrator.post(saved.undo or "")
    assert actor_of(user).roles == {cast.branch.pk: {Role.OPERATOR}}
    nothing: dict[str, Any] = {f"roles_{cast.branch.pk}": []}
    none = administrator.press(window, "Сохранить", **nothing)
    assert none.alert == "Это последняя роль: чтобы закрыть доступ, отключите вход."
    names = administrator.press(page(administrator, person(user)), "Имя и логин")
    administrator.press(names, "Сохранить", full_name="Иванова Ольга", username="Olga")
    assert "Иванова, operator Иванова Ольга, Иванова, olga" in page(administrator, person(user)).text
    off = administrator.press(page(administrator, person(user)), "Отключить вход")
    assert off.said == "Вход отключён, сеансы завершены."
    assert client.get("/SEV/").status_code == 302
    assert not Session.objects.filter(user=user).exists()
    assert administrator.press(page(administrator, person(user)), "Включить вход").said == "Вход включён."
    assert client.get("/SEV/").status_code == 302, "a session that was ended does not come back"
    refused = administrator.post(off.undo or "")
    assert (refused.status, refused.said[:12]) == (422, "С тех пор эт")


def test_window_from_before_gives_nothing_back_that_was_taken_away_since(administrator: Seat, cast: Cast) -> None:
    user, here = hire(cast, "koshkina", "Кошкина Вера", Role.ADMINISTRATOR), cast.branch.pk
    window = administrator.press(page(administrator, person(user)), "Роли")
    staff.give_roles_in(user.pk, {here: [Role.OPERATOR]}, actor=PROGRAM, now=at("08:00"))
    typed: dict[str, Any] = {f"roles_{here}": ["administrator", "master"]}
    refused = administrator.press(window, "Сохранить", **typed)
    news = "Пока окно было открыто, это изменили. Теперь там: {}. Если всё же нужно ваше, сохраните ещё раз."
    assert (refused.status, refused.alert) == (422, news.format("Север: Оператор"))
    ticked = [box["value"] for box in refused.all("input", name=f"roles_{here}") if box.has("checked")]
    assert ticked == ["master", "administrator"], "what was typed stays"
    assert actor_of(user).roles == {here: {Role.OPERATOR}}
    assert administrator.press(refused, "Сохранить", **typed).said == "Роли сохранены."
    assert actor_of(user).roles == {here: {Role.MASTER, Role.ADMINISTRATOR}}
    same = administrator.press(window, "Сохранить", **typed)
    assert same.status == 204, "it stands so already"


def test_window_from_before_does_not_undo_a_name_that_was_given_since(administrator: Seat, cast: Cast) -> None:
    user = hire(cast, "koshkina", "Кошкина Вера")
    window = administrator.press(page(administrator, person(user)), "Имя и логин")
    staff.name(user.pk, staff.Names("Мышкина Вера", "Мышкина", "myshkina"), actor=PROGRAM, now=at("08:00"))
    refused = administrator.press(window, "Сохранить", short_name="Кошкина В.")
    assert "Теперь там: Мышкина Вера, Мышкина, myshkina." in refused.alert
    assert (refused.value("username"), refused.value("short_name")) == ("koshkina", "Кошкина В.")
    assert User.objects.get(pk=user.pk).username == "myshkina"
    assert administrator.press(refused, "Сохранить").said == "Сохранено."
    assert User.objects.get(pk=user.pk).username == "koshkina"


def test_sessions_of_the_staff_are_seen_and_ended(administrator: Seat, cast: Cast) -> None:
    user = User.objects.get(username="operator")
    clients = [Client(REMOTE_ADDR=f"10.0.0.{number}") for number in range(3)]
    for http in clients:
        sign_in(http)
    shown = page(administrator, person(user))
    row = next(row for row in shown.all("tr") if "10.0.0.1" in row.text)
    assert administrator.press(Answer(200, "", {}, row), row.one("button").text).said == "Завершён 1 сеанс."
    assert [http.get("/SEV/").status_code for http in clients] == [200, 302, 200]
    assert administrator.press(page(administrator, person(user)), "Завершить все").said == "Завершено сеансов: 2."
    assert [http.get("/SEV/").status_code for http in clients] == [302] * 3


def test_who_works_elsewhere_too_keeps_what_is_of_there(
    administrator: Seat, cast: Cast, seat: Callable[[str], Seat]
) -> None:
    window = administrator.press(page(administrator), "Из другого филиала")
    unknown = administrator.press(window, "Дать роли", username="nobody", **{f"roles_{cast.branch.pk}": "operator"})
    assert unknown.error_at("username") == "Такого логина нет, или вход по нему отключён."
    administrator.press(window, "Дать роли", username="stranger", **{f"roles_{cast.branch.pk}": "operator"})
    user = User.objects.get(username="stranger")
    shown = page(administrator, person(user))
    assert "Работает и в филиалах, где вы не администратор" in shown.text
    assert "Восток" not in shown.text, "what lies behind the wall is not shown"
    assert not any(shown.offers(name) for name in ("Впустить заново", "Отключить вход", "Имя и логин"))
    for address in ("names/", "let-in/", "second-step/"):
        assert administrator.post(f"{person(user)}{address}").status == 403
    refused = administrator.post(f"{person(user)}switched/", {"state": "off"})
    assert refused.said.startswith("Этот человек работает и в филиалах")
    here, there = cast.branch.pk, cast.other_branch.pk
    roles = {"branch": [here, there], f"roles_{here}": "master", f"roles_{there}": "administrator"}
    assert administrator.post(f"{person(user)}roles/", roles).status == 204
    assert actor_of(user).roles == {here: {Role.MASTER}, there: {Role.OPERATOR}}, "the other branch's are not one's own"


def test_people_behind_the_wall_are_not_found_by_their_numbers(administrator: Seat, cast: Cast) -> None:
    user = User.objects.get(username="stranger")
    change = staff.name(user.pk, staff.Names("Чужая Анна", "", "stranger"), actor=PROGRAM, now=at("08:00"))
    assert change is not None
    before = list(User.objects.order_by("pk").values())
    for number in (user.pk, 9999, 10**30):
        assert page(administrator, f"{STAFF}{number}/").status == 404
        for address in ("names/", "roles/", "let-in/", "switched/", "second-step/", "sessions/"):
            form = {"full_name": "x", "username": "x", "branch": cast.branch.pk, f"roles_{cast.branch.pk}": "operator"}
            assert administrator.post(f"{STAFF}{number}/{address}", form).status == 404
    assert administrator.post(f"{STAFF}changes/{change.pk}/").status == 404
    assert list(User.objects.order_by("pk").values()) == before


def test_administrator_does_not_lock_the_branch_out(administrator: Seat, cast: Cast) -> None:
    own = User.objects.get(username="admin")
    shown = page(administrator, person(own))
    assert "Это вы" in shown.text
    assert not any(shown.offers(name) for name in ("Впустить заново", "Отключить вход"))
    assert administrator.post(f"{person(own)}switched/", {"state": "off"}).said.startswith("Свой вход меняют")
    window = administrator.press(shown, "Роли")
    refused = administrator.press(window, "Сохранить", **{f"roles_{cast.branch.pk}": "operator"})
    assert refused.alert == "Роль администратора снимает с вас другой администратор."


def test_second_step_is_demanded_by_role_with_history(
    administrator: Seat, cast: Cast, seat: Callable[[str], Seat]
) -> None:
    window = administrator.press(page(administrator), "Второй шаг входа")
    saved = administrator.press(window, "Сохранить", roles=["supervisor", "administrator"])
    assert saved.said == "Настройки сохранены."
    assert set(User.objects.filter(owes_second_step=True).values_list("username", flat=True)) == {"supervisor", "admin"}
    assert administrator.get(STAFF, as_page=True).status == 302, "oneself too"
    supervisor_url = "/office/SEV/settings/second_step/branch/"
    assert seat("supervisor").post(supervisor_url, {"roles": []}).status == 403
    administrator.post(saved.undo or "")
    assert not User.objects.filter(owes_second_step=True).exists()
    history = page(administrator, "/office/SEV/settings/history/").text
    assert "Второй шаг входа никому не обязателен Старший смены, Администратор" in history


def test_supervisor_sees_the_staff_and_changes_nobody(seat: Callable[[str], Seat], cast: Cast) -> None:
    supervisor = seat("supervisor")
    shown = page(supervisor)
    assert "Иванова" in shown.text
    assert not shown.offers("Новый сотрудник")
    card = page(supervisor, person(User.objects.get(username="operator")))
    assert not any(card.offers(name) for name in ("Роли", "Имя и логин", "Впустить заново", "Отключить вход"))


def test_many_people_and_changes_cost_no_more_queries(administrator: Seat, cast: Cast) -> None:
    def queries(url: str) -> int:
        page(administrator, url)
        with CaptureQueriesContext(connection) as captured:
            assert page(administrator, url).status == 200
        return len(captured)

    user = User.objects.get(username="operator")
    staff.name(user.pk, staff.Names("Иванова О.", "", "operator"), actor=cast.administrator, now=at("08:00"))
    few = [queries(STAFF), queries(person(user))]
    for number in range(30):
        hire(cast, f"person{number}", f"Кот {number}")
        staff.name(user.pk, staff.Names(f"Иванова {number}", "", "operator"), actor=cast.administrator, now=at("08:00"))
        Session.objects.create(
            session_key=f"k{number}", user=user, expire_date=at("20:00"), began_at=at("08:00"), seen_at=at("08:00")
        )
    assert [queries(STAFF), queries(person(user))] == few
