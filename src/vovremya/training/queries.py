"""The branch where people practise, and what somebody has done there."""

from vovremya.directory.models import Branch, Membership
from vovremya.directory.rules import TRAINING_CODE
from vovremya.journal.models import Entry
from vovremya.training.rules import Deed


def training_branch() -> Branch | None:
    """That of today, whether anybody is let in or not."""
    return Branch.objects.select_related("network").filter(code=TRAINING_CODE).first()


def is_open(branch: Branch | None) -> bool:
    return branch is not None and Membership.objects.filter(branch=branch).exists()


def deeds_of(user_id: int) -> list[Deed]:
    """Of all days: what was practised once is not forgotten where the day begins anew."""
    branches = Branch.objects.filter(code__startswith=TRAINING_CODE)
    entries = Entry.objects.filter(branch__in=branches, user_id=user_id).order_by("id")
    rows = entries.values_list("kind", "visit_id", "case_id", "data")
    return [Deed(kind, visit_id, case_id, data) for kind, visit_id, case_id, data in rows]
