#!/bin/sh
# Runs the unit tests with Django 6, which needs Python 3.12: the portal stays with 5.2 LTS until the
# next one, and uses what both have. Arguments go to pytest. PYTHON may name a Python.
set -eu
cd "$(dirname "$0")/.."
unset DJANGO_SETTINGS_MODULE DEBUG SECRET_KEY ENCRYPTION_KEYS ALLOWED_HOSTS HTTPS DATABASE_URL REDIS_URL \
    RUCKUS_API_URL RUCKUS_REGION ALLOWED_PROPERTIES TRUSTED_PROXIES TIME_ZONE LOG_LEVEL WEB_CONCURRENCY

# pyenv's names on PATH answer only for the version that it has switched on, so its folders count, too.
python=
for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python; do
    if "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "No Python 3.12 or later was found, so nothing was tested with Django 6; name one with PYTHON=…" >&2
    exit 1
fi
sh scripts/need.sh redis-server postgresql

venv=build/django6
pip="$venv/bin/python -m pip install --quiet --no-input --progress-bar off --disable-pip-version-check"
"$python" -m venv --clear "$venv"
$pip --no-deps --require-hashes --only-binary :all: -r requirements/dev.txt
# Not pinned: what the newest release would break is what is to be found out.
$pip --only-binary :all: --upgrade 'django>=6,<7'
"$venv/bin/python" -c 'import django, sys; print("Django", django.__version__, "on Python", sys.version.split()[0])'
exec "$venv/bin/python" -m pytest tests \
    --ignore=tests/browser --ignore=tests/faults --ignore=tests/tooling "$@"
