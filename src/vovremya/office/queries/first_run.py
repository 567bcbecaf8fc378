"""What a new branch has by now."""

from dataclasses import dataclass

from vovremya.directory.models import Branch, User
from vovremya.office.setting_words import week_words
from vovremya.visits.actions.branch_settings import value_of
from vovremya.visits.models import Visit
from vovremya.visits.rules.settings import Setting, SettingOf


@dataclass(frozen=True)
class Beginnings:
    hours: str
    bays: int
    groups: int
    advisors: int
    colleagues: int
    works: int
    has_visits: bool


def beginnings_of(branch: Branch, user: User) -> Beginnings:
    """Of the branch as `user` finds it, who is no colleague of their own."""
    staff = User.objects.filter(memberships__branch=branch, is_active=True).exclude(pk=user.pk)
    return Beginnings(
        hours=week_words(value_of(SettingOf(branch.pk, Setting.WEEK_HOURS))),
        bays=branch.bays.filter(is_active=True).count(),
        groups=branch.bay_groups.count(),
        advisors=branch.advisors.filter(is_active=True).count(),
        colleagues=staff.distinct().count(),
        works=branch.network.works.filter(is_active=True).count(),
        has_visits=Visit.objects.filter(branch=branch).exists(),
    )
