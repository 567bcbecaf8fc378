"""Writing clients, phones and cars."""

from vovremya.customers.actions.registering import (
    NO_CAR,
    ClientGiven,
    Registered,
    add_car,
    add_phone,
    car_meant,
    fill_in_client,
    find_or_register,
    find_or_register_many,
    forget_unused,
    keep_campaign,
    keep_coefficient,
    register,
    reveal,
    strike_out,
)

__all__ = [
    "NO_CAR",
    "ClientGiven",
    "Registered",
    "add_car",
    "add_phone",
    "car_meant",
    "fill_in_client",
    "find_or_register",
    "find_or_register_many",
    "forget_unused",
    "keep_campaign",
    "keep_coefficient",
    "register",
    "reveal",
    "strike_out",
]
