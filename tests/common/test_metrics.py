"""What is counted: names and labels are few, nothing is when it is off, and all workers count together."""

import asyncio
import contextlib
import time
from typing import Any

import pytest
from django.db import OperationalError, connection

from common import database, metrics, redis
from common.property.cache import PropertyCache
from common.upstream import make_upstream
from ruckus.errors import ApiError, NotFound, NotSignedIn, TooBusy, Unavailable
from ruckus.observer import NOBODY
from tests.faults.waiting import until
from tests.residents.conftest import seeded
from tests.security.redis import RedisProcess

HOME = seeded("full branding")


def value(name: str, **labels: str) -> float:
    """The figure as it is now."""
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


class Growth:
    """How much a figure has grown since."""

    def __init__(self, name: str, **labels: str) -> None:
        self.name, self.labels, self.before = name, labels, value(name, **labels)

    @property
    def now(self) -> float:
        return value(self.name, **self.labels) - self.before


@pytest.fixture
def off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "ON", False)


# Pages --------------------------------------------------------------------------------------------


async def test_a_request_is_counted_by_the_name_of_its_address(visitor):
    count = Growth("portal_requests_total", route="welcome", status="2xx")
    seconds = Growth("portal_request_seconds_count", route="welcome")
    lost = Growth("portal_requests_total", route="none", status="4xx")
    for _ in range(2):
        assert (await visitor.get(f"/p/{HOME.property_id}/")).status == 200
    assert (await visitor.get("/nothing/")).status == 404
    assert (count.now, seconds.now, lost.now) == (2, 2, 1)


async def test_no_label_holds_what_a_property_or_a_home_is_called(resident):
    await resident()
    told = metrics.exposition().decode()
    assert 'route="home"' in told
    for secret in (
        HOME.property_id,
        HOME.property_id.replace("-", ""),
        HOME.secret,
        HOME.unit_guid,
    ):
        assert secret not in told


async def test_sign_ins_are_counted_by_what_came_of_them(visitor):
    taken, refused, waits = (
        Growth("portal_sign_ins_total", result=result)
        for result in ("taken", "refused", "told to wait")
    )
    wrong = await visitor.get(f"/p/{HOME.property_id}/wrong/")
    for _ in range(20):
        await visitor.submit(wrong, "Open my Wi-Fi")
    await visitor.submit(wrong, "Open my Wi-Fi")
    assert (taken.now, refused.now, waits.now) == (0, 20, 1)


async def test_a_reset_is_counted_when_it_is_sent_and_when_it_is_seen(resident, sandbox):
    sandbox.state.switches.accepted = True
    sandbox.state.switches.accepted_delay = 3600.0
    taken = Growth("portal_sign_ins_total", result="taken")
    sent, seen = (
        Growth("portal_writes_total", what="passphrase", state=state) for state in ("sent", "seen")
    )
    browser = await resident()
    assert taken.now == 1
    wifi = f"/wifi/unit/{sandbox.user(HOME).id}/"
    await browser.submit(await browser.get(f"{wifi}reset/"), "Reset passphrase")
    await browser.get(wifi)
    assert (sent.now, seen.now) == (1, 0)
    sandbox.state.settle(everything=True)
    await browser.get(wifi)
    await browser.get(wifi)
    assert (sent.now, seen.now) == (1, 1)


# Calls --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "ok"),
        (NotSignedIn("op", 401), "4xx"),
        (NotFound("op"), "not sent"),
        (TooBusy("op"), "bucket"),
        (TooBusy("op", 429), "429"),
        (Unavailable("op", "status 502", 502), "5xx"),
        (Unavailable("op", "body", 200), "body"),
        (Unavailable("op", "breaker"), "breaker"),
    ],
)
def test_outcomes_are_few_words(error: ApiError | None, outcome: str):
    count = Growth("portal_upstream_calls_total", operation="op", outcome=outcome)
    seconds = Growth("portal_upstream_seconds_count", operation="op")
    metrics.Calls().called("op", 0.2, error)
    assert count.now == 1
    assert seconds.now == (outcome not in {"not sent", "bucket", "breaker"})
    metrics.Calls().called("op", 0.2, error)
    assert count.now == 2


def test_waits_refusals_and_the_breaker_are_told():
    waits = Growth("portal_budget_wait_seconds_sum", budget="property")
    refusals = Growth("portal_budget_refusals_total", budget="property")
    calls = metrics.Calls()
    calls.waited("property", 0.25)
    calls.refused("property")
    assert (waits.now, refusals.now) == (0.25, 1)
    elsewhere = metrics.Calls()
    for of, is_open, number in [
        (calls, True, 1),
        (calls, True, 1),
        (elsewhere, True, 2),
        (calls, False, 1),
        (elsewhere, False, 0),
    ]:
        of.turned(is_open=is_open)
        assert value("portal_breaker_open") == number


async def test_the_upstream_of_the_settings_tells_of_its_calls(off):
    assert make_upstream().observer is NOBODY


async def test_the_upstream_of_the_settings_tells_of_its_calls_where_metrics_are_on():
    assert isinstance(make_upstream().observer, metrics.Calls)


# What is remembered and stored --------------------------------------------------------------------


async def test_looks_at_the_cache_are_counted_by_what_there_was(settings):
    found = {
        what: Growth("portal_property_cache_total", found=what)
        for what in ("fresh", "stale", "fetched", "missing")
    }
    table: PropertyCache[str] = PropertyCache(10)
    never = asyncio.Event()

    async def fetch() -> str:
        return "value"

    async def wait() -> str:
        await never.wait()
        return "late"

    settings.PROPERTY_CACHE_SECONDS = 60.0
    await table.get("p", fetch)
    await table.get("p", fetch)
    settings.PROPERTY_CACHE_SECONDS = 0.0
    await table.get("p", fetch)
    await table.get("other", wait, patience=0.01)
    assert {what: growth.now for what, growth in found.items()} == dict.fromkeys(found, 1)
    never.set()


@pytest.mark.django_db
def test_statements_are_timed_once_however_often_a_connection_is_made():
    metrics.watch_database(connection)
    metrics.watch_database(connection)
    assert connection.execute_wrappers.count(metrics.timed) == 1
    seconds = Growth("portal_database_seconds_count")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with contextlib.suppress(Exception):
            cursor.execute("SELECT nothing")
    assert seconds.now == 2


@pytest.mark.django_db
async def test_waits_for_the_database_s_thread_are_timed_and_its_failures_counted():
    waits = Growth("portal_database_wait_seconds_sum")
    failures = Growth("portal_database_failures_total")
    thread, loop = database.DatabaseThread(), asyncio.get_running_loop()

    def fail() -> None:
        raise OperationalError("out of reach")

    slow = loop.run_in_executor(thread, time.sleep, 0.2)
    await loop.run_in_executor(thread, max, 1, 2)
    await slow
    assert waits.now > 0.1
    assert failures.now == 0
    with pytest.raises(OperationalError):
        await loop.run_in_executor(thread, fail)
    assert failures.now == 1


def test_statements_are_not_timed_when_metrics_are_off(off):
    class Connection:
        execute_wrappers: list[Any] = []  # noqa: RUF012

    metrics.watch_database(Connection)
    assert not Connection.execute_wrappers


async def test_calls_to_redis_are_timed_and_their_failures_counted(settings, forgotten, tmp_path):
    seconds = Growth("portal_redis_seconds_count")
    failures = Growth("portal_redis_failures_total")
    with RedisProcess(tmp_path) as process:
        settings.REDIS_URL = process.url
        assert await redis.try_call(lambda client: client.ping())
        await redis.close()
    assert (seconds.now, failures.now) == (1, 0)
    assert await redis.try_call(lambda client: client.ping()) is None
    await redis.close()
    # What is not asked takes no time.
    assert await redis.try_call(lambda client: client.ping()) is None
    assert (seconds.now, failures.now) == (2, 1)


# The loop -----------------------------------------------------------------------------------------


async def test_a_loop_that_stands_still_is_late(monkeypatch):
    monkeypatch.setattr(metrics, "LAG_EVERY", 0.01)
    count = Growth("portal_loop_lag_seconds_count")
    lag = Growth("portal_loop_lag_seconds_sum")
    task = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251, this is what is to be noticed
    await until(lambda: count.now)
    assert lag.now > 0.15
    task.cancel()


# Off, and together --------------------------------------------------------------------------------


def test_nothing_is_counted_when_metrics_are_off(off):
    before = metrics.exposition()
    metrics.count(metrics.SIGN_IN_TAKEN)
    metrics.answered("home", 200, 0.1)
    metrics.note(metrics.REDIS_SECONDS, 0.1)
    assert metrics.exposition() == before


def test_several_processes_tell_of_all_of_them(tmp_path, run):
    one = "import django; django.setup(); from common import metrics as m; m.count(m.TURNED_AWAY)"
    tell = f"{one}; print(m.exposition().decode())"
    variables = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    assert run("-c", one, **variables).returncode == 0
    told = run("-c", tell, **variables)
    assert "portal_turned_away_total 2.0" in told.stdout, told.stderr


def test_they_take_two_hundredths_of_a_pages_time_at_most(tmp_path, run):
    """All that a home page counts, in the files of several workers: 60 microseconds at most.

    A page takes 3 milliseconds of a processor (docs/performance.md).
    """
    page = """
import time, django
django.setup()
from common import metrics as m
calls = m.Calls()
def page():
    m.count(m.CACHE_FRESH)
    calls.called("fetchUnit", 0.1, None)
    calls.called("queryUnitUsers", 0.1, None)
    for _ in range(3):
        m.timed(lambda *_: None, "", (), False, {})
        m.note(m.DATABASE_WAIT_SECONDS, 0.001)
    m.note(m.REDIS_SECONDS, 0.001)
    m.answered("home", 200, 0.1)
def spent(times):
    start = time.process_time()
    for _ in range(times):
        page()
    return (time.process_time() - start) / times
page()
print(min(spent(1000) for _ in range(10)) * 1e6)
"""
    told = run(
        "-c",
        page,
        DJANGO_SETTINGS_MODULE="tests.settings",
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path),
    )
    assert 0 < float(told.stdout) < 60, told.stderr


def test_who_has_ended_tells_nothing_of_the_present(tmp_path, monkeypatch):
    def alive(pid: int, signal: int) -> None:
        assert signal == 0
        if pid == 1:
            raise ProcessLookupError
        if pid == 2:
            raise PermissionError

    monkeypatch.setattr("os.kill", alive)
    names = [f"{kind}_{pid}.db" for kind in ("gauge_livesum", "counter") for pid in (1, 2, 3)]
    for name in names:
        (tmp_path / name).touch()
    metrics.forget_the_dead(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(names) - {"gauge_livesum_1.db"}


def test_the_figures_of_the_files_are_told_where_there_are_some(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert metrics.exposition() == b""
