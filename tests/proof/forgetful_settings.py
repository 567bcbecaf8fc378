"""The program's settings but for one: SQLite does not wait for the disk. For negative controls alone."""

from vovremya.config.settings import *  # noqa: F403
from vovremya.config.settings import DATABASES

_options = DATABASES["default"]["OPTIONS"]
assert isinstance(_options, dict)
_options["init_command"] = _options["init_command"].replace("synchronous=FULL", "synchronous=NORMAL")
assert "NORMAL" in _options["init_command"]
