"""Importing a table of visits: staged whole, then applied a few rows at a time."""

from vovremya.exchange.actions.applying import Applied, apply_next, begin

__all__ = ["Applied", "apply_next", "begin"]
