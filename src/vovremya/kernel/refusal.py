"""Named refusals: what an action answers when a guard fails."""

from typing import Any


class Refusal(Exception):
    """An action was refused. `code` names the reason, `field` the input it belongs to, `facts` fill the text.

    The words for the user are made from the code in the part's `texts.py`.
    """

    code = "refused"

    def __init__(self, code: str | None = None, *, field: str | None = None, **facts: object) -> None:
        self.code = code or type(self).code
        self.field = field
        self.facts = facts
        super().__init__(f"{self.code} {facts}" if facts else self.code)


class NotAllowed(Refusal):
    """The actor's role does not give the right in this branch."""

    code = "not_allowed"


class NotFound(Refusal):
    """There is no such thing, or it lies behind the branch wall."""

    code = "not_found"


class BadInput(Refusal):
    """One or more fields cannot be taken as they are; `problems` maps field to code."""

    code = "bad_input"

    def __init__(self, problems: dict[str, str], **facts: Any) -> None:
        self.problems = problems
        super().__init__(None, field=next(iter(problems), None), **facts)
