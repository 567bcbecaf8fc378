"""A network of two branches and whoever works there."""

from datetime import UTC, datetime
from typing import Protocol

import pytest

from vovremya.directory.actions import (
    add_user,
    create_installation,
    install_branch_defaults,
    install_defaults,
)
from vovremya.directory.models import Branch, Installation, Network, User
from vovremya.directory.rules import PROGRAM, Role


class Hire(Protocol):
    def __call__(self, username: str, *branches: Branch, role: Role = Role.OPERATOR, is_demo: bool = False) -> User: ...


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 7, 28, tzinfo=UTC)


@pytest.fixture
def installation(db: None) -> Installation:
    return create_installation(Installation.Kind.DEMO)


@pytest.fixture
def network(db: None, installation: Installation) -> Network:
    network = Network.objects.create(name="Сеть")
    install_defaults(network)
    return network


@pytest.fixture
def branch(network: Network, now: datetime) -> Branch:
    branch = Branch.objects.create(network=network, code="SEV", name="Север", zone="Europe/Moscow", position=1)
    install_branch_defaults(branch, now)
    return branch


@pytest.fixture
def other_branch(network: Network) -> Branch:
    return Branch.objects.create(network=network, code="VOS", name="Восток", zone="Asia/Vladivostok", position=2)


@pytest.fixture
def hire(installation: Installation) -> Hire:
    def hired(username: str, *branches: Branch, role: Role = Role.OPERATOR, is_demo: bool = False) -> User:
        return add_user(
            username=username,
            full_name="Иванова Ольга Петровна",
            short_name="Иванова",
            password="right password",
            roles={branch.pk: [role] for branch in branches},
            actor=PROGRAM,
            is_demo=is_demo,
        )

    return hired
