"""What one property goes through is nobody else's trouble, and an outage is told at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from common import upstream as upstreams
from ruckus import breaker, budget, wire
from tests.faults.catalogue import FAULTS
from tests.faults.cells import UNIT, USERS, Crossroads, Resident
from tests.faults.vendor import Order, Vendor

OUTAGE = "We can’t reach the Wi‑Fi system"
BUSY = "We’re busy "


class Clock:
    """The budget' clock, which stands still until it is told to go on."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class Street:
    """The portal before a vendor; every resident has a property of their own."""

    vendor: Vendor
    app: Any
    clock: Clock
    clients: list[httpx.AsyncClient]

    async def resident(self) -> Resident:
        transport = httpx.ASGITransport(app=self.app)
        http = httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=None)
        self.clients.append(http)
        resident = Resident(self.vendor, http)
        await resident.is_signed_in()
        resident.is_known()
        return resident

    def order(self, resident: Resident, fault: str, operation: str = UNIT) -> None:
        found = next(each for each in FAULTS if each.name == fault)
        self.vendor.orders[resident.property.id] = Order(operation, found.play, found.elsewhere)

    def calls(self, resident: Resident) -> int:
        return len(self.vendor.calls[resident.property.id])


@pytest.fixture
def street(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens a street for as long as its context lasts."""
    settings.RUCKUS_DEADLINE = 5.0
    from portal.asgi import Portal

    @asynccontextmanager
    async def opened() -> AsyncIterator[Street]:
        async with Vendor() as vendor:
            # The portal's own bucket stands before the vendor's, which never has to refuse.
            def make() -> Crossroads:
                return Crossroads(vendor, {"refused": vendor.refusing()}, deadline=5.0)

            monkeypatch.setattr(upstreams, "make_upstream", make)
            clock = Clock()
            monkeypatch.setattr(budget, "time", clock)
            monkeypatch.setattr(breaker, "time", clock)
            street = Street(vendor, Portal(), clock, [])
            try:
                yield street
            finally:
                for client in street.clients:
                    await client.aclose()
                await upstreams.close_upstream()

    return opened


async def pages(resident: Resident, count: int) -> list[httpx.Response]:
    """This many home pages, asked for at the same moment."""
    return list(await asyncio.gather(*(resident.get("/") for _ in range(count))))


def all_shown(answers: list[httpx.Response]) -> bool:
    return all(answer.status_code == 200 for answer in answers)


async def test_a_rush_on_one_property_leaves_the_others_their_calls(street, monkeypatch):
    # Small, so that the rush is one on any machine: two pages, and then a call in ten seconds.
    monkeypatch.setattr(wire, "PROPERTY", budget.Quota(1, burst=4))
    monkeypatch.setattr(budget, "PATIENCE", 0.05)
    async with street() as opened:
        crowded, *others = [await opened.resident() for _ in range(6)]
        rush, *calm = await asyncio.gather(pages(crowded, 30), *(pages(r, 1) for r in others))
    assert all(map(all_shown, calm))
    busy = [answer for answer in rush if answer.status_code == 503]
    assert len(busy) >= 20
    for answer in busy:
        assert BUSY in answer.text
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_property_that_the_vendor_wants_silent_is_silent_and_alone(street):
    async with street() as opened:
        loud, other = await opened.resident(), await opened.resident()
        opened.order(loud, "429, come back in an hour")
        first = await loud.get("/")
        asked = opened.calls(loud)
        again = await pages(loud, 20)
        assert opened.calls(loud) == asked
        assert all_shown(await pages(other, 10))
    assert first.status_code == 503
    for answer in again:
        assert answer.status_code == 503
        assert BUSY in answer.text
        # Nobody waits an hour on one property's word: five minutes is the most.
        assert 1 <= int(answer.headers["retry-after"]) <= 300


@pytest.mark.parametrize(
    "fault",
    ["500", "501", "HTML with 200", "deep JSON", "invalid UTF-8", "429 with nonsense", "404", "401",
     "403", "418", "gzip bomb", "truncated body", "not HTTP at all", "302 to elsewhere"],
)  # fmt: skip
async def test_one_property_s_bad_data_shuts_out_nobody_else(street, fault):
    async with street() as opened:
        bad, other = await opened.resident(), await opened.resident()
        for operation in (UNIT, USERS):
            opened.order(bad, fault, operation)
            await pages(bad, 15)
            # 401 ends a session, and the next is as bad.
            await bad.is_signed_in()
            await pages(bad, 15)
        assert all_shown(await pages(other, 3))


@pytest.mark.parametrize("fault", ["refused", "502", "503", "504"])
async def test_an_outage_is_told_at_once_and_ends_by_itself(street, fault):
    async with street() as opened:
        unlucky, other = await opened.resident(), await opened.resident()
        opened.order(unlucky, fault)
        # Each page asks up to three times, and twenty failures open the breaker.
        for answer in await pages(unlucky, 10):
            assert answer.status_code == 503
        asked = opened.calls(other)
        answer = await other.get("/")
        assert (answer.status_code, OUTAGE in answer.text) == (503, True)
        assert int(answer.headers["retry-after"]) >= 1
        assert opened.calls(other) == asked, "The vendor was asked while the breaker was open"

        opened.vendor.orders.clear()
        opened.clock.now += 5.1
        # The first call is a probe, beside which no other is let through yet.
        await other.get("/")
        assert all_shown(await pages(unlucky, 5))
        assert all_shown(await pages(other, 5))


async def test_a_write_is_not_sent_while_the_breaker_is_open_and_the_form_says_so(street):
    async with street() as opened:
        unlucky, other = await opened.resident(), await opened.resident()
        opened.order(unlucky, "refused")
        await pages(unlucky, 10)
        asked = opened.calls(other)
        answer = await other.post("/contact/", name="Hush Typed", email="", phone_number="")
        assert opened.calls(other) == asked
    assert answer.status_code == 503
    assert OUTAGE in answer.text
    assert "Hush Typed" in answer.text
