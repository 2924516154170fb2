#!/bin/sh
# Runs the tests, with SLOW=1 also those that are marked as slow, or those that the arguments name. The
# browser tests have a process of their own: Playwright's event loop would break every async test
# after it.
set -eu
cd "$(dirname "$0")/.."
# What an installation sets must not reach the tests, which have settings of their own.
unset DJANGO_SETTINGS_MODULE DEBUG SECRET_KEY SECRET_KEY_FALLBACKS ENCRYPTION_KEYS ALLOWED_HOSTS HTTPS DATABASE_URL REDIS_URL \
    RUCKUS_API_URL RUCKUS_REGION ALLOWED_PROPERTIES TRUSTED_PROXIES STAFF STAFF_HOST EMAIL_URL EMAIL_FROM TIME_ZONE LOG_LEVEL WEB_CONCURRENCY
pytest=".venv/bin/python -m pytest"

if [ $# -gt 0 ]; then
    exec $pytest "$@"
fi

marked="not slow"
[ "${SLOW:-}" ] && marked=
unit=passed
faults=passed
browser=passed
# Counting lines would double the time of the fault matrix, which waits more than it works.
log=$(mktemp)
$pytest tests --ignore=tests/browser --ignore=tests/faults --ignore=tests/tooling --ignore=tests/cluster \
    -m "$marked" --numprocesses=2 --dist=worksteal --cov --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered \
    >"$log" 2>&1 &
beside=$!
trap 'kill $beside; rm -f "$log"' EXIT
trap 'exit 130' INT TERM
# Not in the background, where a shell has its programs ignore the interrupt that the demo must heed.
$pytest tests/faults tests/tooling -m "$marked" || faults=FAILED
wait $beside || unit=FAILED
trap 'rm -f "$log"' EXIT
cat "$log"
# A file stays in one process, so that its tests can share a server. They wait a third of their time.
$pytest tests/browser -m "$marked" --numprocesses=3 --dist=loadfile || browser=FAILED
echo "Unit tests and coverage: $unit. Faults and tooling: $faults. Browser tests: $browser."
[ "$unit$faults$browser" = passedpassedpassed ]
