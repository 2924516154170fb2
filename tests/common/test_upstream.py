"""One Upstream for each event loop."""

import asyncio
import contextlib

import pytest
from django.test import override_settings

from common import redis
from common.file_limit import shares
from common.property import known
from common.upstream import address_of, close_upstream, resident_api, upstream, upstream_at
from ruckus.errors import TooBusy, Unavailable
from ruckus.regions import REGIONS
from tests.security.redis import RedisProcess

ONE, OTHER = "0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11", "3098b445-38af-5850-babe-972f4cae43e6"


@override_settings(
    RUCKUS_API_URL="http://127.0.0.1:9/",
    RUCKUS_DEADLINE=1.5,
    RUCKUS_CONNECT_TIMEOUT=0.5,
    RUCKUS_BREAKER=False,
    REDIS_URL="",
)
async def test_an_event_loop_has_one_upstream_made_from_the_settings():
    first = upstream()
    assert upstream() is first
    assert (first.base_url, first.deadline) == ("http://127.0.0.1:9", 1.5)
    for _ in range(30):
        with pytest.raises(Unavailable), first.breaker.guard("anOperation"):
            raise Unavailable("anOperation", "timeout")
    with first.breaker.guard("anOperation"):
        pass

    await close_upstream()
    await close_upstream()
    second = upstream()
    assert second is not first
    await close_upstream()


@override_settings(RUCKUS_API_URL="http://127.0.0.1:9", REDIS_URL="")
async def test_each_address_has_one_upstream():
    asia = upstream_at("https://api.asia.ruckus.cloud")
    assert asia.base_url == "https://api.asia.ruckus.cloud"
    assert upstream_at("https://api.asia.ruckus.cloud") is asia
    assert upstream_at("http://127.0.0.1:9") is upstream() is not asia
    await close_upstream()


async def tells_of_a_rush(count=150):
    """How many of so many calls at one moment are let through at once."""
    made, now = upstream(), asyncio.get_running_loop().time()

    async def taken():
        with contextlib.suppress(TooBusy):
            await made.bucket.take("anOperation", "p", now)
            return True

    return (await asyncio.gather(*(taken() for _ in range(count)))).count(True)


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(redis, "resting_until", 0.0)


async def test_an_upstream_keeps_its_buckets_in_redis_and_in_memory_while_it_is_down(
    tmp_path, fresh, caplog
):
    with RedisProcess(tmp_path) as process, override_settings(REDIS_URL=process.url):
        try:
            assert 100 <= await tells_of_a_rush() < 150
            assert process.client.keys() == [b"portal:calls:property:p"]
            process.process.kill()
            process.process.wait()
            # Full again, for here nothing was counted yet.
            assert 100 <= await tells_of_a_rush() < 150
        finally:
            await close_upstream()
            await redis.close()
    assert caplog.messages == ["Redis does not answer: ConnectionError"]


async def test_a_redis_that_is_silent_is_not_waited_for(fresh, caplog):
    async def silence(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with override_settings(REDIS_URL=url, REDIS_TIMEOUT=0.1):
        assert await redis.evaluate("return 1", "key") is None
        await redis.close()
    server.close()
    assert caplog.messages == ["Redis does not answer: TimeoutError"]


async def test_each_address_has_an_upstream_and_all_share_the_open_files(tmp_path):
    file = tmp_path / "properties.toml"
    file.write_text(f'[{ONE}]\nregion = "eu"\n[{OTHER}]\nregion = "asia"\n')
    with override_settings(PROPERTIES_FILE=str(file), REDIS_URL=""):
        eu, asia = resident_api(ONE)._http, resident_api(OTHER)._http
        assert (eu.base_url, asia.base_url) == (REGIONS["eu"], REGIONS["asia"])
        assert resident_api(ONE)._http is eu
        assert eu._free_reads._value == shares().reads // 2
        await close_upstream()


def test_another_event_loop_has_another_upstream():
    async def made():
        found = upstream()
        await close_upstream()
        return found

    with override_settings(RUCKUS_API_URL="http://127.0.0.1:9", REDIS_URL=""):
        assert asyncio.run(made()) is not asyncio.run(made())


@pytest.mark.django_db
async def test_a_property_s_calls_go_to_the_region_of_its_account(settings):
    settings.RUCKUS_REGION, settings.RUCKUS_API_URL = "na", REGIONS["na"]
    known.forget()
    try:
        await known.remember_region(ONE, "eu")
        await known.remember_region(ONE, "asia")
        # As in another process, which has read nothing yet.
        known.forget()
        assert address_of(ONE) == REGIONS["na"]
        await known.ready()
        assert address_of(ONE) == REGIONS["asia"]
        assert known.regions_in_use() == {"asia"}
        # A deployment under test has one address for all.
        settings.RUCKUS_REGION = ""
        assert address_of(ONE) == REGIONS["na"]
    finally:
        known.forget()
