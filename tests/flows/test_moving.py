"""From a SQLite file to PostgreSQL: nothing lost, nothing altered, wherever it is cut off."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.flows import deeds, demo_deeds
from tests.flows.serving import COMMAND, Browser, console, serving
from tests.proof.stations import demo_in
from tests.races.arena import Arena, copied, postgresql_arena, sqlite_arena

MOVES_WITHIN_SECONDS = 200

pytestmark = pytest.mark.skipif(not settings.DATABASE_URL, reason="needs a PostgreSQL to move to")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    arena = demo_in(sqlite_arena(tmp_path_factory.mktemp("filled")))
    arena.alone(demo_deeds.leave_traces)
    return arena


@pytest.fixture
def old(filled: Arena, tmp_path: Path) -> Arena:
    """A demo's day in a SQLite file, with the secret beside it and its logins let in."""
    return Arena({**copied(filled, tmp_path).environment, "VOVREMYA_DEMO": "1"})


@pytest.fixture
def new(old: Arena, tmp_path: Path) -> Arena:
    """The same, once it is in PostgreSQL."""
    empty = postgresql_arena(tmp_path)
    return Arena({**old.environment, "VOVREMYA_DATABASE_URL": empty.environment["VOVREMYA_DATABASE_URL"]})


def file_of(arena: Arena) -> Path:
    return Path(arena.environment["VOVREMYA_DATABASE"])


def move(new: Arena) -> str:
    done = console(new, "move-to", within_seconds=MOVES_WITHIN_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def moving(new: Arena) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [COMMAND, "move-to"], env={**os.environ, **new.environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def kill_after(line: str, new: Arena) -> None:
    """Begin to move, and kill it as soon as it has said so."""
    with moving(new) as process:
        assert process.stdout is not None
        assert any(said.startswith(line) for said in process.stdout)


def on(arena: Arena, statement: str) -> None:
    with psycopg.connect(arena.environment["VOVREMYA_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement.encode())


def refused(new: Arena, *arguments: str) -> str:
    done = console(new, "move-to", *arguments, within_seconds=MOVES_WITHIN_SECONDS)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_everything_is_there_and_the_program_goes_on_with_it(old: Arena, new: Arena) -> None:
    digests, cursor = old.alone(demo_deeds.digests_of_tables), old.alone(deeds.feed_cursor)
    said = move(new)
    assert new.alone(demo_deeds.digests_of_tables) == digests
    assert f"journal_entry: {digests['journal_entry'][0]} rows, all equal" in said
    assert console(new, "check").stdout == "Nothing is wrong.\n"
    assert new.alone(partial(deeds.is_foreign, cursor)), "open boards read everything anew"
    with serving(new) as site:
        assert Browser(site).get("/readyz")[0] == 200
    last_id = max(digests["visits_visit"][2])
    assert new.alone(demo_deeds.book) > last_id


def test_numbers_are_not_given_out_again(old: Arena, new: Arena) -> None:
    gone = old.alone(demo_deeds.book_and_delete)
    move(new)
    assert new.alone(demo_deeds.book) > gone


def test_file_is_kept_where_nobody_serves_it(old: Arena, new: Arena) -> None:
    said = move(new)
    (kept,) = file_of(old).parent.glob("race.moved-*.sqlite3")
    assert not file_of(old).exists()
    assert str(kept) in said
    assert [path.name for path in kept.parent.glob("race.*sqlite3*")] == [kept.name]
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_is_written_while_it_copies_is_moved_as_well(old: Arena, new: Arena) -> None:
    with serving(old) as site, moving(new) as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("Stop the servers"))
        assert process.poll() is None, said
        visit_id = old.alone(demo_deeds.book)
        old.alone(demo_deeds.swap_occupations)
        assert site.stop() == 0
        assert "Moved." in process.stdout.read()
        assert process.wait(60) == 0
    assert visit_id in new.alone(deeds.visit_ids)
    (kept,) = file_of(old).parent.glob("race.moved-*.sqlite3")
    was = Arena({**old.environment, "VOVREMYA_DATABASE": str(kept)})
    assert new.alone(demo_deeds.digests_of_tables) == was.alone(demo_deeds.digests_of_tables)


def test_killed_anywhere_again_and_again_it_goes_on_when_run_again(old: Arena, new: Arena) -> None:
    digests = old.alone(demo_deeds.digests_of_tables)
    for line in ("django_content_type", "directory_branch", "journal_entry", "watch_heartbeat"):
        kill_after(line, new)
        assert file_of(old).exists(), "the station may go on with it"
    assert console(new, "serve", "--port", "0").returncode == 1, "nobody serves what is there by half"
    move(new)
    assert new.alone(demo_deeds.digests_of_tables) == digests
    assert console(new, "check").returncode == 0


def test_killed_between_the_last_row_and_the_last_name(old: Arena, new: Arena) -> None:
    """All is moved and in force, only the file has not got its last name."""
    move(new)
    (kept,) = file_of(old).parent.glob("race.moved-*.sqlite3")
    kept.rename(kept.with_name("race.being-moved.sqlite3"))
    epoch = new.alone(demo_deeds.epoch)
    on(
        new,
        f"CREATE TABLE being_moved AS SELECT '{old_epoch(kept.with_name('race.being-moved.sqlite3'))}' AS source,"
        " 'finished' AS stage",
    )
    move(new)
    assert new.alone(demo_deeds.epoch) == epoch
    assert len(list(file_of(old).parent.glob("race.moved-*.sqlite3"))) == 1


def old_epoch(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT epoch FROM directory_installation").fetchone()[0])


def test_row_altered_meanwhile_is_put_right(old: Arena, new: Arena) -> None:
    digests = old.alone(demo_deeds.digests_of_tables)
    kill_after("journal_words", new)
    on(new, "UPDATE customers_client SET name = 'Другой' WHERE id = 1")
    on(new, "UPDATE journal_entry SET kind = 'visit_changed' WHERE id = 2")
    on(new, "DELETE FROM visits_visit WHERE id = 3")
    move(new)
    assert new.alone(demo_deeds.digests_of_tables) == digests


def test_row_that_will_not_be_as_it_was_is_named(old: Arena, new: Arena) -> None:
    kill_after("directory_branch", new)
    on(
        new,
        """
        CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN NEW.name := upper(NEW.name); RETURN NEW; END';
        CREATE TRIGGER spoil BEFORE INSERT ON customers_client FOR EACH ROW WHEN (NEW.id = 7)
            EXECUTE FUNCTION spoil();
        DELETE FROM customers_client;
        """,
    )
    assert "customers_client is not as it was: 7" in refused(new)
    assert file_of(old).exists(), "it was not moved, and the station goes on with its file"
    on(new, "DROP FUNCTION spoil CASCADE")
    move(new)


def test_row_that_postgresql_does_not_take_is_named(old: Arena, new: Arena) -> None:
    with closing(sqlite3.connect(file_of(old))) as connection:
        connection.execute("UPDATE customers_client SET comment = 'a' || char(0) || 'b' WHERE id = 7")
        connection.commit()
    assert "row 7 of customers_client" in refused(new)
    assert file_of(old).exists()


def test_database_in_use_is_not_moved_to(old: Arena, new: Arena) -> None:
    on(new, "CREATE TABLE precious (it text)")
    assert "not empty" in refused(new)
    assert file_of(old).exists()


def test_nothing_is_moved_twice(old: Arena, new: Arena) -> None:
    move(new)
    (kept,) = file_of(old).parent.glob("race.moved-*.sqlite3")
    kept.rename(file_of(old))
    assert "not empty" in refused(new)


def test_another_installation_does_not_get_in_between(old: Arena, new: Arena, tmp_path: Path) -> None:
    kill_after("directory_branch", new)
    old.alone(demo_deeds.begin_another_epoch)
    assert "another installation is being moved" in refused(new)


def test_password_has_no_place_on_a_command_line(old: Arena) -> None:
    assert "command line" in refused(old, "postgresql://vovremya:secret@127.0.0.1/vovremya")


def test_no_database_to_move_to(old: Arena) -> None:
    assert "name the new database" in refused(old)
