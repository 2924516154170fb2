"""What a property may be asked: the vendor's limit as a bucket, and the pause that a 429 asks for."""

import asyncio
import logging
import math
import time
from typing import Any

from throttled.asyncio import (
    BaseStore,
    MemoryStore,
    Quota,
    RedisStore,
    Throttled,
    per_sec,
)
from throttled.exceptions import StoreUnavailableError

from .errors import TooBusy

logger = logging.getLogger("ruckus")

MAX_KEYS = 10_000
"""Properties remembered in memory; past it the one not called for longest is forgotten, and starts full."""

PATIENCE = 1.0
"""Seconds that a call may wait for its turn."""

PROPERTY = per_sec(80, burst=100)
"""What the vendor documents for a property."""

STRANGERS = per_sec(10, burst=20)
"""What calls without a token may take of it, so that a crowd at the door leaves the residents their share."""

NEWCOMERS = per_sec(20, burst=20)
"""What calls for all properties together may take of which nobody knows that they exist."""

NEWCOMERS_LOOKS = per_sec(10, burst=10)
"""What of that may be looks, so that a crowd of made-up properties leaves the sign-ins their share."""

REDIS_REST = 5.0
"""Seconds for which a Redis that failed is not asked again."""


class Bucket:
    """A bucket per property, in Redis where there is one, in memory otherwise or while Redis is down."""

    def __init__(
        self, name: str, quota: Quota, redis_url: str = "", redis_timeout: float = 0.25
    ) -> None:
        self._interval = quota.emission_interval
        # GCRA, for the library's token bucket counts in whole seconds: 100 calls and 80 more could
        # leave within a moment around a full second.
        self._memory = self._limiter(name, quota, MemoryStore(options={"MAX_SIZE": MAX_KEYS}))
        self._store = _redis_store(redis_url, redis_timeout) if redis_url else None
        self._redis_timeout = redis_timeout
        self._redis = self._limiter(name, quota, self._store) if self._store else None
        self._redis_rests_until = -math.inf
        self._waiting: dict[str, int] = {}

    @staticmethod
    def _limiter(name: str, quota: Quota, store: BaseStore) -> Throttled:
        return Throttled(using="gcra", quota=quota, store=store, key_prefix=f"ruckus-{name}")

    async def _ask(self, key: str) -> float:
        """Seconds until there is a call to take; 0 means that one was taken."""
        result = None
        if self._redis and time.monotonic() >= self._redis_rests_until:
            try:
                async with asyncio.timeout(self._redis_timeout):
                    result = await self._redis.limit(key)
            except (StoreUnavailableError, OSError):
                self._redis_rests_until = time.monotonic() + REDIS_REST
                logger.warning("Redis does not answer: calls are counted in memory")
        if result is None:
            result = await self._memory.limit(key)
        return max(result.state.retry_after, self._interval) if result.limited else 0

    async def take(self, operation: str, key: str, until: float) -> None:
        """Takes one call, waiting up to `until` (event-loop time) for it. Raises TooBusy."""
        loop = asyncio.get_running_loop()
        until = min(until, loop.time() + PATIENCE)
        while wait := await self._ask(key):
            # Those who wait already come first, so that each asks about once.
            wait += self._waiting.get(key, 0) * self._interval
            if loop.time() + wait > until:
                raise TooBusy(operation, retry_after=wait)
            self._waiting[key] = self._waiting.get(key, 0) + 1
            try:
                await asyncio.sleep(wait)
            finally:
                self._waiting[key] -= 1
                if not self._waiting[key]:
                    del self._waiting[key]

    async def aclose(self) -> None:
        """Closes the connections to Redis."""
        if self._store:
            # The store has no way to close what it opens.
            client: Any = self._store._backend.get_client()
            await client.connection_pool.disconnect()


def _redis_store(url: str, timeout: float) -> RedisStore:
    options = {
        # The default pool raises as soon as all its connections are in use.
        "CONNECTION_POOL_CLASS": "redis.asyncio.BlockingConnectionPool",
        "CONNECTION_POOL_KWARGS": {"max_connections": 16, "timeout": timeout},
    }
    return RedisStore(server=url, options=options)


class Cooldown:
    """Properties for which the vendor asked for a pause."""

    LONGEST = 300.0

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def start(self, property_id: str, seconds: float) -> None:
        """Make no call for the property for so many seconds (five minutes at most)."""
        now = time.monotonic()
        if len(self._until) >= MAX_KEYS:
            self._until = {key: until for key, until in self._until.items() if until > now}
        if len(self._until) < MAX_KEYS:
            self._until[property_id] = now + min(seconds, self.LONGEST)

    def check(self, operation: str, property_id: str) -> None:
        """Raise TooBusy while the pause lasts."""
        if until := self._until.get(property_id):
            left = until - time.monotonic()
            if left > 0:
                raise TooBusy(operation, retry_after=left)
            del self._until[property_id]
