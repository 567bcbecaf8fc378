#!/bin/sh
# Resolves pyproject.toml into lock files that fit every supported Python, with hashes and without addresses.
set -eu
cd "$(dirname "$0")/.."

uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    [ -x .venv/bin/uv ] || .venv/bin/python -m pip --disable-pip-version-check install --quiet uv
    uv=.venv/bin/uv
fi

compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}

compile pyproject.toml --output-file requirements.lock
compile pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
compile --group node --output-file requirements-node.lock

.venv/bin/python tools/node.py npm install --package-lock-only --silent
# npm writes down who asks for donations where; a lock file needs no addresses.
.venv/bin/python - <<'END'
import json
from pathlib import Path

path = Path("package-lock.json")
lock = json.loads(path.read_text())
for package in lock["packages"].values():
    package.pop("funding", None)
path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
END
