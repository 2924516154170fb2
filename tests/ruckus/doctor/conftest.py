"""Sandboxes at made-up addresses, and the way to them."""

import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest

from ruckus import regions, retry
from ruckus.authorization import TokenStyle
from ruckus.doctor import Report, examine
from ruckus.doctor.finding import Finding
from ruckus.doctor.way_in import Configured
from ruckus.wire import Upstream
from sandbox import seeds
from sandbox.app import create_app
from sandbox.faults import Fault
from sandbox.state import State

OURS = regions.REGIONS["na"]
IS_SET = Configured(OURS, "RUCKUS_REGION", "na")


def seeded(shows: str) -> seeds.Home:
    """The seeded home that is there to show this."""
    return next(home for home in seeds.homes() if home.shows == shows)


class World(httpx.AsyncBaseTransport):
    """Sandboxes by their address; any other host has no name."""

    def __init__(self) -> None:
        self.apps: dict[str, Any] = {}
        self.asked: list[httpx.Request] = []
        self.open: set[Upstream] = set()
        self.add(OURS)

    def add(self, address: str) -> State:
        app = self.apps[address] = create_app()
        state: State = app.state.sandbox
        return state

    def state(self, address: str = OURS) -> State:
        found: State = self.apps[address].state.sandbox
        return found

    def fault(self, kind: Any = "status", address: str = OURS, **more: Any) -> None:
        self.state(address).faults.append(Fault(kind, count=1000, **more))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        app = self.apps.get(f"{request.url.scheme}://{request.url.netloc.decode()}")
        if app is None:
            raise httpx.ConnectError("no such name", request=request)
        return await httpx.ASGITransport(app).handle_async_request(request)

    def connect(self, address: str, style: TokenStyle | None) -> Upstream:
        return Upstream(address, transport=self, breaker=False, token_style=style, deadline=2.0)

    @property
    def sign_ins(self) -> list[str]:
        """The hosts that were asked to sign in, in order."""
        return [ask.url.host for ask in self.asked if ask.url.path.endswith("/units/logins")]

    async def examine(
        self,
        shows: str = "full branding",
        *,
        configured: Configured = IS_SET,
        addresses: Iterable[str] | None = None,
        codes: Iterable[str] | None = None,
    ) -> Report:
        home = seeded(shows)
        return await examine(
            self.connect,
            configured,
            list(addresses or regions.addresses("na")),
            property_id=home.property_id,
            codes=[home.secret] if codes is None else list(codes),
        )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    async def at_once(seconds: float) -> None:
        pass

    # Reads are still tried again, without waiting.
    monkeypatch.setattr(retry, "sleep", at_once)
    return World()


def about(findings: Iterable[Finding], name: str) -> Finding:
    """The one finding about this."""
    [found] = [finding for finding in findings if finding.about == name]
    return found


@contextlib.asynccontextmanager
async def real(**options: Any) -> AsyncIterator[Any]:
    """A way to real addresses, closed at the end."""
    opened = []

    def connect(address: str, style: TokenStyle | None) -> Upstream:
        opened.append(Upstream(address, token_style=style, **options))
        return opened[-1]

    try:
        yield connect
    finally:
        for upstream in opened:
            await upstream.aclose()
