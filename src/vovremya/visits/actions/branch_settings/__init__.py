"""What a branch and its network are made of, changed as values: with a history, and back."""

from vovremya.visits.actions.branch_settings.changing import (
    Wanted,
    change_setting,
    change_settings,
    change_zone,
    changes_seen_from,
    digest_as_shown,
    rights_to_change,
    setting_of,
    take_back_change,
    take_back_changes,
    value_of,
)
from vovremya.visits.actions.branch_settings.kinds import EDITORS, NETWORK_EDITORS

__all__ = [
    "EDITORS",
    "NETWORK_EDITORS",
    "Wanted",
    "change_setting",
    "change_settings",
    "change_zone",
    "changes_seen_from",
    "digest_as_shown",
    "rights_to_change",
    "setting_of",
    "take_back_change",
    "take_back_changes",
    "value_of",
]
