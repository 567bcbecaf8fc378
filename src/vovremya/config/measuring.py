"""Where the figures are told: at an address of their own on loopback, never among the pages."""

import argparse
import ipaddress
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

Address = tuple[str, int]


def loopback_address(text: str) -> Address:
    """`127.0.0.1:9464`. The figures are for the machine itself: a proxy or an agent there passes them on."""
    host, _, port = text.rpartition(":")
    try:
        is_loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no loopback address with a port like 127.0.0.1:9464")
    return host.strip("[]"), int(port)


@contextmanager
def shared_folder() -> Iterator[None]:
    """Where the processes of a supervisor lay their figures together. Before any figure is declared."""
    folder = tempfile.mkdtemp(prefix="vovremya-metrics-")
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget_process(pid: int) -> None:
    """What a process had open closed with it; what it counted stays counted."""
    from prometheus_client import multiprocess

    if FOLDER in os.environ:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


@contextmanager
def told_at(address: Address | None) -> Iterator[None]:
    """Raises `OSError` if the address is taken."""
    if address is None:
        yield
        return
    from prometheus_client import REGISTRY, CollectorRegistry, multiprocess, start_http_server

    registry = REGISTRY
    if FOLDER in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    host, port = address
    server, thread = start_http_server(port, host, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
