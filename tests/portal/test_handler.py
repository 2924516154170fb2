"""How the portal's application runs a request: on the event loop, with as few threads as can be."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings

from portal.asgi import application
from tests.residents.browser import Browser
from tests.residents.conftest import Gate, Resident, Sandbox


async def ask(browser: Browser, path: str = "/", method: str = "GET") -> httpx.Response:
    """Ask as a server would, with the browser's session."""
    wire = httpx.ASGITransport(application)
    cookies = {settings.SESSION_COOKIE_NAME: browser.cookie}
    async with httpx.AsyncClient(
        transport=wire, base_url="http://testserver", cookies=cookies
    ) as client:
        return await client.request(method, path)


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that were sent through a thread."""
    seen: list[str] = []
    cross: Callable[..., Any] = SyncToAsync.__call__

    async def crossing(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(getattr(self.func, "__qualname__", type(self.func).__name__))
        return await cross(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", crossing)
    return seen


async def test_a_warm_home_page_crosses_into_a_thread_for_its_session_alone(
    resident: Resident, hops: list[str]
) -> None:
    browser = await resident()
    assert (await ask(browser)).status_code == 200
    hops.clear()
    assert (await ask(browser)).status_code == 200
    assert hops == ["SessionStore.stored"]


async def test_a_page_for_nobody_crosses_into_no_thread(visitor: Browser, hops: list[str]) -> None:
    assert (await ask(visitor)).status_code == 200
    assert hops == []


async def test_a_refusal_of_the_api_crosses_into_no_other_thread_than_for_its_log(
    resident: Resident, sandbox: Sandbox, hops: list[str]
) -> None:
    browser = await resident()
    sandbox.fault(operation="residentFetchUnit", status=500)
    hops.clear()
    assert (await ask(browser)).status_code == 503
    assert hops == ["SessionStore.stored", "log_response"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_no_request_crosses_into_a_thread_to_be_announced(
    visitor: Browser, hops: list[str], method: str
) -> None:
    assert (await ask(visitor, "/healthz/", method)).status_code in (200, 403)
    assert set(hops) <= {"log_response"}


async def test_a_request_that_is_cut_off_ends_its_view(
    resident: Resident, sandbox: Sandbox
) -> None:
    browser = await resident()
    gate: Gate = sandbox.wire.hold_back("/units")
    task = asyncio.ensure_future(ask(browser))
    await gate.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.open.set()
    await asyncio.sleep(0)
    assert sandbox.calls("residentFetchUnit") == []
    assert (await ask(browser)).status_code == 200
