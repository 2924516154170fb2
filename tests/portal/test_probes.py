"""Probes: answered in fixed words before a host, a redirect or a bound can stand in the way."""

from typing import Any

import httpx
import pytest

from portal import asgi
from tests.portal.test_asgi import Client


@pytest.fixture
def application() -> asgi.Portal:
    return asgi.Portal()


def found(application: asgi.Portal, monkeypatch: pytest.MonkeyPatch, *problems: str) -> None:
    async def told() -> list[str]:
        return list(problems)

    monkeypatch.setattr(application.readiness, "problems", told)


async def ask(application: asgi.Portal, path: str, method: str = "GET") -> httpx.Response:
    """Ask as a load balancer does: by address, over plain HTTP."""
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://10.1.2.3:8000") as client:
        return await client.request(method, path)


@pytest.fixture(autouse=True)
def strict(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["wifi.example.org"]
    settings.SECURE_SSL_REDIRECT = True


async def test_a_process_that_lives_says_so_to_whoever_asks(application, monkeypatch):
    found(application, monkeypatch, "database")
    answer = await ask(application, "/livez")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_process_that_is_ready_says_so(application, monkeypatch):
    found(application, monkeypatch)
    answer = await ask(application, "/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


async def test_what_keeps_a_process_from_serving_is_named(application, monkeypatch):
    found(application, monkeypatch, "migrations", "static files")
    answer = await ask(application, "/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: migrations, static files\n")
    head = await ask(application, "/readyz", "HEAD")
    assert (head.status_code, head.text) == (503, "")


async def test_a_process_that_drains_says_so_and_keeps_no_connection(application):
    application.readiness.drain()
    answer = await ask(application, "/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: draining\n")
    assert answer.headers["connection"] == "close"
    assert (await ask(application, "/livez")).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_a_probe_is_for_looking(application, path):
    assert (await ask(application, path, "POST")).status_code == 405


async def test_a_rush_keeps_no_probe_waiting(application, monkeypatch):
    found(application, monkeypatch)
    application.at_work = application.most_clients
    assert await Client(application, path="/readyz", method="GET")() == 200
    assert await Client(application, b"", path="/", method="GET")() == 503


async def test_the_health_page_is_still_for_hosts_of_the_portal(application):
    assert (await ask(application, "/healthz/")).status_code == 400
