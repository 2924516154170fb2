"""Sessions at rest: of no use to a reader, ended for good, and not lost with Redis."""

import asyncio
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis as sync_redis
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.utils import timezone

from common import keys, redis, throttle
from common.file_limit import shares
from common.models import AwaitedWrite, Session
from common.sessions import ASK, SessionStore, copy_key, end_all, hashed, mark_copy, spare_key
from tests.residents.browser import Browser
from tests.residents.conftest import Sandbox, seeded

HOME = seeded("full branding")


# The table --------------------------------------------------------------------------------------


def secrets_of(sandbox: Sandbox, browser: Browser) -> list[str]:
    """What must stand nowhere: the cookie, tokens, the access code, passphrases, who it is."""
    unit = sandbox.state.units[HOME.unit_guid]
    contact = unit.contact
    return [
        browser.cookie,
        *sandbox.state.tokens,
        HOME.secret,
        *(str(user.passphrase) for user in unit.users),
        *(str(user.name) for user in unit.users if user.type == "LINKED"),
        contact.name,
        contact.email,
        contact.phone,
        unit.guid,
        HOME.property_id,
    ]


async def visit(sandbox: Sandbox, browser: Browser) -> None:
    """As much as a resident can do that a session might remember."""
    user = sandbox.user(HOME)
    sandbox.state.switches.late = True
    sandbox.state.switches.accepted_delay = 3600.0
    page = await browser.get(f"/wifi/unit/{user.id}/choose/")
    await browser.submit(page, "Save passphrase", passphrase="a passphrase of ours")
    page = await browser.get("/contact/")
    await browser.submit(page, "Save contact details", name="Somebody Else")


async def test_the_table_lets_nobody_in_and_tells_nothing(resident, sandbox):
    browser = await resident()
    await visit(sandbox, browser)
    rows = [row async for row in Session.objects.values()]
    assert len(rows) == 1
    dump = str(rows)
    for secret in [*secrets_of(sandbox, browser), "a passphrase of ours", "Somebody Else"]:
        assert secret not in dump
    # What lies there as key is no cookie.
    thief = Browser()
    thief.client.cookies["session"] = rows[0]["session_key"]
    assert (await thief.get("/contact/")).status == 401


async def test_the_data_of_a_session_is_of_no_use_under_another_key(resident):
    browser, thief = await resident(), await resident("45 users")
    stolen = await Session.objects.aget(session_key=hashed(browser.cookie))
    await Session.objects.filter(session_key=hashed(thief.cookie)).aupdate(
        session_data=stolen.session_data
    )
    assert (await thief.get("/contact/")).status == 401


@pytest.mark.parametrize("data", ["", "x", "gAAAAA", "é", "x" * 5000])
async def test_a_session_that_cannot_be_read_is_signed_out(resident, data):
    browser = await resident()
    await Session.objects.aupdate(session_data=data)
    assert (await browser.get("/contact/")).status == 401
    assert not browser.cookie
    assert not await Session.objects.aexists()


def test_data_that_is_no_json_is_nothing():
    store = SessionStore("cookie")
    assert store.decode(store.encode({"a": 1})) == {"a": 1}
    key = str(store.session_key).encode()
    for broken in (key + b"{", key):
        assert store.decode(keys.ring(keys.SESSIONS).encrypt(broken)) == {}


async def test_all_sessions_of_a_home_end_and_of_no_other(resident):
    for shows in ("full branding", "full branding", "45 users"):
        await resident(shows)
    marks = [mark async for mark in Session.objects.values_list("home", flat=True)]
    mine = max(marks, key=marks.count)
    assert await end_all(mine) == 2
    assert await end_all(mine) == 0
    assert await Session.objects.acount() == 1


def test_django_s_own_tools_can_use_the_sessions(db):
    store = SessionStore()
    store["a"] = 1
    store.save()
    again = SessionStore(store.cookie_value)
    assert again["a"] == 1
    again.delete()
    assert SessionStore(store.cookie_value).load() == {}
    SessionStore().delete()


# Redis ------------------------------------------------------------------------------------------


class Server:
    """A real redis-server on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        assert program, "The tests need redis-server: make test installs it."
        self.program, self.folder = program, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + 30
        while True:
            try:
                with sync_redis.Redis.from_url(self.url) as client:
                    client.ping()
                return
            except sync_redis.ConnectionError:
                assert time.monotonic() < end
                time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def dump(self) -> dict[str, str]:
        with sync_redis.Redis.from_url(self.url, decode_responses=True) as client:
            return {
                key: str(client.get(key))
                for key in client.scan_iter()
                if client.type(key) == "string"
            }

    def send(self, *command: Any) -> Any:
        with sync_redis.Redis.from_url(self.url) as client:
            return client.execute_command(*command)


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(one_server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Server:
    if one_server.process is None:
        one_server.start()
    one_server.send("FLUSHALL")
    settings.REDIS_URL = one_server.url
    monkeypatch.setattr(redis, "resting_until", 0.0)
    return one_server


@contextlib.asynccontextmanager
async def closing() -> AsyncIterator[None]:
    try:
        yield
    finally:
        await redis.close()


class Counted:
    """Counts the queries of sessions while it is used."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def __call__(self, execute: Any, sql: str, *args: Any) -> Any:
        if "session" in sql:
            self.queries.append(sql.split(maxsplit=1)[0])
        return execute(sql, *args)

    async def __aenter__(self) -> "Counted":
        # In the thread whose connection the portal uses.
        await sync_to_async(lambda: connection.execute_wrappers.append(self))()
        return self

    async def __aexit__(self, *error: object) -> None:
        await sync_to_async(lambda: connection.execute_wrappers.remove(self))()


async def test_redis_holds_a_copy_and_the_database_is_not_asked(resident, server):
    async with closing():
        browser = await resident()
        async with Counted() as counted:
            assert (await browser.get("/")).heading == "Unit 2338"
        assert counted.queries == []
        # A copy lasts no longer than a minute; what is not there is put back.
        hidden = hashed(browser.cookie)
        assert 0 < int(server.send("TTL", copy_key(hidden))) <= 60
        # The one for when the database is down lasts a little longer.
        assert 60 < int(server.send("TTL", spare_key(hidden))) <= 900
        server.send("FLUSHALL")
        async with Counted() as counted:
            assert (await browser.get("/")).status == 200
            assert (await browser.get("/")).status == 200
        assert counted.queries == ["SELECT"]


async def test_redis_lets_nobody_in_and_tells_nothing(resident, sandbox, server):
    async with closing():
        browser = await resident()
        await visit(sandbox, browser)
        dump = json.dumps(server.dump(), ensure_ascii=False)
        assert "session" in dump
        for secret in [*secrets_of(sandbox, browser), "a passphrase of ours", "Somebody Else"]:
            assert secret not in dump
        assert "127.0.0.1" not in dump


async def test_redis_that_is_down_means_slower_and_not_signed_out(resident, server, monkeypatch):
    monkeypatch.setattr(redis, "REST", 3600.0)
    async with closing():
        browser = await resident()
        server.stop()
        for _ in range(3):
            assert (await browser.get("/")).heading == "Unit 2338"
        # It is left alone for a moment, and taken up again afterwards.
        assert redis.resting_until > time.monotonic()
        other = await resident("45 users")
        assert (await other.get("/")).heading == "Unit 4500"
        server.start()
        assert (await browser.get("/")).status == 200
        assert not server.dump()
        monkeypatch.setattr(redis, "resting_until", 0.0)
        assert (await browser.get("/")).status == 200
        assert server.dump()


async def test_signing_in_and_out_works_while_redis_is_down(resident, server):
    async with closing():
        server.stop()
        browser = await resident()
        cookie = browser.cookie
        gone = await browser.submit(await browser.get("/"), "Sign out")
        assert gone.heading == "You’re signed out"
        browser.client.cookies["session"] = cookie
        assert (await browser.get("/contact/")).status == 401


async def test_a_sign_out_leaves_a_mark_that_no_late_request_can_overwrite(resident, server):
    async with closing():
        browser = await resident()
        cookie = browser.cookie
        # A request that read the session just before.
        late = SessionStore(cookie)
        await late.aget("token")
        stored = await Session.objects.aget()
        await browser.submit(await browser.get("/"), "Sign out")
        key = f"portal:session:{hashed(cookie)}"
        assert server.dump()[key] == "ended"
        assert spare_key(hashed(cookie)) not in server.dump()
        await late.write_copy(stored.session_data, 60, only_if_absent=True)
        await late.write_copy(stored.session_data, 60)
        assert server.dump()[key] == "ended"
        assert spare_key(hashed(cookie)) not in server.dump()
        # Even where the database still had it, the mark is believed.
        await stored.asave(force_insert=True)
        thief = Browser()
        thief.client.cookies["session"] = cookie
        assert (await thief.get("/contact/")).status == 401


async def test_signing_in_clears_away_what_is_awaited_no_longer(resident):
    now = timezone.now()
    for user, ends in (("over", now), ("awaited", now + timedelta(minutes=1))):
        await AwaitedWrite.objects.acreate(home="somebody's", user=user, ends=ends)
    await resident()
    assert [write.user async for write in AwaitedWrite.objects.all()] == ["awaited"]


async def test_no_copy_hides_that_another_browser_has_changed_something(resident, sandbox, server):
    sandbox.state.switches.accepted = True
    async with closing():
        phone, laptop = await resident(), await resident()
        for browser in (phone, laptop):
            await browser.get("/")
        # A request that read the laptop's session just before.
        key = copy_key(hashed(laptop.cookie))
        copied = server.dump()[key]
        user = sandbox.user(seeded("full branding"))
        asked = await phone.get(f"/wifi/unit/{user.id}/reset/")
        await phone.submit(asked, "Reset passphrase")
        late = SessionStore(laptop.cookie)
        await late.write_copy(copied, 60)
        await late.write_copy(copied, 60, only_if_absent=True)
        for browser in (phone, laptop):
            assert "Setting your new passphrase" in (await browser.get("/")).words
        # Nor is one made before it has come, when the mark is gone.
        server.send("FLUSHALL")
        for _ in range(2):
            assert "Setting your new passphrase" in (await laptop.get("/")).words
        assert not [name for name in server.dump() if name.startswith(key)]
        # A session that has ended stays ended.
        cookie = laptop.cookie
        await laptop.submit(await laptop.get("/"), "Sign out")
        await redis.try_call(mark_copy(hashed(cookie), ASK))
        assert server.dump()[copy_key(hashed(cookie))] == "ended"


async def test_signing_out_everywhere_ends_the_copies_too(resident, server):
    async with closing():
        phone, laptop = await resident(), await resident()
        await laptop.get("/")
        await phone.submit(await phone.get("/sign-out-everywhere/"), "Sign out everywhere")
        assert (await laptop.get("/contact/")).status == 401
        copies = {value for key, value in server.dump().items() if ":session:" in key}
        assert copies == {"ended"}


async def test_what_was_read_is_never_copied_over_what_was_written_meanwhile(
    resident, server, monkeypatch
):
    async with closing():
        browser = await resident()
        key = copy_key(hashed(browser.cookie))
        server.send("DEL", key)
        stored = SessionStore.stored

        def meanwhile(self: SessionStore) -> Session | None:
            found = stored(self)
            server.send("SET", key, "written meanwhile")
            return found

        monkeypatch.setattr(SessionStore, "stored", meanwhile)
        assert (await browser.get("/")).heading == "Unit 2338"
        assert server.dump()[key] == "written meanwhile"


async def test_while_the_database_is_down_a_spare_copy_shows_the_home(
    resident, server, monkeypatch
):
    async with closing():
        browser = await resident()
        hidden = hashed(browser.cookie)

        def down(self: SessionStore) -> Session | None:
            raise OperationalError

        monkeypatch.setattr(SessionStore, "stored", down)
        server.send("DEL", copy_key(hidden))
        assert (await browser.get("/")).heading == "Unit 2338"
        server.send("DEL", copy_key(hidden), spare_key(hidden))
        assert (await browser.get("/")).status == 503


async def test_a_session_without_anything_in_it_is_not_copied(db, server):
    async with closing():
        store = SessionStore()
        await store.acreate()
        assert await Session.objects.aexists()
        assert not server.dump()


@pytest.mark.parametrize("planted", ["nonsense", "", "gAAAAAB"])
async def test_a_copy_that_cannot_be_read_is_no_copy(resident, server, planted):
    async with closing():
        browser = await resident()
        server.send("SET", f"portal:session:{hashed(browser.cookie)}", planted)
        assert (await browser.get("/")).heading == "Unit 2338"


async def test_somebody_else_s_copy_is_no_session(resident, server):
    async with closing():
        browser, thief = await resident(), await resident("45 users")
        stolen = server.dump()[f"portal:session:{hashed(browser.cookie)}"]
        server.send("SET", f"portal:session:{hashed(thief.cookie)}", stolen)
        assert (await thief.get("/")).heading == "Unit 4500"


async def test_a_session_about_to_end_is_not_copied(resident, server, sandbox):
    async with closing():
        sandbox.state.switches.token_life = 1.5
        browser = await resident()
        key = f"portal:session:{hashed(browser.cookie)}"
        assert int(server.send("TTL", key)) <= 1
        store = SessionStore(browser.cookie)
        server.send("FLUSHALL")
        await store.write_copy("data", 0)
        assert not server.dump()


async def test_wrong_codes_are_counted_in_redis_as_they_are_here(server, settings):
    async def story() -> list[int]:
        waits = []
        for _ in range(throttle.FREE):
            waits.append(await throttle.start_attempt("203.0.113.9", HOME.property_id))
        for _ in range(3):
            waits.append(await throttle.start_attempt("203.0.113.9", HOME.property_id))
        waits.append(await throttle.start_attempt("203.0.113.10", HOME.property_id))
        for _ in range(40):
            waits.append(await throttle.start_attempt("203.0.113.11", HOME.property_id))
            await throttle.discount_attempt("203.0.113.11", HOME.property_id)
        return waits

    async with closing():
        throttle.local.clear()
        in_redis = await story()
        assert not throttle.local
        key = throttle.key_of("203.0.113.9", HOME.property_id)
        assert 0 < int(server.send("TTL", f"portal:tries:{key}")) <= throttle.WINDOW
        # An attempt that is taken back ends the wait only where it made the twentieth.
        wait = f"portal:wait:{throttle.key_of('203.0.113.9', HOME.property_id)}"
        server.send("DEL", wait)
        assert await throttle.start_attempt("203.0.113.9", HOME.property_id) == 0
        await throttle.discount_attempt("203.0.113.9", HOME.property_id)
        assert server.send("EXISTS", wait)
        await throttle.discount_attempt("203.0.113.9", HOME.property_id)
        assert not server.send("EXISTS", wait)
        settings.REDIS_URL = ""
        assert await story() == in_redis
        assert in_redis[throttle.FREE] == throttle.FIRST_WAIT
        throttle.local.clear()


async def test_a_sign_out_that_redis_missed_is_told_to_it_as_soon_as_it_is_back(
    resident, server, monkeypatch
):
    monkeypatch.setattr(redis, "REST", 3600.0)
    monkeypatch.setattr(redis, "AGAIN", 0.01)
    async with closing():
        browser = await resident()
        key = f"portal:session:{hashed(browser.cookie)}"
        page = await browser.get("/")
        server.stop()
        await browser.submit(page, "Sign out")
        [task] = redis.unfinished
        await asyncio.sleep(0.05)
        assert not task.done()
        server.start()
        async with asyncio.timeout(20):
            await task
        assert server.dump()[key] == "ended"
        assert not redis.unfinished


async def test_what_redis_missed_is_not_told_for_ever(server, monkeypatch):
    monkeypatch.setattr(redis, "AGAIN", 0.01)
    async with closing():
        server.stop()
        await redis.call_until_done(lambda redis: redis.ping(), 0.03)
        [task] = redis.unfinished
        async with asyncio.timeout(20):
            await task
        # And not at all once the worker ends.
        await redis.call_until_done(lambda redis: redis.ping(), 3600)
        [task] = redis.unfinished
        # Another event loop's are its own.
        other = SimpleNamespace(get_loop=lambda: None)
        monkeypatch.setattr(redis, "unfinished", [task, other])
    await asyncio.wait({task})
    assert task.cancelled()


async def test_a_rush_is_not_taken_for_a_redis_that_is_late(resident, server, settings):
    settings.REDIS_TIMEOUT = 0.05
    async with closing():
        browser = await resident()
        await browser.get("/")

        async def busy() -> None:
            while True:
                # As where hundreds of pages are made one after the other.
                time.sleep(0.1)  # noqa: ASYNC251
                await asyncio.sleep(0)

        work = asyncio.ensure_future(busy())
        stores = [SessionStore(browser.cookie) for _ in range(4 * shares().redis)]
        async with Counted() as counted:
            tokens = await asyncio.gather(*(store.aget("token") for store in stores))
        work.cancel()
        assert all(tokens)
        assert counted.queries == []
        assert redis.resting_until == 0.0
        assert int(server.send("INFO")["connected_clients"]) <= shares().redis + 1


async def test_a_redis_that_stands_still_is_given_up_in_time(server, settings):
    settings.REDIS_TIMEOUT = 0.2
    async with closing():
        assert await redis.try_call(lambda redis: redis.ping()) is True
        server.process.send_signal(signal.SIGSTOP)
        try:
            began = time.monotonic()
            assert await redis.try_call(lambda redis: redis.ping()) is None
            assert 0.15 < time.monotonic() - began < 5
            assert redis.resting_until > time.monotonic()
        finally:
            server.process.send_signal(signal.SIGCONT)
        redis.resting_until = 0.0
        assert await redis.try_call(lambda redis: redis.ping()) is True


async def test_each_event_loop_has_one_client_which_is_closed(server):
    async with closing():
        first = redis.client()
        assert redis.client() is first
        assert await redis.try_call(lambda redis: redis.ping()) is True
    assert asyncio.get_running_loop() not in redis.clients
    await redis.close()


async def test_an_answer_that_redis_refuses_counts_as_none(server):
    async with closing():
        assert await redis.try_call(lambda redis: redis.lpush("a"), "otherwise") == "otherwise"
        assert redis.resting_until > time.monotonic()
        redis.resting_until = 0.0


def test_without_redis_nothing_is_asked(settings):
    assert settings.REDIS_URL == ""
    assert asyncio.run(redis.try_call(lambda redis: 1 / 0, "otherwise")) == "otherwise"
