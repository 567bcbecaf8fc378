"""Importing a table of visits: staged whole, then applied a few rows at a time, and taken back if need be."""

from vovremya.exchange.actions.applying import Applied, apply_next, begin, forget_old_rows
from vovremya.exchange.actions.bringing import (
    back_to_columns,
    begin_upload,
    choose_columns,
    end_upload,
    forget_left_files,
    keep_piece,
    start,
    stop,
)
from vovremya.exchange.actions.preparing import foresee, look, read
from vovremya.exchange.actions.taking_back import begin_taking_back, take_back_next

__all__ = [
    "Applied",
    "apply_next",
    "back_to_columns",
    "begin",
    "begin_taking_back",
    "begin_upload",
    "choose_columns",
    "end_upload",
    "foresee",
    "forget_left_files",
    "forget_old_rows",
    "keep_piece",
    "look",
    "read",
    "start",
    "stop",
    "take_back_next",
]
