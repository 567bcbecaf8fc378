"""How a table exported from another program is understood. Pure."""
