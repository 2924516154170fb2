#!/bin/sh
# Runs all tests, or those that the arguments name. The browser tests have a process of their own:
# Playwright's event loop would break every async test after it.
set -eu
cd "$(dirname "$0")/.."
# What an installation sets must not reach the tests, which have settings of their own.
unset DJANGO_SETTINGS_MODULE DEBUG SECRET_KEY ENCRYPTION_KEYS ALLOWED_HOSTS HTTPS DATABASE_URL REDIS_URL \
    RUCKUS_API_URL RUCKUS_REGION ALLOWED_PROPERTIES TRUSTED_PROXIES TIME_ZONE LOG_LEVEL WEB_CONCURRENCY
pytest=".venv/bin/python -m pytest"

if [ $# -gt 0 ]; then
    exec $pytest "$@"
fi

unit=passed
browser=passed
# A file stays in one process, so that its tests can share a server.
$pytest tests --ignore=tests/browser --numprocesses="${TEST_WORKERS:-2}" --dist=loadfile \
    --cov=residents --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered || unit=FAILED
$pytest tests/browser --numprocesses="${TEST_WORKERS:-2}" --dist=loadfile || browser=FAILED
echo "Unit tests and coverage: $unit. Browser tests: $browser."
[ "$unit$browser" = passedpassed ]
