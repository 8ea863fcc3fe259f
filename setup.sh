#!/bin/sh
# Creates a virtual environment: setup.sh FOLDER LOCK. Called by make.
# PYTHON=... chooses the interpreter; the default is the newest of 3.13, 3.12 and 3.11 that runs.
set -eu
venv=$1
lock=$2

is_supported='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
found=
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    if "$candidate" -c "$is_supported" >/dev/null 2>&1; then
        found=$candidate
        break
    fi
done
if [ -z "$found" ]; then
    echo "set-up: no Python 3.11, 3.12 or 3.13 found; name one with PYTHON=/path/to/python" >&2
    exit 2
fi

echo "set-up: $("$found" --version) into $venv"
rm -rf "$venv"
if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --no-python-downloads --python "$(command -v "$found")" "$venv"
    uv pip sync --quiet --python "$venv/bin/python" --require-hashes "$lock"
    uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
else
    "$found" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --require-hashes --requirement "$lock"
    "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
fi
# Compile the native search once; later processes load it from disk.
"$venv/bin/python" -c "from solvers.native import warm_up; warm_up()"
