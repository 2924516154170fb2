"""One Upstream for each event loop."""

import asyncio

import pytest
from django.test import override_settings

from common.upstream import close_upstream, upstream
from ruckus.errors import Unavailable


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


def test_another_event_loop_has_another_upstream():
    async def made():
        found = upstream()
        await close_upstream()
        return found

    with override_settings(RUCKUS_API_URL="http://127.0.0.1:9", REDIS_URL=""):
        assert asyncio.run(made()) is not asyncio.run(made())
