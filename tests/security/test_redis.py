"""What a real Redis is left with when it comes and goes."""

from asgiref.sync import sync_to_async
from django.test import override_settings

from residents import shared_redis, throttle
from tests.residents.conftest import seeded
from tests.security.redis import RedisProcess

HOME = seeded("full branding")


async def test_a_count_that_redis_never_had_is_not_taken_back_from_it(tmp_path):
    """It was made while Redis was down; less than nothing would stay there without an end."""
    with RedisProcess(tmp_path) as server, override_settings(REDIS_URL=server.url):
        shared_redis.resting_until = 0.0
        try:
            await throttle.succeeded("203.0.113.9", HOME.property_id)
            assert await throttle.begin("203.0.113.9", HOME.property_id) == 0
            await throttle.succeeded("203.0.113.9", HOME.property_id)
        finally:
            await shared_redis.close()

        def left() -> dict[bytes, tuple[bytes, int]]:
            keys = server.client.keys("*")
            return {key: (server.client.get(key), server.client.ttl(key)) for key in keys}

        found = list((await sync_to_async(left)()).values())
        assert [value for value, _ in found] == [b"0"]
        assert 0 < found[0][1] <= throttle.WINDOW
