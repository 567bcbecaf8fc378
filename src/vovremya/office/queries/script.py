"""The script of a branch as it is said about the visit of the preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vovremya.board.conversation import as_said, first_name, spoken_branch
from vovremya.directory.models import Branch, ScriptStep, User
from vovremya.directory.rules import words_in_braces
from vovremya.office.texts.directories import MOMENTS, PLACEHOLDERS, SAMPLE


@dataclass(frozen=True)
class Said:
    """A text as the operator says it, and what in it nothing fills."""

    text: str
    unknown: Sequence[str]


@dataclass(frozen=True)
class StepShown:
    step: ScriptStep
    name: str
    when: str
    said: Said


def script_shown(branch: Branch, user: User) -> list[StepShown]:
    """One query."""
    values = sample_values(branch, user)
    shown = []
    for step in ScriptStep.objects.filter(branch=branch):
        name, when = MOMENTS[ScriptStep.Moment(step.moment)]
        shown.append(StepShown(step, str(name), str(when), said(step.text, values)))
    return shown


def said(text: str, values: Mapping[str, str]) -> Said:
    unknown = [word for word in words_in_braces(text) if word not in PLACEHOLDERS]
    return Said(as_said(text, values), list(dict.fromkeys(unknown)))


def sample_values(branch: Branch, user: User) -> dict[str, str]:
    return {
        **{name: str(words) for name, words in SAMPLE.items()},
        "operator": first_name(user),
        "branch": spoken_branch(branch),
    }


def other_branches(branches: Sequence[Branch], branch: Branch) -> list[Branch]:
    """Whose script may be taken over."""
    return [other for other in branches if other.pk != branch.pk]
