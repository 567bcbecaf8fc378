#!/bin/sh
# Makes .venv and installs into it exactly what requirements-dev.lock names, then the project itself.
set -eu
cd "$(dirname "$0")/.."

fitting='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

if ! .venv/bin/python -c "$fitting" 2>/dev/null; then
    python=
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c "$fitting" 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "Vovremya needs Python 3.11, 3.12 or 3.13 with the venv module, and none was found." >&2
        echo "On Debian and Ubuntu: apt-get install python3 python3-venv. Or name one: make PYTHON=/path/to/python3" >&2
        exit 1
    fi
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

echo "Installing the locked packages into .venv"
# The lock names everything there is to install. Older pips that look for dependencies beside it stumble over extras.
.venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes -r requirements-dev.lock
.venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
.venv/bin/python -m pip --disable-pip-version-check check --quiet || {
    echo "The lock files do not name all that is needed: make lock" >&2
    exit 1
}
