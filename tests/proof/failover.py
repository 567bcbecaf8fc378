"""The primary PostgreSQL is killed again and again, Patroni makes a synchronous standby the next: nothing is lost.

    python -m tests.proof.failover --kills 4

Three servers under Patroni and etcd, all on loopback, `synchronous_mode: true`. `vovremya serve --workers 2` finds the
primary by itself (`target_session_attrs=read-write`). Operators book and press again as the page does, boards stay
open. By turns the server alone is killed and the server with its Patroni, as when the machine is gone.

The negative control has no synchronous standby, and its standbys have not got the last second: there writes are lost.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil

from tests.flows import deeds
from tests.flows.serving import Browser, Site, console, serving
from tests.proof.boards import Board
from tests.proof.desk import BRANCH, Desk, as_demo, bays, booked, sign_in, until
from tests.proof.patroni import MENDS_WITHIN_SECONDS, TTL_SECONDS, Ensemble, Node, ensemble, what_is_wanting
from tests.proof.report import Finding, Section, add_write, told
from tests.races.arena import Arena, sqlite_arena

OPERATORS, BOARDS = 4, 6
_MOST_WRITES = 50_000
_PAUSE_SECONDS = 0.1
_SERVES_FOR_SECONDS = 4.0
_PROMOTED_WITHIN_SECONDS = TTL_SECONDS + 40.0
#: After Patroni has a new primary, ours must be served by it.
SERVED_WITHIN_SECONDS = 15.0
_FED_WITHIN_SECONDS = 15.0
_BEHIND_FOR_SECONDS = 2.5


@dataclass(frozen=True)
class Killed:
    what: str
    at: float
    promoted_after: float
    without_service: float  # the longest time without an answer, from the kill to the next
    served_after_promotion: float


@dataclass
class Outcome:
    kills: list[Killed] = field(default_factory=list)
    acknowledged: int = 0
    repeated: int = 0
    refused: list[str] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    unfed: int = 0
    reloads: int = 0
    begun_anew: int = 0
    is_answered: bool = True
    checked: str = ""


def tried(folder: Path, kills: int, *, is_synchronous: bool = True) -> Outcome:
    (folder / "servers").mkdir(parents=True)
    folder.chmod(0o755)
    with ensemble(folder / "servers", is_synchronous=is_synchronous) as servers, ExitStack() as running:
        environment = {**sqlite_arena(folder).environment, "VOVREMYA_DATABASE_URL": servers.url}
        arena = as_demo(Arena(environment))
        arena.alone(deeds.furnish)
        site = running.enter_context(serving(arena, "--workers", "2"))
        desk = Desk(site, arena.alone(bays), OPERATORS, _MOST_WRITES)
        boards = [_board(site) for _ in range(BOARDS)]
        for board in boards:
            running.callback(board.close)
            board.open()
        pids = _processes(site)
        desk.start(_PAUSE_SECONDS)
        outcome = Outcome()
        for number in range(kills):
            _let_serve(servers)
            outcome.kills.append(_killed(servers, desk, is_whole=number % 2 == 1, is_behind=not is_synchronous))
        _let_serve(servers)
        desk.is_over.set()
        outcome.is_answered = desk.finish(_PROMOTED_WITHIN_SECONDS)
        outcome.begun_anew = len(pids - _processes(site))
        _judge(outcome, arena, desk, boards)
    return outcome


def _board(site: Site) -> Board:
    browser = Browser(site)
    sign_in(browser, "operator")
    return Board(site, browser, BRANCH)


def _processes(site: Site) -> set[int]:
    return {child.pid for child in psutil.Process(site.process.pid).children()}


def _let_serve(servers: Ensemble) -> None:
    """Until everybody follows the primary, and a while more."""
    if not until(servers.is_whole, MENDS_WITHIN_SECONDS):
        raise SystemExit(f"Patroni does not mend: {servers.members()}")
    time.sleep(_SERVES_FOR_SECONDS)


def _killed(servers: Ensemble, desk: Desk, *, is_whole: bool, is_behind: bool) -> Killed:
    primary = servers.primary()
    assert primary is not None
    if is_behind:
        _leave_behind(servers, primary)
    at = time.time()
    if is_whole:
        primary.kill_whole()
    else:
        primary.kill_server()
    others = [node for node in servers.nodes if node is not primary]
    if not until(lambda: any(node.is_primary for node in others), _PROMOTED_WITHIN_SECONDS, every=0.05):
        raise SystemExit(f"Patroni makes nobody the primary: {servers.members()}")
    promoted_at = time.time()
    until(lambda: desk.answered_after(promoted_at) is not None, _PROMOTED_WITHIN_SECONDS, every=0.05)
    if is_whole:
        primary.start()
    return Killed(
        "server and Patroni" if is_whole else "server",
        at,
        promoted_after=promoted_at - at,
        without_service=_longest_silence(desk, at),
        served_after_promotion=_first_answer(desk, promoted_at) - promoted_at,
    )


def _leave_behind(servers: Ensemble, primary: Node) -> None:
    """The standbys lose the line to the primary as often as they take it up, until it is too late."""
    ends_at = time.monotonic() + _BEHIND_FOR_SECONDS
    while time.monotonic() < ends_at:
        for node in servers.nodes:
            if node is not primary:
                for receiver in node.receivers:
                    with suppress(psutil.Error):
                        receiver.terminate()
        time.sleep(0.02)


def _first_answer(desk: Desk, instant: float) -> float:
    """To anybody, whenever it was asked for."""
    return min((each.answered_at for each in tuple(desk.acknowledged) if each.answered_at > instant), default=instant)


def _longest_silence(desk: Desk, since: float) -> float:
    answers = sorted(each.answered_at for each in tuple(desk.acknowledged))
    before = [at for at in answers if at <= since][-1:]
    instants = [*before, *(at for at in answers if at > since), time.time()]
    return max((later - earlier for earlier, later in pairwise(instants)), default=0.0)


def _judge(outcome: Outcome, arena: Arena, desk: Desk, boards: Sequence[Board]) -> None:
    visits = arena.alone(booked)
    by_client = {each.client: each for each in visits}
    times = Counter(each.client for each in visits)
    outcome.acknowledged, outcome.repeated, outcome.refused = len(desk.acknowledged), desk.repeated, desk.refused
    outcome.lost = sum(each.client not in by_client for each in desk.acknowledged)
    outcome.doubled = sum(count - 1 for count in times.values())
    kept = [(by_client[each.client], each.asked_at) for each in desk.acknowledged if each.client in by_client]

    def unfed() -> int:
        return sum(
            not board.knows(visit.visit_id, visit.place, asked_at) for board in boards for visit, asked_at in kept
        )

    until(lambda: not unfed(), _FED_WITHIN_SECONDS)
    outcome.unfed = unfed()
    outcome.reloads = sum(board.reloads for board in boards)
    outcome.checked = console(arena, "check").stdout.strip()


def findings_of(outcome: Outcome, control: Outcome | None) -> Iterator[Finding]:
    for each in outcome.kills:
        found = (
            f"{each.without_service:.1f} s without service; Patroni's new primary after {each.promoted_after:.1f} s, "
            f"the first answer {each.served_after_promotion:.1f} s later"
        )
        holds = each.served_after_promotion <= SERVED_WITHIN_SECONDS
        yield Finding(f"killed: {each.what}", found, f"{SERVED_WITHIN_SECONDS:.0f} s after the new primary", holds)
    whole = outcome.is_answered and not outcome.refused and outcome.acknowledged > 0
    found = f"{outcome.acknowledged}, {outcome.repeated} presses repeated, {len(outcome.refused)} refused"
    yield Finding("writes acknowledged", found, "none refused", whole)
    yield Finding("acknowledged and lost", str(outcome.lost), "0", not outcome.lost)
    yield Finding("doubled", str(outcome.doubled), "0", not outcome.doubled)
    fed = f"{outcome.unfed} missed on {BOARDS} boards, {outcome.reloads} times read anew"
    yield Finding("boards fed", fed, "0 missed", not outcome.unfed)
    yield Finding("processes of ours begun anew", str(outcome.begun_anew), "0", not outcome.begun_anew)
    yield Finding("`vovremya check`", outcome.checked, "Nothing is wrong.", outcome.checked == "Nothing is wrong.")
    if control is not None:
        found = f"{control.lost} of {control.acknowledged} lost, {control.unfed} missed on boards"
        yield Finding("without a synchronous standby", found, "found out", control.lost > 0)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=4, help="of the primary (%(default)s)")
    options.add_argument("--without-control", action="store_true", help="leave out the negative control")
    add_write(options)
    chosen = options.parse_args()
    if wanting := what_is_wanting():
        print(f"Left out: {wanting}", flush=True)
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        outcome = tried(folder / "synchronous", chosen.kills)
        control = None if chosen.without_control else tried(folder / "control", 1, is_synchronous=False)
    section = Section(
        "failover",
        "The primary PostgreSQL killed, a synchronous standby promoted",
        "Three servers on loopback under Patroni and etcd (`synchronous_mode: true`, "
        f"`ttl: {TTL_SECONDS}`). `vovremya serve --workers 2` under {OPERATORS} operators who book over HTTP and press "
        "again under the same key, as the page does; the primary is killed (-9) alone and, by turns, together with its "
        "Patroni, which then costs the `ttl`.",
        list(findings_of(outcome, control)),
        time.monotonic() - began,
    )
    return told(section, is_written=chosen.write)


if __name__ == "__main__":
    sys.exit(main())
