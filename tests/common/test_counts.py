"""What may be done so many times and no more, in Redis and in memory."""

from types import SimpleNamespace

import pytest
from django.test import override_settings

from common import counts, redis
from common.counts import Count
from tests.security.redis import RedisProcess


@pytest.fixture(params=["in memory", "in Redis"])
def server(request, tmp_path):
    redis.resting_until = 0.0
    if request.param == "in memory":
        yield None
    else:
        with RedisProcess(tmp_path) as process, override_settings(REDIS_URL=process.url):
            yield process


async def test_so_many_are_counted_for_each_and_no_more(server):
    count = Count("test", most=5, seconds=60)
    assert [await count.take("a", 2) for _ in range(3)] == [True, True, False]
    # One that is not too many is still counted.
    assert [await count.take("a"), await count.take("a")] == [True, False]
    assert await count.take("b", 5)
    if server:
        # Shared by all processes, and nobody's address can be read there.
        assert not await Count("test", most=5, seconds=60).take("a")
        keys = server.client.keys("portal:test:*")
        assert len(keys) == 2
        assert all(0 < server.client.ttl(key) <= 60 for key in keys)
    await redis.close()


async def test_a_count_begins_anew_when_its_time_is_over(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(counts, "time", SimpleNamespace(monotonic=lambda: now[0]))
    count = Count("test", most=1, seconds=60)
    assert await count.take("a")
    now[0] += 59
    # Who keeps asking does not wait any longer for it.
    assert not await count.take("a")
    now[0] += 2
    assert await count.take("a")


async def test_the_table_in_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(counts, "MOST_KEYS", 3)
    count = Count("test", most=1, seconds=60)
    for who in "abcd":
        assert await count.take(who)
    assert len(count.local) == 3
    assert not await count.take("d")
