"""What is decided about clients. Pure."""

from vovremya.customers.rules.names import (
    CarGiven,
    calling_name,
    fold_name,
    is_organisation,
    name_on_bar,
    short_name,
)

__all__ = ["CarGiven", "calling_name", "fold_name", "is_organisation", "name_on_bar", "short_name"]
