"""Reading clients."""

from vovremya.customers.queries.finding import campaigns_open_for, client_by_id, clients_by_phone, find

__all__ = ["campaigns_open_for", "client_by_id", "clients_by_phone", "find"]
