"""A branch with three bays, and files to import into it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from tests.apps.exchange.files import HEADINGS, Value, write_csv
from tests.cast import MORNING, Cast, assembled
from vovremya.directory.rules import Actor
from vovremya.exchange import actions, checking, queries
from vovremya.exchange.models import ImportRow, ImportRun
from vovremya.exchange.reading import open_table
from vovremya.exchange.rules.rows import Problem


@pytest.fixture
def cast(db: None) -> Cast:
    return assembled()


@dataclass
class Importer:
    """Imports tables of the usual headings as the supervisor."""

    cast: Cast
    folder: Path
    files: int = 0
    rows_at_once: int = 100
    now: datetime = MORNING
    headings: Sequence[str] = field(default=HEADINGS)

    def file(self, *rows: Sequence[Value]) -> Path:
        self.files += 1
        return write_csv(self.folder / f"{self.files}.csv", [self.headings, *rows])

    def begin(self, path: Path, by: Actor | None = None) -> ImportRun:
        return actions.begin(path, self.cast.branch, actor=by or self.cast.supervisor, now=self.now)

    def apply_next(self, run: ImportRun, limit: int) -> actions.Applied:
        return actions.apply_next(run, limit, actor=self.cast.supervisor, now=self.now, real_now=self.now)

    def import_file(self, path: Path) -> dict[str, int]:
        """What became of the rows: state → how many."""
        run = self.begin(path)
        while self.apply_next(run, self.rows_at_once).rows:
            pass
        return queries.counts_of(run)

    def bring(self, *rows: Sequence[Value]) -> dict[str, int]:
        return self.import_file(self.file(*rows))

    def preview(self, *rows: Sequence[Value]) -> checking.Preview:
        return checking.preview(open_table(self.file(*rows)), self.cast.branch, self.now)

    def problems(self) -> list[Problem]:
        """Of the refused rows of the last import."""
        run = ImportRun.objects.latest("pk")
        return [Problem(*problem) for row in queries.refused_rows(run) for problem in row.problems]

    def remarks(self) -> list[Problem]:
        run = ImportRun.objects.latest("pk")
        return [Problem(*remark) for row in queries.remarked_rows(run) for remark in row.remarks]

    def states(self) -> list[tuple[int, str]]:
        return list(ImportRow.objects.filter(run=ImportRun.objects.latest("pk")).values_list("number", "state"))


@pytest.fixture
def importer(cast: Cast, tmp_path: Path) -> Importer:
    return Importer(cast, tmp_path)
