"""Sessions and counts in a real Redis: what its dump tells, and what its races let through."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings

from residents import session_store, shared_redis, throttle
from residents.models import Session
from residents.session_store import SessionStore, copy_key, hashed
from tests.residents.conftest import seeded
from tests.security.redis import RedisProcess

HOME = seeded("full branding")
WELCOME = "Open your property’s link"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with RedisProcess(tmp_path_factory.mktemp("redis")) as process:
        yield process


@asynccontextmanager
async def used(server: RedisProcess) -> AsyncIterator[Any]:
    """The portal uses this Redis, which is empty at first; gives a client of it."""
    await sync_to_async(server.client.flushall)()
    shared_redis.resting_until = 0.0
    with override_settings(REDIS_URL=server.url):
        try:
            yield server.client
        finally:
            await shared_redis.close()


async def copies(redis: Any) -> dict[bytes, bytes]:
    def read() -> dict[bytes, bytes]:
        return {key: redis.get(key) for key in redis.keys("portal:session:*")}

    return await sync_to_async(read)()


async def test_a_request_that_saves_its_session_late_does_not_bring_it_back(server, resident):
    async with used(server) as redis:
        browser = await resident()
        slow = SessionStore(browser.cookie)
        await slow.aset("seen", 1.0)
        await browser.submit(await browser.get("/"), "Sign out")
        # The row was written just before it was deleted; what is left of the request is the copy.
        await slow.keep_copy(slow.encode(await slow._aget_session()), 60)
        assert set((await copies(redis)).values()) == {b"ended"}
        browser.client.cookies["session"] = slow.cookie_value
        assert (await browser.get("/")).heading == WELCOME


async def test_a_request_that_read_the_row_does_not_copy_it_after_sign_out(server, resident):
    async with used(server) as redis:
        browser = await resident()
        cookie = browser.cookie
        row = await Session.objects.aget()
        await browser.submit(await browser.get("/"), "Sign out")
        late = SessionStore(cookie)
        await late.keep_copy(row.session_data, 60, only_if_absent=True)
        assert set((await copies(redis)).values()) == {b"ended"}


async def test_signing_out_everywhere_reaches_the_copies_too(server, resident):
    async with used(server) as redis:
        phone, laptop, neighbour = await resident(), await resident(), await resident("45 users")
        for browser in (phone, laptop, neighbour):
            await browser.get("/contact/")
        assert b"ended" not in (await copies(redis)).values()
        await phone.submit(await phone.get("/sign-out-everywhere/"), "Sign out everywhere")
        assert (await laptop.get("/")).heading == WELCOME
        assert (await phone.get("/")).heading == WELCOME
        assert (await neighbour.get("/")).heading == "Unit 4500"


async def test_a_copy_put_under_another_key_opens_nothing(server, resident):
    async with used(server) as redis:
        mine, theirs = await resident(), await resident("45 users")
        stolen = (await copies(redis))[copy_key(hashed(theirs.cookie)).encode()]
        await sync_to_async(redis.set)(copy_key(hashed(mine.cookie)), stolen)
        # What can't be read is as good as no copy: the database is asked.
        assert (await mine.get("/")).heading == "Unit 2338"


async def test_redis_counts_wrong_codes_and_keeps_no_count_for_ever(server):
    async with used(server) as redis:
        for _ in range(throttle.FREE):
            assert await throttle.begin("203.0.113.7", HOME.property_id) == 0
        assert 1 <= await throttle.begin("203.0.113.7", HOME.property_id) <= throttle.FIRST_WAIT
        assert await throttle.begin("203.0.113.8", HOME.property_id) == 0
        # Counted while Redis was down: taking it back must not leave a count without an end.
        await throttle.succeeded("203.0.113.9", HOME.property_id)

        def ends() -> dict[bytes, int]:
            return {key: redis.ttl(key) for key in redis.keys("portal:*")}

        lives = await sync_to_async(ends)()
        assert lives
        assert all(0 < seconds <= throttle.WINDOW for seconds in lives.values()), lives


async def test_a_dump_names_no_address_and_no_session_that_could_be_presented(server, resident):
    async with used(server):
        browser = await resident()
        await throttle.begin("203.0.113.7", HOME.property_id)
        dump = await sync_to_async(server.dump)()
        assert copy_key(session_store.hashed(browser.cookie)).encode() in dump
        user = HOME.unit.users[0]
        for secret in (
            browser.cookie,
            HOME.secret,
            user.passphrase,
            "203.0.113.7",
            HOME.unit.number,
        ):
            assert secret.encode() not in dump
