"""Figures are told on loopback alone."""

import argparse
import urllib.request

import pytest

from vovremya.config.measuring import loopback_address, told_at
from vovremya.kernel import metrics


@pytest.mark.parametrize(("text", "address"), [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:9464", ("::1", 9464))])
def test_loopback_address_is_taken(text: str, address: tuple[str, int]) -> None:
    assert loopback_address(text) == address


@pytest.mark.parametrize(
    "text", ["0.0.0.0:9464", "9464", ":9464", "10.0.0.7:9464", "127.0.0.1", "127.0.0.1:x", "[::]:1"]
)
def test_any_other_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        loopback_address(text)


def test_figures_are_told_while_asked_for(free_port: int) -> None:
    metrics.actions.labels("save_card", "done").inc()
    with told_at(("127.0.0.1", free_port)):
        page = urllib.request.urlopen(f"http://127.0.0.1:{free_port}/metrics", timeout=5).read().decode()
    assert 'vovremya_actions_total{action="save_card",result="done"}' in page
    with pytest.raises(OSError, match=r"refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{free_port}/metrics", timeout=5)
