"""Two hosts behind a balancer, while parts of it are killed, frozen and upgraded.

The figures of each disaster are printed as a table; CLUSTER_TABLE names a file for it.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.cluster.residents import GOOD, SIGNED_OUT, TOLD_TO_WAIT, WRONG_HOME, Residents, Tally
from tests.cluster.site import Host, Site
from tests.faults.waiting import until

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("cluster")]

HEAD = (
    "disaster",
    "pages",
    "told to wait",
    "failed",
    "another's home",
    "sign-ins lost",
    "writes tried",
    "written",
    "longest wait",
)
rows: list[tuple[str, ...]] = []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("cluster")) as made:
        yield made
    table = "\n".join("| " + " | ".join(row) + " |" for row in [HEAD, ("---",) * len(HEAD), *rows])
    sys.stdout.write(f"\n{table}\n")
    if path := os.environ.get("CLUSTER_TABLE"):
        Path(path).write_text(table + "\n")


@asynccontextmanager
async def at_work(site: Site, disaster: str) -> AsyncIterator[Callable[[], Tally]]:
    """Residents at work before, during and after a disaster, and what they have to say of it."""
    site.vendor.clear_calls()
    start = time.monotonic()
    async with Residents(site.balancer.url, site.balancer.trusting()) as residents:
        await residents.all_well()
        start = time.monotonic()
        site.vendor.clear_calls()
        yield lambda: residents.since(start)
        await residents.all_well()
    tally = residents.since(start)
    written = writes(site)
    rows.append(
        (
            disaster,
            str(tally.count(*GOOD)),
            str(tally.count(TOLD_TO_WAIT)),
            str(len(tally.failures)),
            str(tally.count(WRONG_HOME)),
            str(tally.count(SIGNED_OUT)),
            str(tally.sent),
            str(written),
            f"{tally.longest:.1f} s",
        )
    )
    assert tally.count(WRONG_HOME) == 0
    assert tally.count(SIGNED_OUT) == 0, [s for s in tally.steps if s.outcome == SIGNED_OUT]
    # No write was done twice.
    assert written <= tally.sent
    # Together, the hosts stay within the limit of calls of each property.
    assert refused(site) == 0


def writes(site: Site) -> int:
    """The writes that reached the vendor."""
    names = ("residentEditUnit", "updateUnitUser")
    return sum(call["operation"] in names for call in site.vendor.calls())


def refused(site: Site) -> int:
    """The calls that were past the vendor's limit for their property, which it counts itself."""
    return sum(call["status"] == 429 for call in site.vendor.calls())


async def is_in_turn(host: Host) -> None:
    """Wait until the host answers by itself."""
    await until(lambda: answers(host))


def answers(host: Host) -> bool:
    try:
        address = f"http://{host.address}/readyz"
        return httpx.get(address, trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_host_dies(site: Site):
    async with at_work(site, "kill −9 of a host") as so_far:
        await asyncio.to_thread(site.a.kill)
        await asyncio.sleep(5)
        await asyncio.to_thread(site.a.start)
        await is_in_turn(site.a)
    # One request a connection was under way at most, and none after the balancer knew.
    assert len(so_far().failures) <= 30, so_far().outcomes


async def test_a_worker_dies(site: Site):
    async with at_work(site, "kill −9 of a worker") as so_far:
        os.kill(site.b.workers[0], 9)
        await asyncio.sleep(5)
        await until(lambda: len(site.b.workers) == 2)
    assert len(so_far().failures) <= 20, so_far().outcomes


async def test_redis_starts_again(site: Site):
    async with at_work(site, "Redis restarted, empty") as so_far:
        await asyncio.to_thread(site.redis.__exit__)
        await asyncio.sleep(3)
        await asyncio.to_thread(site.redis.__enter__)
        await asyncio.sleep(3)
    assert not so_far().failures, so_far().outcomes


async def test_redis_freezes(site: Site):
    async with at_work(site, "Redis frozen for 10 s") as so_far:
        os.kill(site.redis.process.pid, 19)
        await asyncio.sleep(10)
        os.kill(site.redis.process.pid, 18)
        await asyncio.sleep(2)
    assert not so_far().failures, so_far().outcomes


async def test_postgresql_is_gone_for_ten_seconds(site: Site):
    async with at_work(site, "PostgreSQL down for 10 s") as so_far:
        await asyncio.to_thread(site.postgres.stop)
        await asyncio.sleep(10)
        await asyncio.to_thread(site.postgres.start)
        await asyncio.sleep(3)
    assert not so_far().failures, so_far().outcomes


async def test_postgresql_says_nothing_for_thirty_seconds(site: Site):
    async with at_work(site, "PostgreSQL frozen for 30 s") as so_far:
        site.postgres.stall()
        await asyncio.sleep(30)
        site.postgres.go_on()
        await asyncio.sleep(3)
    assert not so_far().failures, so_far().outcomes
    # Wide: a request's own deadline is 8 seconds.
    assert so_far().longest < 20


async def test_the_hosts_are_upgraded_one_after_the_other(site: Site):
    async with at_work(site, "rolling upgrade with a migration") as so_far:
        for host in (site.a, site.b):
            host.environment["DJANGO_SETTINGS_MODULE"] = "tests.cluster.later.settings"
            await asyncio.to_thread(host.stop)
            job = host.manage("migrate", "--noinput", "-v0")
            assert await asyncio.to_thread(job.wait, 60) == 0
            await asyncio.to_thread(host.start)
            await is_in_turn(host)
            await asyncio.sleep(3)
    assert not so_far().failures, so_far().outcomes


async def test_the_clocks_of_the_hosts_differ(site: Site):
    async with at_work(site, "a clock 90 s ahead") as so_far:
        await asyncio.to_thread(site.b.stop)
        site.b.environment["DJANGO_SETTINGS_MODULE"] = "tests.cluster.ahead"
        await asyncio.to_thread(site.b.start)
        await is_in_turn(site.b)
        await asyncio.sleep(5)
    assert not so_far().failures, so_far().outcomes
