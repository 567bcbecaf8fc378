"""A harness's section of docs/proof.md: what was tried, what came of it, when, where and by which command.

Each harness ends with `told`: it prints the section, with `--write` puts it in the place of its last one, and
exits with 1 where something does not hold.
"""

import argparse
import os
import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "proof.md"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, what was found, and whether that is as it must be."""

    what: str
    found: str
    must_be: str = ""
    holds: bool = True


@dataclass(frozen=True)
class Section:
    name: str  # of the harness's module: "kills"
    title: str
    how: str  # one or two sentences: what was done to what
    findings: Sequence[Finding]
    seconds: float

    @property
    def holds(self) -> bool:
        return all(finding.holds for finding in self.findings)

    @property
    def text(self) -> str:
        rows = [
            f"| {each.what} | {each.found} | {each.must_be} | {'holds' if each.holds else '**does not hold**'} |"
            for each in self.findings
        ]
        where = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        return "\n".join(
            [
                f"## {self.title}",
                "",
                self.how,
                "",
                "|  | found | must be |  |",
                "| --- | --- | --- | --- |",
                *rows,
                "",
                f"{datetime.now(UTC):%Y-%m-%d}, {where}, {self.seconds:,.0f} s: `{_command()}`",
            ]
        )


def add_write(options: argparse.ArgumentParser) -> None:
    options.add_argument("--write", action="store_true", help="put the figures into docs/proof.md")


def told(section: Section, *, is_written: bool) -> int:
    """Print the section and keep it; the exit status of the harness."""
    print(section.text, flush=True)
    if is_written:
        PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), section), encoding="utf-8")
    return 0 if section.holds else 1


def with_section(page: str, section: Section) -> str:
    """The page with the harness's section in the place of its last one, or at the end."""
    marked = f"<!-- {section.name} -->\n{section.text}\n<!-- /{section.name} -->\n"
    found = re.compile(rf"<!-- {section.name} -->\n.*?<!-- /{section.name} -->\n", re.DOTALL)
    return found.sub(lambda _: marked, page) if found.search(page) else f"{page.rstrip()}\n\n{marked}"


def _command() -> str:
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    module = sys.modules["__main__"].__spec__
    server = ["python tools/postgres.py"] if os.environ.get("VOVREMYA_DATABASE_URL") else []
    return " ".join([*server, "python -m", module.name if module else Path(sys.argv[0]).stem, *arguments])
