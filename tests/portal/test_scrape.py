"""/metrics: on a port of its own or with a token, and for nobody else."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from common import metrics
from portal import __version__, asgi
from sandbox import seeds
from tests.browser.portal import PortalProcess
from tests.portal.test_asgi import ENDED, STARTED, Client, ask, live
from tests.residents.conftest import Sandbox

TOKEN = "as long as a token for metrics has to be"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def application(sandbox: Sandbox) -> asgi.Portal:
    return asgi.Portal()


@pytest.fixture
def token(settings) -> None:
    settings.METRICS_TOKEN, settings.METRICS_PORT = TOKEN, 0


async def on(port: int, application: asgi.Portal, path: str = "/metrics", method: str = "GET"):
    """The status and the body of a request that came in by this port."""
    client = Client(application, b"", server=("127.0.0.1", port), path=path, method=method)
    status = await client()
    return status, client.sent[-1]["body"].decode()


async def test_who_has_the_token_reads_the_metrics(application, token):
    told = await ask(application, "GET", "/metrics", headers=BEARER)
    assert told.status_code == 200
    assert told.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert told.headers["Cache-Control"] == "no-store"
    assert "# TYPE portal_requests_total counter" in told.text
    head = await ask(application, "HEAD", "/metrics", headers=BEARER)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "sent", [None, "", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"]
)
async def test_nobody_else_does(application, token, sent):
    headers = {} if sent is None else {"Authorization": sent.encode()}
    told = await ask(application, "GET", "/metrics", headers=headers)
    assert told.status_code == 401
    assert told.headers["WWW-Authenticate"] == "Bearer"
    assert "portal_" not in told.text


async def test_nothing_can_be_sent_to_it(application, token):
    assert (await ask(application, "POST", "/metrics", headers=BEARER)).status_code == 405


async def test_a_port_of_its_own_has_the_metrics_and_nothing_else(application, settings):
    settings.METRICS_TOKEN, settings.METRICS_PORT = "", 9100
    status, told = await on(9100, application)
    assert status == 200
    assert "portal_requests_total" in told
    for path in ("/", "/healthz/", "/static/portal.js", "/metrics/", "/help/"):
        assert (await on(9100, application, path))[0] == 404
    # The port of the portal does not know it.
    assert (await on(8000, application))[0] == 404
    assert (await on(8000, application, "/healthz/"))[0] == 200


async def test_no_header_makes_the_port_of_the_portal_that_of_the_metrics(application, settings):
    settings.METRICS_TOKEN, settings.METRICS_PORT = "", 9100
    headers = {"X-Forwarded-Port": "9100", "X-Forwarded-Host": "testserver:9100"}
    told = await ask(application, "GET", "/metrics", headers=headers)
    assert told.status_code == 404
    told = await ask(application, "GET", "/metrics", headers={"Host": "testserver:9100"})
    assert "portal_" not in told.text


async def test_both_together_ask_for_the_token_at_the_port(application, settings):
    settings.METRICS_TOKEN, settings.METRICS_PORT = TOKEN, 9100
    assert (await on(9100, application))[0] == 401
    assert (await ask(application, "GET", "/metrics", headers=BEARER)).status_code == 404


async def test_without_either_there_is_none(application, settings, monkeypatch):
    settings.METRICS_TOKEN, settings.METRICS_PORT = "", 0
    monkeypatch.setattr(metrics, "ON", False)
    assert (await ask(application, "GET", "/metrics")).status_code == 404


async def test_a_unix_socket_has_no_port(application, settings):
    settings.METRICS_TOKEN, settings.METRICS_PORT = "", 9100
    client = Client(application, b"", server=None, path="/metrics", method="GET")
    assert await client() == 404


async def test_who_begins_says_its_version_and_watches_its_loop(application, monkeypatch, caplog):
    caplog.set_level("INFO", logger="portal")
    application.begin()
    assert application.watching
    application.watching.cancel()
    [line] = [record for record in caplog.records if record.message == "The portal serves"]
    assert line.version == __version__
    labels = {"version": __version__}
    assert metrics.REGISTRY.get_sample_value("portal_info", labels) == 1
    monkeypatch.setattr(metrics, "ON", False)
    quiet = asgi.Portal()
    assert await live(quiet) == [STARTED, ENDED]
    assert quiet.watching is None


# Under gunicorn -----------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def figure(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def workers_of(master: int) -> list[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [int(child) for child in children]


async def test_workers_count_together_and_one_that_dies_takes_nothing_along(tmp_path: Path):
    port = free_port()
    portal = PortalProcess(tmp_path, "http://127.0.0.1:9")
    portal.environment |= {"METRICS_PORT": str(port), "WEB_CONCURRENCY": "2"}
    home = seeds.homes()[0]
    up = f'portal_info{{version="{__version__}"}}'

    def scraped() -> str:
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
        assert answer.status_code == 200
        return answer.text

    def until(workers: int) -> str:
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(httpx.TransportError):
                told = scraped()
                if figure(told, up) == workers:
                    return told
            assert time.monotonic() < end
            time.sleep(0.1)

    def visit(times: int) -> None:
        for _ in range(times):
            # A connection of its own, so that either worker may get it.
            assert httpx.get(f"{portal.url}/p/", trust_env=False).status_code == 200

    def play() -> None:
        with portal:
            until(2)
            assert httpx.get(f"{portal.url}/metrics", trust_env=False).status_code == 404
            visit(20)
            served = figure(scraped(), 'portal_requests_total{route="start",status="2xx"}')
            assert served == 20
            first = workers_of(portal.process.pid)[0]
            os.kill(first, signal.SIGKILL)
            while first in workers_of(portal.process.pid):
                time.sleep(0.05)
            told = until(2)
            assert figure(told, 'portal_requests_total{route="start",status="2xx"}') == 20
            visit(5)
            told = scraped()
            assert figure(told, 'portal_requests_total{route="start",status="2xx"}') == 25
            assert figure(told, "portal_loop_lag_seconds_count") > 0
            assert home.property_id not in told

    before = directories()
    await asyncio.to_thread(play)
    assert directories() <= before


def directories() -> set[Path]:
    return {path for root in ("/dev/shm", "/tmp") for path in Path(root).glob("portal-metrics-*")}
