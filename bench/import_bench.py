"""`python -m bench.import_bench`: an import of ten thousand rows beside an operator who goes on saving.

Says how long the import takes, how much memory, how long its transactions are, and how long the operator waits.
Everything runs in processes of its own on a new database in a temporary folder; `--file` takes a file of yours,
for a branch SEV with the bays and advisors named below.
"""

import argparse
import csv
import multiprocessing
import os
import resource
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

BAYS = ("Пост 1", "Пост 2", "Пост 3", "Пост 4 (диагностика)", "Подъёмник 5", "Шиномонтаж")
ADVISORS = ("Орлов В.", "Котова Л.", "Руднев С.")
HEADINGS = (
    *("№ записи", "Дата", "Время", "Пост/Подъёмник", "Клиент", "Телефон", "Автомобиль", "Госномер", "VIN"),
    *("Причина обращения", "Н/ч", "Мастер", "Комментарий"),
)
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
THINKS_FOR = 0.02  # seconds between two saves of the operator
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Imported:
    rows: int
    seconds: float
    processor_seconds: float
    megabytes: float
    transactions: Sequence[float]

    def __str__(self) -> str:
        return (
            f"{self.rows:,} rows in {self.seconds:.1f} s ({self.processor_seconds:.1f} s of processor), "
            f"peak {self.megabytes:.0f} MB; {len(self.transactions)} transactions, "
            f"p50 {_share(self.transactions, 0.5):.0f} ms, p95 {_share(self.transactions, 0.95):.0f} ms, "
            f"longest {max(self.transactions, default=0.0) * 1000:.0f} ms"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--file", type=Path, help="instead of a file made up")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f"load average at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"operator alone: {_saves(_alone(folder))}")
        _measure(folder, _made_up(Path(folder, "few.csv"), chosen.rows // 10), "a tenth of the rows")
        _measure(folder, chosen.file or _made_up(Path(folder, "many.csv"), chosen.rows), "all rows")


def _measure(folder: str, file: Path, title: str) -> None:
    database = _furnished(folder)
    with ProcessPoolExecutor(2, mp_context=_SPAWN) as pool, _SPAWN.Manager() as manager:
        over = manager.Event()
        saving = pool.submit(save_again_and_again, database, over)
        imported = pool.submit(import_file, database, str(file)).result()
        over.set()
        print(f"{title}: {imported}")
        print(f"operator meanwhile: {_saves(saving.result())}")
        print(f"the same file again: {pool.submit(import_file, database, str(file)).result()}")


def _alone(folder: str) -> list[float]:
    database = _furnished(folder)
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool, _SPAWN.Manager() as manager:
        over = manager.Event()
        saving = pool.submit(save_again_and_again, database, over)
        time.sleep(5)
        over.set()
        return saving.result()


def _saves(seconds: Sequence[float]) -> str:
    return (
        f"{len(seconds)} saves, p50 {_share(seconds, 0.5):.0f} ms, p95 {_share(seconds, 0.95):.0f} ms, "
        f"longest {max(seconds) * 1000:.0f} ms"
    )


def _share(seconds: Sequence[float], share: float) -> float:
    """Milliseconds that this share of them did not exceed."""
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0


def _made_up(path: Path, rows: int) -> Path:
    """Visits one after another on six bays, as another program exports them: no two overlap."""
    chance = Random(1)
    days = [date(2026, 12, 1) + timedelta(days=day) for day in range(rows // 30 + 1)]
    places = [(day, bay, hour) for day in days for bay in BAYS for hour in range(8, 18, 2)][:rows]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        for number, (day, bay, hour) in enumerate(places):
            writer.writerow(
                (
                    f"ЗН-{number}",
                    f"{day:%d.%m.%Y}",
                    f"{hour}:{chance.randrange(0, 30, 5):02}",
                    bay,
                    f"{chance.choice(('Смирнова', 'Кузьмин', 'Ким'))} {chance.choice(('Анна', 'Олег'))} {number % 900}",
                    f"8 (9{number % 90 + 10}) {number // 10_000 % 1000:03}-{number // 100 % 100:02}-{number % 100:02}",
                    chance.choice(("Hyundai Solaris", "Chery Tiggo 7 Pro", "LADA Vesta")),
                    f"А{number % 1000:03}ВС{100 + number // 1000}",
                    "" if number % 5 == 0 else f"XTA{number:014}",
                    chance.choice(("ТО-60, замена колодок", "Сход-развал")),
                    chance.choice(("1", "1,5", "0,7")),
                    chance.choice(ADVISORS),
                    chance.choice(("", "ждёт в зале", "просил не звонить до 9")),
                )
            )
    return path


# In processes of their own, each of which names its database before it wakes Django.


def _furnished(folder: str) -> str:
    database = str(Path(folder, f"{time.monotonic_ns()}.sqlite3"))
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
        pool.submit(furnish, database).result()
    return database


def _wake(database: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "vovremya.config.settings",
        "VOVREMYA_DATABASE": database,
        "VOVREMYA_SECRET_KEY": "only for the benchmark",
    }
    import django

    django.setup()


def furnish(database: str) -> None:
    """A branch at work, and today's visits for the operator to save."""
    _wake(database)
    from django.core.management import call_command

    from vovremya.customers.actions import register
    from vovremya.directory.actions import create_installation, install_branch_defaults, open_network
    from vovremya.directory.models import Advisor, Bay, BayGroup, Branch, Installation
    from vovremya.directory.rules import PROGRAM
    from vovremya.schedule.actions import set_week_hours
    from vovremya.schedule.rules.hours import DayHours
    from vovremya.visits.actions.booking import Details, Plan, book

    call_command("migrate", verbosity=0)
    create_installation(Installation.Kind.TRIAL)
    network = open_network("Сеть для замеров")
    branch = Branch.objects.create(network=network, code="SEV", name="Север", zone="Europe/Moscow")
    install_branch_defaults(branch, NOW)
    set_week_hours(branch.pk, [DayHours(8 * 60, 21 * 60)] * 7, actor=PROGRAM, now=NOW)
    group = BayGroup.objects.create(branch=branch, name="Слесарный")
    bays = [Bay.objects.create(branch=branch, group=group, name=name) for name in BAYS]
    for name in ADVISORS:
        Advisor.objects.create(branch=branch, name=name)
    for bay in bays:
        client = register(network, f"Клиент поста {bay.pk}", [f"+7900000000{bay.pk}"], now=NOW).client
        plan = Plan(bay.pk, NOW + timedelta(hours=3), NOW + timedelta(hours=4))
        book(branch.pk, client, None, plan, Details(), actor=PROGRAM, now=NOW)


def save_again_and_again(database: str, over: threading.Event) -> list[float]:
    """An operator's saves one after another: seconds each took, waiting for the lock included."""
    _wake(database)
    from vovremya.directory.rules import PROGRAM
    from vovremya.visits.actions.booking import Details, edit
    from vovremya.visits.models import Visit

    visit_ids = list(Visit.objects.filter(external_number="").values_list("pk", flat=True))
    took: list[float] = []
    while not over.is_set():
        began = time.perf_counter()
        visit_id = visit_ids[len(took) % len(visit_ids)]
        edit(visit_id, Details(comment=f"сохранение {len(took)}"), actor=PROGRAM, now=NOW)
        took.append(time.perf_counter() - began)
        time.sleep(THINKS_FOR)
    return took


def import_file(database: str, path: str) -> Imported:
    """What `vovremya import` does, with a stopwatch in its hand."""
    _wake(database)
    from vovremya.directory.queries import branch_by_code
    from vovremya.directory.rules import PROGRAM
    from vovremya.exchange import actions
    from vovremya.exchange.rules.pace import Pace, pause_after

    began, processor_began = time.perf_counter(), time.process_time()
    run = actions.begin(Path(path), branch_by_code("SEV", PROGRAM), actor=PROGRAM, now=NOW)
    settled, transactions, pace = 0, [], Pace()
    while (applied := actions.apply_next(run, pace.rows, actor=PROGRAM, now=NOW, real_now=NOW)).rows:
        settled += applied.settled
        transactions.append(applied.seconds)
        pace = pace.after(applied.rows, applied.seconds)
        time.sleep(pause_after(applied.seconds))
    return Imported(
        rows=settled,
        seconds=time.perf_counter() - began,
        processor_seconds=time.process_time() - processor_began,
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        transactions=transactions,
    )


if __name__ == "__main__":
    main()
