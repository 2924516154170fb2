"""What Redis misses while it is down it is told when it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings

from common import redis as our_redis
from common.sessions import ENDED, copy_key, hashed
from tests.faults.waiting import until
from tests.residents.conftest import forgotten, resident, sandbox, sandbox_app
from tests.security.redis import RedisProcess

__all__ = ["forgotten", "resident", "sandbox", "sandbox_app"]


@asynccontextmanager
async def redis_in(folder: Path) -> AsyncIterator[RedisProcess]:
    process = RedisProcess(folder)
    await sync_to_async(process.__enter__)()
    with override_settings(REDIS_URL=process.url):
        try:
            yield process
        finally:
            await our_redis.close()
            await sync_to_async(process.__exit__)()


async def test_a_sign_out_that_redis_missed_is_told_again(tmp_path: Path, resident: Any):
    async with redis_in(tmp_path) as redis:
        browser = await resident()
        cookie = browser.cookie
        key = copy_key(hashed(cookie))
        home = await browser.get("/")
        assert key.encode() in await sync_to_async(redis.dump)()
        await sync_to_async(redis.__exit__)()
        await browser.submit(home, "Sign out")
        await sync_to_async(redis.__enter__)()
        await until(lambda: redis.client.get(key) == ENDED)
        assert not our_redis.unfinished
        browser.client.cookies["session"] = cookie
        assert (await browser.get("/")).heading == "Use the link from your building"


async def test_redis_is_not_told_for_ever(
    tmp_path: Path, resident: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(our_redis, "AGAIN", 0.01)
    async with redis_in(tmp_path) as redis:
        await sync_to_async(redis.__exit__)()
        calls = []

        async def call(client: Any) -> None:
            calls.append(client)
            raise ConnectionError

        await our_redis.call_until_done(call, 0.1)
        await until(lambda: not our_redis.unfinished)
        assert len(calls) > 1
        await sync_to_async(redis.__enter__)()


async def test_a_worker_that_ends_tells_redis_nothing_more(tmp_path: Path, resident: Any):
    async with redis_in(tmp_path):

        async def call(client: Any) -> None:
            raise ConnectionError

        await our_redis.call_until_done(call, 60)
        assert our_redis.unfinished
        await our_redis.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not our_redis.unfinished
