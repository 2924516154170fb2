"""The whole portal over the whole sandbox, in one process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from common import redis, throttle
from common import upstream as upstreams
from common.property import brand, known, logo, public_brand
from ruckus import retry
from ruckus.budget import PROPERTY, Bucket, Cooldown
from ruckus.wire import Upstream
from sandbox import seeds
from sandbox.app import create_app
from sandbox.faults import Fault
from sandbox.state import State
from tests.residents.browser import Browser


def seeded(shows: str) -> seeds.Home:
    """The seeded home that is there to show this."""
    return next(home for home in seeds.homes() if home.shows == shows)


class Gate:
    """Where requests wait: `reached` is set when the first one has come, `open` lets all pass."""

    def __init__(self) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()


class Wire(httpx.AsyncBaseTransport):
    """The way to the sandbox."""

    def __init__(self, app: FastAPI) -> None:
        self.sandbox = httpx.ASGITransport(app)
        self.gates: dict[tuple[str, str], Gate] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # No real answer is there at once.
        await asyncio.sleep(0)
        for (end, method), gate in self.gates.items():
            if request.url.path.endswith(end) and method in ("", request.method):
                gate.reached.set()
                await gate.open.wait()
        return await self.sandbox.handle_async_request(request)

    def hold_back(self, end: str, method: str = "") -> Gate:
        """Requests (of this method) whose path ends so wait at this gate."""
        gate = self.gates[end, method] = Gate()
        return gate


class Sandbox:
    """The sandbox of one test: `state` is its world, `wire` the way to it."""

    def __init__(self, app: FastAPI) -> None:
        self.state: State = app.state.sandbox
        self.wire = Wire(app)
        self.upstreams: list[Upstream] = []
        self.plenty = False

    def unhurried(self) -> None:
        """Newcomers have as many calls as anybody, for tests of what else keeps them apart."""
        self.plenty = True

    def upstream(self, url: str = "http://sandbox") -> Upstream:
        made = Upstream(url, transport=self.wire, breaker=False)
        if self.plenty:
            made.newcomers = made.newcomers_looks = Bucket("plenty", PROPERTY)
        self.upstreams.append(made)
        return made

    def fault(self, kind: Any = "status", count: int = 1000, **more: Any) -> None:
        """The next calls, all of them unless fewer are meant, get this fault."""
        self.state.faults.append(Fault(kind, count=count, **more))

    def mended(self) -> None:
        """Everything works again, and the silence is over that a 429 asked for."""
        self.state.faults.clear()
        for upstream in self.upstreams:
            upstream.cooldown = upstream.strangers_cooldown = Cooldown()

    def calls(self, *operations: str) -> list[str]:
        """The operations called so far, or how often these were."""
        return [
            call["operation"]
            for call in self.state.calls
            if not operations or call["operation"] in operations
        ]

    def forget_calls(self) -> None:
        self.state.calls.clear()

    def user(self, home: seeds.Home, kind: str = "UNIT", name: str | None = None) -> seeds.User:
        """The user of this home as it is stored."""
        return next(
            user
            for user in self.state.units[home.unit_guid].users
            if user.type == kind and name in (None, user.name)
        )

    def profile(self, home: seeds.Home) -> seeds.Profile:
        profile = self.state.properties[home.property_id].profile
        assert profile is not None
        return profile


@pytest.fixture(scope="session")
def sandbox_app() -> FastAPI:
    return create_app()


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Nothing is remembered from an earlier test, nor left to a later one."""

    def forget() -> None:
        brand.brands.clear()
        logo.logos.clear()
        public_brand.public_brands.clear()
        public_brand.newcomers.clear()
        public_brand.looks.local.clear()
        known.forget()
        # Nothing is stored at the start of a test.
        known.was_read = True
        throttle.local.clear()
        redis.resting_until = 0.0

    forget()
    yield
    forget()


async def at_once(seconds: float) -> None:
    """Stands in for a wait."""
    await asyncio.sleep(0)


@pytest.fixture
def sandbox(
    db: None, forgotten: None, sandbox_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> Sandbox:
    """A freshly seeded sandbox, which is all that the portal can reach."""
    sandbox_app.state.sandbox = State()
    sandbox_app.state.sandbox.switches.bucket = False
    world = Sandbox(sandbox_app)
    monkeypatch.setattr(upstreams, "make_upstream", world.upstream)
    # Reads are still tried again, without waiting.
    monkeypatch.setattr(retry, "sleep", at_once)
    return world


@pytest.fixture
def visitor(sandbox: Sandbox) -> Browser:
    """A browser that is not signed in."""
    return Browser()


Resident = Callable[..., Awaitable[Browser]]


@pytest.fixture
def resident(sandbox: Sandbox) -> Resident:
    """Makes browsers that are signed in to the home that shows this."""

    async def sign_in(shows: str = "full branding", **defaults: Any) -> Browser:
        browser = Browser(**defaults)
        home = await browser.sign_in(seeded(shows))
        assert home.status in (200, 403), home.words
        sandbox.forget_calls()
        return browser

    return sign_in
