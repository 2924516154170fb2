"""Processes die and start again while residents are at work."""

import asyncio
import os
import signal
import time

import httpx
import pytest

from common.sessions import ENDED, copy_key, hashed
from sandbox import seeds
from tests.faults.conftest import Site
from tests.faults.crowd import GOOD, Crowd, Member, Step, outcome_of
from tests.faults.waiting import until


async def fresh_workers(site: Site, *gone: int) -> None:
    """Waits until there are two workers again, and none of these."""
    await until(lambda: len(site.workers) == 2 and not set(gone) & set(site.workers))


def in_flight(step: Step, when: float) -> bool:
    # A request that began just after may have gone to a socket whose other end was already dead.
    return step.began <= when + 1 and step.ended >= when


async def check_writes(site: Site, crowd: Crowd) -> None:
    """No write was done twice, and none was said to be done that was not."""
    puts = await asyncio.to_thread(site.vendor.calls, "residentEditUnit")
    told = [step for step in crowd.writes if step.outcome in ("saved", "sent")]
    assert told
    assert len(told) <= len(puts) <= len(crowd.writes)


@pytest.fixture(autouse=True)
def busy(site: Site) -> None:
    """Calls take a while, so that some are always under way; they are counted from here."""
    site.vendor.switches(latency=0.15)
    site.vendor.clear_calls()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
async def test_a_worker_that_ends_takes_nobody_s_session_with_it(site: Site, number):
    async with Crowd(site.portal.url) as crowd:
        victim = site.workers[0]
        when = time.monotonic()
        os.kill(victim, number)
        await fresh_workers(site, victim)
        await crowd.goes_on()
        await crowd.rest()
        await check_writes(site, crowd)
        failures = crowd.failures
    assert not [step for step in failures if step.outcome == "signed out"]
    assert all(in_flight(step, when) for step in failures), failures
    assert len(failures) <= len(crowd.members)


@pytest.mark.slow
async def test_a_reload_takes_nobody_s_session_with_it(site: Site):
    async with Crowd(site.portal.url) as crowd:
        former = site.workers
        site.portal.process.send_signal(signal.SIGHUP)
        await fresh_workers(site, *former)
        await crowd.goes_on()
        await crowd.rest()
        await check_writes(site, crowd)
    assert not crowd.failures


@pytest.mark.slow
async def test_redis_can_stop_and_start_under_load(site: Site):
    async with Crowd(site.portal.url) as crowd:
        for _ in range(2):
            await asyncio.to_thread(site.redis.__exit__)
            await crowd.goes_on()
            await asyncio.to_thread(site.redis.__enter__)
            await crowd.goes_on()
        await crowd.rest()
        await check_writes(site, crowd)
    assert not crowd.failures
    assert {step.outcome for step in crowd.steps} <= set(GOOD)


async def test_signing_out_while_redis_is_down_holds_when_it_is_back(site: Site):
    member = Member(site.portal.url, seeds.homes()[0], 0, writes=False)
    await member.sign_in()
    cookies = httpx.Cookies(member.http.cookies)
    key = copy_key(hashed(cookies["session"]))

    async def is_copied() -> bool:
        assert await member.look() == "page"
        return key.encode() in await asyncio.to_thread(site.redis.dump)

    # What Redis knows then it will know again, as if it had only been out of reach.
    await until(is_copied)
    await asyncio.to_thread(site.redis.__exit__)
    await member.sign_out()
    await asyncio.to_thread(site.redis.__enter__)
    await until(lambda: site.redis.client.get(key) in (ENDED, None))
    # Both workers are asked: each connection goes to one of them.
    for _ in range(10):
        async with member.browser(cookies) as other:
            assert outcome_of(await other.get("/")) == "signed out"
    await member.http.aclose()
