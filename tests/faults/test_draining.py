"""A write that has begun is carried to its end, whoever leaves in the middle of it."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal.middleware import RequestLog
from sandbox import seeds
from tests.browser.portal import PortalProcess
from tests.faults.crowd import Member
from tests.faults.vendor import Exchange, Order, Vendor
from tests.faults.waiting import until

HOME = next(home for home in seeds.homes() if home.shows == "full branding")


@dataclass
class Gate:
    """Holds calls until it is opened. A call whose caller has hung up by then does nothing."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    done: int = 0
    abandoned: int = 0

    async def play(self, x: Exchange) -> None:
        self.waiting += 1
        hung_up = asyncio.ensure_future(x.silence())
        opened = asyncio.ensure_future(self.opened.wait())
        await asyncio.wait({hung_up, opened}, return_when=asyncio.FIRST_COMPLETED)
        opened.cancel()
        if hung_up.done():
            self.abandoned += 1
            return
        hung_up.cancel()
        await asyncio.wait({hung_up})
        await x.answer(await x.real())
        self.done += 1


@dataclass
class Site:
    """The portal with two workers; its vendor is in this process, to see each connection."""

    vendor: Vendor
    portal: PortalProcess

    def hold(self, operation: str) -> Gate:
        gate = Gate()
        self.vendor.orders[HOME.property_id] = Order(operation, gate.play)
        return gate

    @property
    def name(self) -> str:
        contact = self.vendor.state.units[HOME.unit_guid].contact
        assert contact
        return contact.name

    @property
    def sessions(self) -> int:
        with contextlib.closing(sqlite3.connect(self.portal.database, timeout=10)) as database:
            found: int = database.execute("SELECT count(*) FROM residents_session").fetchone()[0]
        return found

    @property
    def writes(self) -> int:
        return self.vendor.calls[HOME.property_id].count("residentEditUnit")


@asynccontextmanager
async def opened(folder: Path, **variables: str) -> AsyncIterator[Site]:
    async with Vendor() as vendor:
        process = PortalProcess(folder, vendor.url)
        process.environment |= {"WEB_CONCURRENCY": "2", "RUCKUS_DEADLINE": "8"} | variables
        await asyncio.to_thread(process.__enter__)
        try:
            yield Site(vendor, process)
        finally:
            await asyncio.to_thread(process.stop)


@asynccontextmanager
async def member(site: Site) -> AsyncIterator[Member]:
    resident = Member(site.portal.url, HOME, 0, writes=True)
    await resident.sign_in()
    yield resident
    await resident.http.aclose()


async def test_a_write_outlives_the_resident_who_asked_for_it(tmp_path: Path):
    async with opened(tmp_path) as site, member(site) as resident:
        gate = site.hold("residentEditUnit")
        write = asyncio.create_task(resident.write())
        await until(lambda: gate.waiting)
        # httpx closes the connection of a request that is cancelled.
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
        # The portal has noticed, and ended the request, but not the write.
        await until(lambda: '"route": "contact/", "status": 499' in site.portal.log.read_text())
        assert not gate.abandoned
        gate.opened.set()
        await until(lambda: gate.done)
        assert site.name == "Resident 0 0"
        assert site.writes == 1
        assert await resident.look() == "page"


async def test_a_new_link_outlives_the_resident_who_asked_for_it(tmp_path: Path):
    async with opened(tmp_path) as site, member(site) as resident, member(site) as other:
        site.vendor.state.switches.tokens_outlive_link = True
        gate = site.hold("residentEditUnit")
        write = asyncio.create_task(resident.replace_link())
        await until(lambda: gate.waiting)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
        await until(lambda: '"status": 499' in site.portal.log.read_text())
        assert await other.look() == "page"
        gate.opened.set()
        await until(lambda: gate.done)
        assert site.vendor.state.units[HOME.unit_guid].access_code != HOME.secret
        assert site.writes == 1
        # The sessions end as well, of which nobody is told.
        await until(lambda: site.sessions == 0)
        assert await other.look() == await resident.look() == "signed out"


async def test_a_stop_ends_what_has_begun_and_begins_nothing_new(tmp_path: Path):
    async with opened(tmp_path) as site, member(site) as resident:
        # One resident has left a write behind, others wait for their pages.
        gate = site.hold("residentEditUnit")
        write = asyncio.create_task(resident.write())
        await until(lambda: gate.waiting)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
        held = site.hold("residentFetchUnit")
        cookies = httpx.Cookies(resident.http.cookies)
        clients = [resident.browser(cookies) for _ in range(5)]
        looks = [asyncio.create_task(client.get("/")) for client in clients]
        await until(lambda: held.waiting == len(looks))

        stop = asyncio.create_task(asyncio.to_thread(site.portal.stop))
        await until(lambda: refused(site.portal.url))
        assert not stop.done()
        assert not gate.abandoned + held.abandoned
        gate.opened.set()
        held.opened.set()
        for look in looks:
            answer = await look
            assert answer.status_code == 200
            assert "Unit 2338" in answer.text
        await stop
        for client in clients:
            await client.aclose()
    assert site.portal.process.returncode == 0
    assert (gate.done, gate.abandoned) == (1, 0)
    assert site.name == "Resident 0 0"
    assert site.writes == 1


async def test_a_process_that_drains_says_so_while_it_serves_on(tmp_path: Path):
    async with opened(tmp_path, DRAIN_SECONDS="2") as site, member(site) as resident:
        assert readiness(site.portal.url) == "ready\n"
        stop = asyncio.create_task(asyncio.to_thread(site.portal.stop))
        # On connections of their own, as load balancers ask.
        await until(lambda: readiness(site.portal.url) == "not ready: draining\n")
        assert await resident.look() == "page"
        await until(lambda: refused(site.portal.url))
        await stop
    assert site.portal.process.returncode == 0


async def test_a_client_that_hangs_up_is_no_fault_of_the_portal(rf: Any, caplog: Any):
    async def hung_up(request: Any) -> Any:
        raise asyncio.CancelledError

    request = rf.get("/")
    request.resolver_match = None
    caplog.set_level("INFO")
    with pytest.raises(asyncio.CancelledError):
        await RequestLog(hung_up)(request)
    [line] = caplog.records
    assert (line.status, line.levelname) == (499, "INFO")


def refused(url: str) -> Any:
    """Whether new connections are refused."""
    try:
        httpx.get(f"{url}/healthz/", trust_env=False, timeout=1)
    except httpx.TransportError:
        return True
    return False


def readiness(url: str) -> str:
    """What the portal answers to a load balancer."""
    return httpx.get(f"{url}/readyz", trust_env=False).text
