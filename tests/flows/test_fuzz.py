"""A few hundred hostile requests to a served site; `python -m tests.proof.fuzz_pages` sends as many as one likes."""

from collections.abc import Callable
from functools import partial
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import PASSWORD
from tests.flows import deeds
from tests.flows.doors import Scene
from tests.flows.seat import Seat
from tests.flows.serving import console, serving
from tests.proof.fuzz_pages import NOBODY, Range
from tests.proof.shots import Shot, shot_from
from tests.races.arena import Arena

ROLES = ("operator", "master", "supervisor", "admin", "stranger", NOBODY)


@pytest.fixture
def visit_id(station: Arena) -> int:
    return station.alone(partial(deeds.book, "09:51"))


@pytest.mark.timeout(120)
def test_no_request_brings_the_server_down(station: Arena, visit_id: int) -> None:
    with serving(station, "--clock-speed", "60") as site:
        shooting = Range(station, site, ROLES, PASSWORD)
        shooting.prepare()
        shooting.is_learning = False  # what is drawn from must stay the same for a failure to be told again

        @settings(derandomize=True, max_examples=150, database=None, suppress_health_check=list(HealthCheck))
        @given(role=st.sampled_from(ROLES), chance=st.randoms(use_true_random=False))
        def fire(role: str, chance: Random) -> None:
            shot = shot_from(chance, shooting.known[role], role)
            assert not shooting.fire(shot, is_read=True), shot

        fire()
        assert not shooting.tracebacks
        assert not shooting.faults
    assert console(station, "check").stdout == "Nothing is wrong.\n"


def test_least_request_is_what_is_told() -> None:
    shot = Shot(
        "", "POST", b"/", fields=((b"a", b"1"), (b"b", b"x" * 40 + b"<"), (b"c", b"2")), headers=((b"d", b"e"),)
    )
    shooting_done = []

    def does_it(lesser: Shot) -> bool:
        shooting_done.append(lesser)
        return any(b"<" in value for _, value in lesser.fields)

    from tests.proof.fuzz_pages import least_shot

    least = least_shot(shot, does_it)
    ((name, value),) = least.fields
    assert (name, least.headers) == (b"b", ())
    assert len(value) <= 8
    assert len(shooting_done) < 150


# --- what the shots have found -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["CONNECT", "PROPFIND", "DELETE"])
@pytest.mark.parametrize("address", ["contact/", "move/", "slots/", "remove/", "bay/"])
def test_method_that_no_browser_sends_is_refused(scene: Scene, operator: Seat, method: str, address: str) -> None:
    assert operator.http.generic(method, f"/visits/{scene.visit.pk}/{address}").status_code == 405


@pytest.mark.parametrize("bay", ["9" * 19, "9" * 5000, "-1", "１", "NaN", ""])
def test_free_time_of_a_bay_beyond_all_numbers_is_no_time(scene: Scene, operator: Seat, bay: str) -> None:
    slot = " ".join([bay, *scene.slot().split()[1:]])
    for address in ("booking/slots/", "booking/"):
        assert operator.post(f"/SEV/{address}", {"slot": slot, "name": "Кот"}).status == 422
    refused = operator.post(f"/visits/{scene.visit.pk}/move/", {"slot": slot, "plan_version": 1})
    assert refused.status == 422


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"comment=%00", "application/x-www-form-urlencoded"),
        (b"%00=a", "application/x-www-form-urlencoded"),
        (b"comment=a", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"comment=a", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=" + "x" * 300),
        (b"&".join(b"a=1" for _ in range(2000)), "application/x-www-form-urlencoded"),
    ],
)
def test_form_that_is_no_text_is_refused_quietly(
    scene: Scene, operator: Seat, body: bytes, content_type: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With no traceback in the log: whoever fills that would hide something else in it."""
    address = f"/visits/{scene.visit.pk}/contact/"
    refused = operator.http.generic("POST", address, body, content_type)
    assert refused.status_code == 400
    assert "Запрос" in refused.content.decode()
    assert not [record for record in caplog.records if record.exc_info]


def test_address_and_cookie_that_are_no_text_are_refused(operator: Seat, seat: Callable[[str], Seat]) -> None:
    assert operator.http.get("/SEV/search?q=%00").status_code == 400
    operator.http.cookies["sessionid"] = "a\0b"
    assert operator.http.get("/SEV/").status_code == 400
