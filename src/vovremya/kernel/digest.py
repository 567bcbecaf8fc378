"""What somebody has seen, in a word."""

import json
from hashlib import sha256
from typing import Any


def digest_of(value: Any) -> str:
    """Of a value as JSON has it: a form says by it what it was drawn from."""
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
