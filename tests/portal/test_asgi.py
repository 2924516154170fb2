"""The way in: bounds, HEAD, the end of a worker, one log line, and few threads."""

import asyncio
import io
import json
import logging
from typing import Any

import asgiref.sync
import httpx
import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils.module_loading import import_string

from common import keys, redis, upstream
from common.logs import OncePerMinute
from common.models import Key
from portal import asgi, middleware, readiness
from tests.residents.browser import Browser
from tests.residents.conftest import Resident, Sandbox, seeded

HOME = seeded("full branding")
LIMIT = 64 * 1024


@pytest.fixture
def application(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> asgi.Portal:
    made = asgi.Portal()

    async def ready() -> list[str]:
        return []

    # It looks over a connection of its own, which a test's database in memory has none of.
    monkeypatch.setattr(made.readiness, "problems", ready)
    return made


async def ask(application: asgi.Portal, method: str, path: str, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.request(method, path, **more)


class Client:
    """An ASGI server's side of one request, message by message."""

    def __init__(self, application: asgi.Portal, *chunks: bytes, **scope: Any) -> None:
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": "/sign-out/",
            "raw_path": b"/sign-out/",
            "query_string": b"",
            "headers": [(b"host", b"testserver")],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "scheme": "http",
            "http_version": "1.1",
        } | scope
        self.chunks = list(chunks)
        self.read = 0
        self.sent: list[dict[str, Any]] = []
        self.application = application

    async def receive(self) -> dict[str, Any]:
        if not self.chunks:
            return {"type": "http.disconnect"}
        self.read += 1
        body = self.chunks.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self.chunks)}

    async def send(self, message: Any) -> None:
        self.sent.append(dict(message))

    async def __call__(self) -> int:
        await self.application(self.scope, self.receive, self.send)
        starts = [message for message in self.sent if message["type"] == "http.response.start"]
        assert len(starts) <= 1
        return int(starts[0]["status"]) if starts else 0


# Bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "length", [b"65537", b"9999999999999999999999", b"-1", b"x", b"", b"1e3", "٣".encode()]
)
async def test_a_body_that_says_it_is_too_large_is_not_read(application, length):
    headers = [(b"host", b"testserver"), (b"content-length", length)]
    client = Client(application, b"x", headers=headers)
    assert await client() == 413
    assert client.read == 0
    assert client.sent[-1]["body"]


async def test_a_body_that_grows_too_large_is_read_no_further(application):
    client = Client(application, *[b"x" * 10_000] * 1000)
    assert await client() == 413
    assert client.read == LIMIT // 10_000 + 1


async def test_a_body_within_the_bounds_reaches_django(application):
    client = Client(application, *[b"x" * 10_000] * 6)
    # Without its token the form is refused, by a page of ours.
    assert await client() == 403
    assert client.read == 6


async def test_a_client_that_leaves_while_it_sends_is_answered_nothing(application):
    client = Client(application)
    assert await client() == 0
    assert not client.sent


async def test_a_form_of_very_many_fields_is_a_400(application):
    body = "&".join(f"a{n}=1" for n in range(100))
    # With the cookie that a form is checked against, or it would not be looked into at all.
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrf={'a' * 32}"}
    answer = await ask(application, "POST", "/sign-out/", content=body, headers=headers)
    assert answer.status_code == 400


async def test_a_host_that_is_not_ours_is_a_400_page(application):
    answer = await ask(application, "GET", "/", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "Something’s missing from this address" in answer.text
    assert "elsewhere" not in answer.text


async def test_a_head_request_has_no_body_and_the_headers_of_a_get(application):
    for path in ("/", "/robots.txt", "/nothing/"):
        get = await ask(application, "GET", path, headers={"Accept-Encoding": "identity"})
        client = Client(application, b"", method="HEAD", path=path)
        assert await client() == get.status_code
        assert all(not message.get("body") for message in client.sent)
        names = {name.decode().lower() for name, _ in client.sent[0]["headers"]}
        assert set(get.headers) <= names


async def test_what_is_neither_http_nor_the_server_s_own_is_left_alone(application):
    client = Client(application, type="websocket")
    assert await client() == 0


async def test_past_so_many_requests_at_work_the_next_is_told_to_wait(
    application, resident, sandbox, lines
):
    browser = await resident()
    application.most_clients = 2
    gate = sandbox.wire.hold_back("/units")
    at_work = [asyncio.create_task(signed_in(browser, application, "/")) for _ in range(2)]
    await gate.reached.wait()
    while application.at_work < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    refused = await ask(application, "GET", "/")
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert refused.headers["connection"] == "close"
    assert "We’re busy right now" in refused.text
    gate.open.set()
    assert [answer.status_code for answer in await asyncio.gather(*at_work)] == [200, 200]
    assert (await signed_in(browser, application, "/")).status_code == 200
    assert [line["message"] for line in lines() if line["logger"] == "portal.limits"] == [
        "Very many clients are served: further ones are told to wait"
    ]


async def test_a_static_file_is_served_without_django(sandbox, settings, tmp_path):
    (tmp_path / "plain.txt").write_text("plain")
    settings.STATIC_ROOT = tmp_path
    settings.SECURE_HSTS_SECONDS = 60
    answer = await ask(asgi.Portal(), "GET", "/static/plain.txt")
    assert answer.text == "plain"
    assert answer.headers["strict-transport-security"].startswith("max-age=60;")
    assert "x-request-id" not in answer.headers


async def test_plain_http_is_sent_to_https_before_any_view(sandbox, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = await ask(asgi.Portal(), "GET", "/help/")
    assert (answer.status_code, answer.headers["location"]) == (301, "https://testserver/help/")


async def test_where_very_many_are_connected_no_idle_one_is_kept(application):
    application.most_clients = 2
    application.clients = lambda: 2
    assert "connection" not in (await ask(application, "GET", "/")).headers
    application.clients = lambda: 3
    answer = await ask(application, "GET", "/")
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")


# The life of a worker -------------------------------------------------------------------------


async def live(application: asgi.Portal) -> list[dict[str, str]]:
    """What the application says while a worker starts and ends."""
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent = []

    async def receive() -> dict[str, str]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    await application({"type": "lifespan"}, receive, send)
    return sent


STARTED, ENDED = {"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}


async def test_what_belongs_to_a_worker_is_closed_with_it(application, sandbox, monkeypatch):
    closed = []

    async def close() -> None:
        closed.append("redis")

    monkeypatch.setattr(redis, "close", close)
    loop = asyncio.get_running_loop()
    upstream.upstream()
    assert loop in upstream._upstreams
    assert await live(application) == [STARTED, ENDED]
    assert loop not in upstream._upstreams
    assert closed == ["redis"]


async def test_a_worker_has_read_the_key_of_digests_before_it_serves(application, monkeypatch):
    monkeypatch.setattr(keys, "digest_secret", "")
    assert await live(application) == [STARTED, ENDED]
    assert keys.digest_secret


async def test_a_worker_without_the_key_of_its_database_does_not_start_and_says_why(
    application, monkeypatch, settings
):
    monkeypatch.setattr(keys, "digest_secret", "")
    await keys.ready()
    monkeypatch.setattr(keys, "digest_secret", "")
    settings.SECRET_KEY = "another"
    [failed] = await live(application)
    assert failed["type"] == "lifespan.startup.failed"
    assert "SECRET_KEY_FALLBACKS" in failed["message"]


async def test_a_worker_starts_while_the_database_is_down(
    application, monkeypatch, lines, resident
):
    monkeypatch.setattr(keys, "digest_secret", "")
    with monkeypatch.context() as outage:
        outage.setattr(Key.objects, "get_or_create", down)
        assert await live(application) == [STARTED, ENDED]
    assert "The database can't be used: out of reach" in [
        line["message"] for line in lines() if line["logger"] == "portal.limits"
    ]
    # The first request after that reads what could not be read.
    assert await resident()
    assert keys.digest_secret


@pytest.mark.parametrize("problem", [readiness.DATABASE, readiness.MIGRATIONS])
async def test_a_worker_asks_nothing_of_a_database_that_it_has_found_unfit(
    application, monkeypatch, problem
):
    async def unfit() -> list[str]:
        return [problem]

    monkeypatch.setattr(application.readiness, "problems", unfit)
    monkeypatch.setattr(application, "warm_up", unfit)
    monkeypatch.setattr(keys, "digest_secret", "")
    assert await live(application) == [STARTED, ENDED]
    assert not keys.digest_secret


def down(**_: Any) -> None:
    raise OperationalError("out of reach")


# Threads --------------------------------------------------------------------------------------


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What crosses from the event loop into a thread, by name."""
    seen: list[str] = []
    cross = asgiref.sync.SyncToAsync.__call__

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        function = getattr(self.func, "func", self.func)
        seen.append(getattr(function, "__qualname__", type(function).__name__))
        return await cross(self, *args, **kwargs)

    monkeypatch.setattr(asgiref.sync.SyncToAsync, "__call__", counted)

    async def to_thread(function: Any, *args: Any) -> Any:
        seen.append(function.__qualname__)
        return function(*args)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    return seen


async def signed_in(browser: Browser, application: asgi.Portal, path: str) -> httpx.Response:
    cookies = {name: morsel.value for name, morsel in browser.client.cookies.items()}
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return await ask(application, "GET", path, headers={"Cookie": header})


async def test_a_warm_home_page_crosses_into_a_thread_for_its_session_alone(
    resident: Resident, application, hops
):
    browser = await resident()
    await signed_in(browser, application, "/")
    hops.clear()
    answer = await signed_in(browser, application, "/")
    assert answer.status_code == 200
    # The one query of the session; everything else stays on the event loop.
    assert hops == ["SessionStore.stored"]


@pytest.mark.parametrize("path", ["/", "/robots.txt", "/healthz/", f"/p/{HOME.property_id}/"])
async def test_pages_for_strangers_cross_into_no_thread(application, hops, path):
    await ask(application, "GET", path)
    hops.clear()
    await ask(application, "GET", path)
    assert hops == []


async def test_an_address_that_does_not_exist_crosses_for_django_s_page_and_its_log(
    application, hops
):
    await ask(application, "GET", "/nothing/")
    assert hops == ["response_for_exception", "log_response"]


# Log lines ------------------------------------------------------------------------------------


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The portal's log as it is written, one JSON object a line."""
    written = io.StringIO()
    [handler] = [
        handler
        for handler in logging.getLogger().handlers
        if type(getattr(handler, "formatter", None)).__name__ == "Line"
    ]
    monkeypatch.setattr(handler, "stream", written)
    # What was said a moment ago was said in another test.
    for each in handler.filters:
        if isinstance(each, OncePerMinute):
            each.said.clear()

    def read() -> list[dict[str, Any]]:
        found = [json.loads(line) for line in written.getvalue().splitlines()]
        # The client of these tests has a log of its own.
        return [line for line in found if line["logger"] != "httpx"]

    return read


async def test_each_request_is_one_line_with_its_route_and_no_path(application, lines):
    answers = [
        await ask(application, "GET", f"/p/{HOME.property_id}/a-secret-code/?q=a-secret-code"),
        await ask(application, "GET", "/nothing/a-secret-code/"),
        await ask(application, "GET", "/help/", headers={"Referer": "http://x/a-secret-code"}),
        await ask(application, "POST", f"/p/{HOME.property_id}/", data={"secret": "a-secret-code"}),
        await ask(application, "GET", "/a-secret-code", headers={"Host": "a-secret-code.example"}),
    ]
    requests = [line for line in lines() if line["logger"] == "portal.requests"]
    assert [line["status"] for line in requests] == [answer.status_code for answer in answers]
    assert [line["request"] for line in requests] == [
        answer.headers["x-request-id"] for answer in answers
    ]
    assert len({line["request"] for line in requests}) == len(requests)
    assert requests[2]["route"] == "help/"
    assert "route" not in requests[1]
    for line in requests:
        assert line["message"] == "request"
        assert line["ms"] >= 0
        assert line["method"] in ("GET", "POST")
    assert "a-secret-code" not in json.dumps(lines())


async def test_a_fault_of_ours_is_written_down_with_its_request(
    application, resident, lines, monkeypatch
):
    browser = await resident()

    def broken(*args: Any) -> None:
        raise ZeroDivisionError("token=a-secret-code")

    monkeypatch.setattr("residents.views.home.sort_key", broken)
    answer = await signed_in(browser, application, "/")
    assert answer.status_code == 500
    [fault] = [line for line in lines() if line["logger"] == "django.request"]
    assert fault["level"] == "ERROR"
    assert "ZeroDivisionError" in fault["traceback"]
    [request] = [line for line in lines() if line.get("status") == 500 and "ms" in line]
    assert request["request"] == fault["request"] == answer.headers["x-request-id"]
    assert "a-secret-code" not in json.dumps(lines())


async def test_a_failed_call_is_a_line_with_the_request_it_belongs_to(
    application, resident, sandbox, lines
):
    browser = await resident()
    sandbox.fault(operation="residentFetchUnit", status=500)
    answer = await signed_in(browser, application, "/")
    assert answer.status_code == 503
    [call] = [line for line in lines() if line["logger"] == "ruckus"]
    assert call["operation"] == "residentFetchUnit"
    assert call["request"] == answer.headers["x-request-id"]
    assert HOME.property_id not in json.dumps(lines())


async def test_pages_are_compressed_with_random_padding(application):
    sizes = set()
    for _ in range(12):
        answer = await ask(application, "GET", "/", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["vary"]
        sizes.add(int(answer.headers["content-length"]))
    assert len(sizes) > 1


def test_all_middleware_is_ours_or_runs_on_the_loop():
    for name in settings.MIDDLEWARE:
        assert import_string(name).async_capable, name
        if name.startswith("portal."):
            cls = import_string(name)
            assert cls in (middleware.RequestLog, middleware.Session) or issubclass(
                cls, middleware.Inline
            )
