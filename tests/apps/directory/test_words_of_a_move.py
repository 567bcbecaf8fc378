"""An installation of an older release gets what this one says to a client whose visit was moved."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from vovremya.directory.models import Branch, Network, RemovalReason, ScriptStep

migration = import_module("vovremya.directory.migrations.0002_calls_about_a_move")


@pytest.fixture
def older(network: Network, branch: Branch) -> Branch:
    """As the first release left it; the branch beside it has no script yet."""
    RemovalReason.objects.filter(code="other_branch").delete()
    ScriptStep.objects.filter(moment="shifted").delete()
    Branch.objects.create(network=network, code="YUG", name="Юг", zone="Europe/Moscow")
    return branch


def test_the_words_are_added_once_and_in_their_place(older: Branch) -> None:
    for _ in range(2):
        migration.add_words(apps, connection.schema_editor())
    moments = [step.moment for step in ScriptStep.objects.filter(branch=older)]
    assert moments[moments.index("late") + 1] == "shifted"
    assert moments.count("shifted") == 1
    reasons = [reason.code for reason in RemovalReason.objects.filter(network=older.network)]
    assert reasons[-1] == "other_branch"
    assert ScriptStep.objects.exclude(branch=older).count() == 0
