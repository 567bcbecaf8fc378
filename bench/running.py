"""What the benchmarks on both databases have in common: their options, their tables, their page."""

import argparse
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from rich.console import Console

from bench.figures import FIGURES, Figure, Page, machine, table
from bench.stage import DATABASES, measured_on


def options(name: str, words: str) -> ArgumentParser:
    """Of `python -m bench.<name>`."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=words)
    parser.add_argument("--on", choices=DATABASES, action="append", help="one database alone")
    parser.add_argument("--write", action="store_true", help=f"write docs/figures/{name}.md")
    return parser


def tell(name: str, title: str, chosen: Namespace, measure: Callable[[str], list[Figure]]) -> int:
    """Measure on the databases asked for, print what was found and put it on its page. Returns the exit code."""
    words = machine(os.getloadavg()[0])
    results = measured_on(chosen.on or DATABASES, measure)
    console = Console()
    for database, figures in results.items():
        console.print(table(database, figures))
    console.print(f"{words}.")
    if chosen.write:
        Page(title, f"python -m bench.{name} --write", words).write(FIGURES / f"{name}.md", results)
    return 0
