#!/bin/sh
# Runs all tests, or those that the arguments name. The browser tests have a process of their own:
# Playwright's event loop would break every async test after it.
set -eu
cd "$(dirname "$0")/.."
export DJANGO_SETTINGS_MODULE=portal.settings
pytest=".venv/bin/python -m pytest"

if [ $# -gt 0 ]; then
    exec $pytest "$@"
fi

unit=passed
browser=passed
$pytest tests --ignore=tests/browser --numprocesses="${TEST_WORKERS:-2}" --dist=loadgroup \
    --cov=residents --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered || unit=FAILED
$pytest tests/browser || browser=FAILED
echo "Unit tests and coverage: $unit. Browser tests: $browser."
[ "$unit$browser" = passedpassed ]
