"""However an import is broken off or doubled, each row becomes one whole visit."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.races.arena import Arena, copied
from tests.races.importing import (
    ROWS,
    begin_taking_back,
    broken,
    furnish,
    import_it,
    standing,
    take_back_or_work,
    take_the_bays_while_a_newer_file_waits_for_a_visit,
    take_the_bays_while_new_visits_in_a_row_wait_for_the_branch,
    visits,
)

pytestmark = pytest.mark.races

WHOLE = Counter(visits=ROWS, cars=ROWS, clients=ROWS, occupations=ROWS, entries=ROWS, records=ROWS)


@pytest.fixture(scope="module")
def furnished(migrated: Arena, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = copied(migrated, tmp_path_factory.mktemp("branch"))
    arena.alone(furnish)
    return arena


@pytest.fixture
def branch_with_a_file(furnished: Arena, tmp_path: Path) -> Arena:
    arena = copied(furnished, tmp_path)
    for beside in Path(furnished.environment["VOVREMYA_DATABASE"]).parent.glob("*.csv"):
        shutil.copy(beside, tmp_path)
    return arena


def test_two_imports_of_one_file_at_once_make_each_visit_once(branch_with_a_file: Arena) -> None:
    came_about = branch_with_a_file.race(import_it, racers=2, attempts=5)
    assert came_about["refused"] == 0
    assert came_about["imported"] >= ROWS
    assert branch_with_a_file.alone(visits) == WHOLE
    assert branch_with_a_file.alone(broken) == []


def test_import_has_no_bay_yet_while_it_waits_for_a_visit(branch_with_a_file: Arena) -> None:
    """Whoever has the visit may want the bay."""
    branch_with_a_file.race(import_it, racers=1, attempts=ROWS)
    assert branch_with_a_file.alone(take_the_bays_while_a_newer_file_waits_for_a_visit) == 3
    assert branch_with_a_file.alone(broken) == []


def test_import_of_new_visits_has_no_bay_yet_while_it_waits_for_the_branch(branch_with_a_file: Arena) -> None:
    """Whoever changes the hours of the branch moves its visits, and wants their bays."""
    branch_with_a_file.race(import_it, racers=1, attempts=ROWS)
    assert branch_with_a_file.alone(take_the_bays_while_new_visits_in_a_row_wait_for_the_branch) == 3
    assert branch_with_a_file.alone(visits)["visits"] == ROWS + 2
    assert branch_with_a_file.alone(broken) == []


@pytest.mark.parametrize("is_guarded", [True, False])
def test_nothing_that_was_worked_on_is_taken_back(branch_with_a_file: Arena, is_guarded: bool) -> None:
    """Without the look under the visit's lock it is, whatever was looked at before."""
    branch_with_a_file.race(import_it, racers=1, attempts=ROWS)
    branch_with_a_file.alone(begin_taking_back)
    _, worked_on = branch_with_a_file.told_by_each(take_back_or_work, racers=2, attempts=is_guarded)
    lost = set(worked_on) - set(branch_with_a_file.alone(standing))
    assert 0 < len(worked_on) <= ROWS
    assert bool(lost) is not is_guarded
    if is_guarded:
        assert branch_with_a_file.alone(standing) == worked_on
        assert branch_with_a_file.alone(broken) == []


def test_import_killed_in_the_middle_goes_on_with_the_same_command(branch_with_a_file: Arena) -> None:
    environment = os.environ | dict(branch_with_a_file.environment)
    path = Path(environment["VOVREMYA_DATABASE"]).with_name("visits.csv")
    command = [sys.executable, "-c", "from vovremya.config.console import main; raise SystemExit(main())"]
    command += ["import", str(path), "--branch", "SEV"]
    killed = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    while killed.poll() is None and not branch_with_a_file.alone(visits)["visits"]:
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    begun = branch_with_a_file.alone(visits)
    assert len(set(begun.values())) == 1, "no visit without its client, place, record and entry"
    finished = subprocess.run(command, env=environment, check=True, capture_output=True, encoding="utf-8")
    assert branch_with_a_file.alone(visits) == WHOLE
    assert "не загружено 0." in finished.stdout
    assert branch_with_a_file.alone(broken) == []
