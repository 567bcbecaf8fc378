from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from vovremya.ui import assets


@register()
def assets_are_built(**_: Any) -> Sequence[CheckMessage]:
    if assets.are_built():
        return []
    return [Error("The page assets are not built.", hint="Run `make assets`.", id="ui.E001")]
