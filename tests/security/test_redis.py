"""What a real Redis is left with when it comes and goes."""

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings

from common import redis, throttle
from tests.residents.conftest import seeded
from tests.security.redis import RedisProcess

HOME = seeded("full branding")


async def test_a_count_that_redis_never_had_is_not_taken_back_from_it(tmp_path):
    """It was made while Redis was down; less than nothing would stay there without an end."""
    with RedisProcess(tmp_path) as server, override_settings(REDIS_URL=server.url):
        redis.resting_until = 0.0
        try:
            await throttle.discount_attempt("203.0.113.9", HOME.property_id)
            assert await throttle.start_attempt("203.0.113.9", HOME.property_id) == 0
            await throttle.discount_attempt("203.0.113.9", HOME.property_id)
        finally:
            await redis.close()

        def left() -> dict[bytes, tuple[bytes, int]]:
            keys = server.client.keys("*")
            return {key: (server.client.get(key), server.client.ttl(key)) for key in keys}

        found = list((await sync_to_async(left)()).values())
        assert [value for value, _ in found] == [b"0"]
        assert 0 < found[0][1] <= throttle.WINDOW


@pytest.mark.parametrize("shared", [False, True], ids=["in memory", "in Redis"])
async def test_right_codes_at_the_same_moment_make_nobody_wait_for_long(tmp_path, shared):
    """Attempts under way count, so that a thousand at once are not all let through."""
    throttle.local.clear()
    with (
        RedisProcess(tmp_path) as server,
        override_settings(REDIS_URL=server.url if shared else ""),
    ):
        redis.resting_until = 0.0
        try:
            for _ in range(throttle.FREE):
                assert await throttle.start_attempt("203.0.113.9", HOME.property_id) == 0
            assert await throttle.start_attempt("203.0.113.9", HOME.property_id) > 0
            # One of them was right: there are not twenty wrong ones.
            await throttle.discount_attempt("203.0.113.9", HOME.property_id)
            assert await throttle.start_attempt("203.0.113.9", HOME.property_id) == 0
            # Now there are, and a right one in between changes nothing.
            for _ in range(2):
                waits = await throttle.start_attempt("203.0.113.9", HOME.property_id)
                assert 1 <= waits <= throttle.FIRST_WAIT
            await throttle.discount_attempt("198.51.100.1", HOME.property_id)
            assert await throttle.start_attempt("203.0.113.9", HOME.property_id) > 0
        finally:
            await redis.close()
            throttle.local.clear()
