#!/bin/sh
# Everything that can be said about the code without running it.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

step() {
    echo "$*"
    python -m "$@"
}

# `manage.py` with settings that an installation might have: check --deploy must be silent then.
manage() {
    echo "manage.py $*"
    SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=portal.example \
        RUCKUS_REGION=na DEBUG=off HTTPS=on DATABASE_URL=sqlite:///$scratch/portal.sqlite3 python -W error manage.py "$@"
}

step ruff check
step ruff format --check
step mypy
step mypy scripts gunicorn.conf.py
echo "djade"
git ls-files --cached --others --exclude-standard 'templates/*.html' | xargs djade --check --target-version 5.2
echo "stylelint"
node build/tools/node_modules/stylelint/bin/stylelint.mjs --config-basedir build/tools static/portal.css
echo "lint-imports"
lint-imports
# It looks at what an installation has made before.
manage migrate --noinput --verbosity=0
manage collectstatic --noinput --verbosity=0
manage check --deploy --fail-level WARNING
manage makemigrations --check --dry-run
echo "messages"
python scripts/messages.py check
echo "pins"
python scripts/pins.py
