"""`vovremya erasures`: the record of them, which outlives a restored copy, and making their bytes go at once."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vovremya.config.commands import Failed
from vovremya.config.commands.readying import require_up_to_date
from vovremya.customers.models import Erasure
from vovremya.customers.queries.erasing import told_of_acts
from vovremya.kernel import clock
from vovremya.visits.actions.erasing import erase_again, scrub_erased

_FORMAT = "vovremya erasures 1"


def keep(chosen: argparse.Namespace) -> int:
    require_up_to_date()
    if chosen.again:
        done = erase_again(read_record(chosen.again), clock.real_now())
        print(f"Erased again: {done}.")
    if chosen.save:
        _save(chosen.save)
    if chosen.scrub or chosen.again:
        _scrub()
    for act in Erasure.objects.order_by("at", "pk"):
        gone = f"gone from the files {act.scrubbed_at:%Y-%m-%d %H:%M} UTC" if act.scrubbed_at else "not scrubbed yet"
        print(f"{act.number}: erased {act.at:%Y-%m-%d %H:%M} UTC, {gone}")
    return 0


def read_record(path: Path) -> Sequence[dict[str, Any]]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failed(f"cannot read {path}: {error}") from error
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise Failed(f"{path} is no record made by `vovremya erasures --save`")
    acts: Sequence[dict[str, Any]] = record["acts"]
    return acts


def _save(path: Path) -> None:
    acts = told_of_acts(Erasure.objects.order_by("at", "pk"))
    partial = path.with_name(f"{path.name}.part")
    try:
        partial.write_text(json.dumps({"format": _FORMAT, "acts": acts}, indent=1), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise Failed(f"cannot write {path}: {error}") from error
    print(f"Saved: {path}, {len(acts)} acts.")


def _scrub() -> None:
    is_waiting = Erasure.objects.filter(scrubbed_at=None).exists()
    if is_waiting and not scrub_erased(clock.real_now()):
        raise Failed("somebody was reading all the time: try again, or stop the servers")
