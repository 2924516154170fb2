"""What is counted and timed for operators: docs/metrics.md tells what to do about each.

No label holds a property, a home, an address or anything else that grows with use. Nothing is
counted unless METRICS_PORT or METRICS_TOKEN is set. Each process counts for itself, in memory; under
gunicorn in files of one directory, so that any worker can tell of all (see gunicorn.conf.py).
"""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from ruckus.errors import ApiError
from ruckus.observer import NOBODY, Observer

ON = bool(settings.METRICS_PORT or settings.METRICS_TOKEN)

REGISTRY = CollectorRegistry()

# Seconds. Few, since each is a row for each route.
OF_PAGES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OF_CALLS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OF_STORES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0)
OF_LAGS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

# Seconds between two looks at how late the event loop is.
LAG_EVERY = 1.0

INFO = Gauge(
    "portal_info",
    "Workers that serve, by the portal's version.",
    ["version"],
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
REQUESTS = Counter(
    "portal_requests_total",
    "Requests that were answered, by name of the address and class of the status.",
    ["route", "status"],
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "portal_request_seconds",
    "Seconds from a request to the start of its answer.",
    ["route"],
    buckets=OF_PAGES,
    registry=REGISTRY,
)
TURNED_AWAY = Counter(
    "portal_turned_away_total",
    "Requests that were told to wait because as many were served as files can be opened.",
    registry=REGISTRY,
)
CALLS = Counter(
    "portal_upstream_calls_total",
    "Calls to RUCKUS One, by operation and outcome.",
    ["operation", "outcome"],
    registry=REGISTRY,
)
CALL_SECONDS = Histogram(
    "portal_upstream_seconds",
    "Seconds of a call that was sent to RUCKUS One, its wait for the budget included.",
    ["operation"],
    buckets=OF_CALLS,
    registry=REGISTRY,
)
BREAKER = Gauge(
    "portal_breaker_open",
    "Breakers that are open, of each worker and each address: no calls are made for a moment.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
BUDGET_WAITS = Summary(
    "portal_budget_wait_seconds",
    "Waits of calls for their turn.",
    ["budget"],
    registry=REGISTRY,
)
BUDGET_REFUSALS = Counter(
    "portal_budget_refusals_total",
    "Calls that were not sent because their turn would have come too late.",
    ["budget"],
    registry=REGISTRY,
)
PROPERTY_CACHE = Counter(
    "portal_property_cache_total",
    "Looks for what belongs to a property, by what there was.",
    ["found"],
    registry=REGISTRY,
)
SIGN_INS = Counter(
    "portal_sign_ins_total",
    "Attempts of residents to sign in, by what came of them.",
    ["result"],
    registry=REGISTRY,
)
WRITES = Counter(
    "portal_writes_total",
    "New passphrases and contact details: sent, and seen to hold.",
    ["what", "state"],
    registry=REGISTRY,
)
DATABASE_SECONDS = Histogram(
    "portal_database_seconds",
    "Seconds of a statement of the database.",
    buckets=OF_STORES,
    registry=REGISTRY,
)
DATABASE_WAIT_SECONDS = Histogram(
    "portal_database_wait_seconds",
    "Seconds for which a call waited for the database's thread of its worker.",
    buckets=OF_STORES,
    registry=REGISTRY,
)
DATABASE_FAILURES = Counter(
    "portal_database_failures_total",
    "Calls to the database that failed, or that were given up after DATABASE_TIMEOUT.",
    registry=REGISTRY,
)
REDIS_SECONDS = Histogram(
    "portal_redis_seconds",
    "Seconds of a call to Redis.",
    buckets=OF_STORES,
    registry=REGISTRY,
)
REDIS_FAILURES = Counter(
    "portal_redis_failures_total",
    "Calls to Redis that failed or took longer than REDIS_TIMEOUT.",
    registry=REGISTRY,
)
LOOP_LAG = Histogram(
    "portal_loop_lag_seconds",
    "Seconds by which the event loop of a worker is late, once a second.",
    buckets=OF_LAGS,
    registry=REGISTRY,
)

# Looked up once: a label costs more than what it counts.
CACHE_FRESH, CACHE_STALE, CACHE_FETCHED, CACHE_MISSING = map(
    PROPERTY_CACHE.labels, ("fresh", "stale", "fetched", "missing")
)
SIGN_IN_TAKEN, SIGN_IN_REFUSED, SIGN_IN_EXPIRED, SIGN_IN_TOLD_TO_WAIT = map(
    SIGN_INS.labels, ("taken", "refused", "expired", "told to wait")
)
WRITES_SENT, WRITES_SEEN = (
    {what: WRITES.labels(what, state) for what in ("passphrase", "contact")}
    for state in ("sent", "seen")
)
_routes: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
_calls: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
# What a call ended with that was never sent: how long that took says nothing of RUCKUS One.
NOT_SENT = frozenset({"bucket", "breaker", "deadline", "not sent"})


def count(what: Counter) -> None:
    """Count one more."""
    if ON:
        what.inc()


def note(what: Histogram, seconds: float) -> None:
    """Note how long something took."""
    if ON:
        what.observe(seconds)


def answered(route: str, status: int, seconds: float) -> None:
    """Count a request, given the name of its address: few and fixed, unlike the address."""
    if not ON:
        return
    status //= 100
    found = _routes.get((route, status))
    if found is None:
        found = REQUESTS.labels(route, f"{status}xx"), REQUEST_SECONDS.labels(route)
        _routes[route, status] = found
    found[0].inc()
    found[1].observe(seconds)


def outcome_of(error: ApiError | None) -> str:
    """Return one of few words for how a call ended."""
    if error is None:
        return "ok"
    if error.status == 429:
        return "429"
    if error.status is not None and error.reason.startswith("status "):
        return f"{error.status // 100}xx"
    return error.reason


class Calls(Observer):
    """Counts what becomes of calls to one address of RUCKUS One."""

    def __init__(self) -> None:
        self.is_open = False

    def called(self, operation: str, seconds: float, error: ApiError | None) -> None:
        outcome = outcome_of(error)
        found = _calls.get((operation, outcome))
        if found is None:
            found = CALLS.labels(operation, outcome), CALL_SECONDS.labels(operation)
            _calls[operation, outcome] = found
        found[0].inc()
        if outcome not in NOT_SENT:
            found[1].observe(seconds)

    def waited(self, budget: str, seconds: float) -> None:
        BUDGET_WAITS.labels(budget).observe(seconds)

    def refused(self, budget: str) -> None:
        BUDGET_REFUSALS.labels(budget).inc()

    def turned(self, *, is_open: bool) -> None:
        # It opens anew each time that a call which was to find out fails.
        if is_open is not self.is_open:
            BREAKER.inc(1 if is_open else -1)
        self.is_open = is_open


def observer() -> Observer:
    """Return who is to be told of calls."""
    return Calls() if ON else NOBODY


def watch_database(connection: Any, **more: Any) -> None:
    """Time the statements of a connection; one that is made again keeps what times it."""
    if ON and timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(timed)


def timed(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        DATABASE_SECONDS.observe(time.perf_counter() - started)


def watch() -> None:
    """Time the statements of each connection from now on."""
    connection_created.connect(watch_database, dispatch_uid="metrics")


async def watch_loop() -> None:
    """Time without end how late the running event loop is."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(LAG_EVERY)
        LOOP_LAG.observe(max(0.0, loop.time() - before - LAG_EVERY))


def exposition() -> bytes:
    """Return all figures, of all processes where there are several, in Prometheus' text format."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return generate_latest(REGISTRY)
    forget_the_dead(Path(folder))
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def forget_the_dead(folder: Path) -> None:
    """Take processes that have ended out of what tells of the present; what they counted stays."""
    for path in folder.glob("gauge_live*.db"):
        try:
            os.kill(int(path.stem.rpartition("_")[2]), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except PermissionError:
            # It lives, as somebody else.
            pass
