"""One address names one server or several, as PostgreSQL's own programs read it."""

import pytest

from vovremya.config import settings


@pytest.mark.parametrize(
    ("servers", "host", "port"),
    [
        ("db", "db", ""),
        ("db:5433", "db", 5433),
        ("one:5433,two:5434,three", "one,two,three", "5433,5434,"),
        ("[::1]:5433,10.0.0.2", "::1,10.0.0.2", "5433,"),
    ],
)
def test_several_servers_each_have_a_port(servers: str, host: str, port: str | int) -> None:
    database = settings._postgresql(f"postgresql://user:p%40ss@{servers}/name?target_session_attrs=read-write")
    assert (database["HOST"], database["PORT"]) == (host, port)
    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("user", "p@ss", "name")
    assert isinstance(database["OPTIONS"], dict)
    assert database["OPTIONS"]["target_session_attrs"] == "read-write"
