#!/bin/sh
# Makes .venv as the locks say: `sh tools/setup.sh` to run Writethru, `sh tools/setup.sh dev` to test it too.
# Set-up that is already as the locks say is left alone; any that was broken off, moved or lost its Python is
# made again from nothing.
set -eu
cd "$(dirname "$0")/.."
# Another active environment, or a personal pip setting, must not decide what goes where.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

python=.venv/bin/python
stamp=.venv/.installed
unfinished=.venv/.unfinished

# A name proves nothing: a version manager's shim may refuse to run, Debian splits ensurepip off, and a Python
# built without OpenSSL or SQLite starts all the same. So a candidate has to show what we need of it.
is_usable() {
    "$1" -c 'import ensurepip, sqlite3, ssl, sys, venv
ensurepip.version()
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 </dev/null
}

# Every match on PATH counts, not only each name's first: a broken one may hide a good one.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_usable "$PYTHON" && echo "$PYTHON"
        return
    fi
    for name in python3.13 python3.12 python3.11 python3 python; do
        (
            IFS=:
            set -f
            for folder in $PATH; do
                if [ -x "$folder/$name" ] && is_usable "$folder/$name"; then
                    echo "$folder/$name"
                    exit 0
                fi
            done
            exit 1
        ) && return
    done
    return 1
}

make_environment() {
    if ! found=$(find_python); then
        echo "Writethru needs a Python 3.11, 3.12 or 3.13 that can make virtual environments and found none:" \
            "install one (on Debian or Ubuntu with its python3-venv package)," \
            "or name one, as in 'make demo PYTHON=/path/to/python3'." >&2
        exit 2
    fi
    echo "Setting up .venv with $("$found" --version); the first time takes a minute or so." >&2
    rm -rf .venv
    mkdir .venv
    : >"$unfinished"
    "$found" -m venv .venv
}

# What is installed depends on the lock, on the project's own metadata and on where the project stands.
wanted() {
    pwd
    cksum pyproject.toml tools/pip.lock "$1"
}

install() {
    : >"$unfinished"
    rm -f "$stamp"
    # The pip that comes with a Python may be one that looks past a lock for what is asked for with an extra.
    "$python" -m pip install -qq --no-input --require-hashes -r tools/pip.lock
    "$python" -m pip install -qq --no-input --require-hashes -r "$1"
    "$python" -m pip install -qq --no-input --no-deps --no-build-isolation -e .
    wanted "$1" >"$stamp"
    rm -f "$unfinished"
}

has() {
    [ -e "$stamp" ] && [ "$(wanted "$1")" = "$(cat "$stamp")" ]
}

was_moved() {
    [ -e "$stamp" ] && [ "$(pwd)" != "$(head -n 1 "$stamp")" ]
}

if [ -e "$unfinished" ] || was_moved || ! is_usable "$python"; then
    make_environment
fi
if [ "${1:-}" = dev ]; then
    has requirements-dev.lock || install requirements-dev.lock
else
    # The development lock holds all of the other and more.
    has requirements.lock || has requirements-dev.lock || install requirements.lock
fi
