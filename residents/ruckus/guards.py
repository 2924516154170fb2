"""What stands before a call: the circuit breaker, the bucket of each property, and the wish of a 429 to be left alone."""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from purgatory.domain.model import ClosedState, Context, HalfOpenedState, OpenedState
from throttled.asyncio import (
    BaseStore,
    MemoryStore,
    Quota,
    RedisStore,
    Throttled,
    per_sec,
)
from throttled.exceptions import StoreUnavailableError

from .errors import ApiError, TooBusy, Unavailable

logger = logging.getLogger("residents.ruckus")

# Breaker ------------------------------------------------------------------------------------------

WINDOW = 10.0
"""Seconds within which failures are counted together."""

_COUNTED = {"refused", "timeout", "status 502", "status 503", "status 504"}


def _failed(error: BaseException) -> bool:
    return isinstance(error, Unavailable) and error.reason in _COUNTED


def _answered(error: BaseException) -> bool:
    """Whether the vendor was there to say it: 4xx, 429, 500 and odd bodies are not an outage."""
    return isinstance(error, ApiError) and error.status is not None and not _failed(error)


class _Closed(ClosedState):
    """Counts over the last seconds, where purgatory's own counts in a row and a single success would clear it."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: deque[tuple[float, bool]] = deque()

    def handle_exception(self, context: Context, exc: BaseException) -> None:
        if _failed(exc):
            self._count(context, True)
        elif _answered(exc):
            self._count(context, False)

    def handle_end_request(self, context: Context) -> None:
        self._count(context, False)

    def _count(self, context: Context, failed: bool) -> None:
        now = time.monotonic()
        self._calls.append((now, failed))
        self.failure_count += failed
        while self._calls[0][0] < now - WINDOW:
            self.failure_count -= self._calls.popleft()[1]
        # A tenth of all calls must have failed as well: at hundreds of calls a second, twenty
        # timeouts are one slow corner of the vendor's cloud and no reason to shut everybody out.
        if self.failure_count >= context.threshold and self.failure_count * 10 >= len(self._calls):
            context.set_state(_Opened(context.name))


class _Opened(OpenedState):
    """Refuses until the time is up; the first call after that is the probe."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._since = time.monotonic()

    def handle_new_request(self, context: Context) -> None:
        if time.monotonic() < self._since + context.ttl:
            # A fresh one, since a traceback would grow on `self` with each raise.
            raise OpenedState(context.name)
        context.set_state(_HalfOpened())
        context.handle_new_request()


class _HalfOpened(HalfOpenedState):
    """Lets one call through at a time, where purgatory's own lets them all."""

    _probing = False

    def handle_new_request(self, context: Context) -> None:
        if self._probing:
            raise OpenedState(context.name)
        self._probing = True

    def handle_exception(self, context: Context, exc: BaseException) -> None:
        if _failed(exc):
            context.set_state(_Opened(context.name))
        elif _answered(exc):
            context.set_state(_Closed())
        else:
            # Cancelled, or never sent: it says nothing, and the next call is the probe.
            self._probing = False

    def handle_end_request(self, context: Context) -> None:
        context.set_state(_Closed())


class Breaker:
    """Opens at `threshold` calls that were refused, timed out or got 502 to 504 within 10 seconds; tries again after `ttl` seconds."""

    def __init__(self, threshold: int = 20, ttl: float = 5.0) -> None:
        # purgatory's context is driven by hand: its asynchronous factory would reach us with
        # cancelled calls as failures, and has no place for states of one's own.
        self._context = Context("RUCKUS One", threshold, ttl)
        self._context.set_state(_Closed())
        self._context.messages.clear()

    @contextmanager
    def guard(self, operation: str) -> Iterator[None]:
        """Runs the call inside. Raises Unavailable("breaker") at once while the breaker is open."""
        try:
            self._context.handle_new_request()
        except OpenedState:
            raise Unavailable(operation, "breaker") from None
        try:
            yield
        except BaseException as error:
            self._context.handle_exception(error)
            raise
        else:
            self._context.handle_end_request()
        finally:
            if self._context.messages:
                self._context.messages.clear()
                logger.warning("The breaker is %s", self._context.state)


# Bucket -------------------------------------------------------------------------------------------

MAX_KEYS = 10_000
"""Properties remembered in memory; past it the one not called for longest is forgotten, and starts full."""

PATIENCE = 1.0
"""Seconds that a call may wait for its turn."""

PROPERTY = per_sec(80, burst=100)
"""What the vendor documents for a property."""

STRANGERS = per_sec(10, burst=20)
"""What calls without a token may take of it, so that a crowd at the door leaves the residents their share."""

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


class Quiet:
    """Properties for which the vendor asked for silence."""

    LONGEST = 300.0

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def keep(self, property_id: str, seconds: float) -> None:
        """No call for the property for so many seconds (five minutes at most)."""
        now = time.monotonic()
        if len(self._until) >= MAX_KEYS:
            self._until = {key: until for key, until in self._until.items() if until > now}
        if len(self._until) < MAX_KEYS:
            self._until[property_id] = now + min(seconds, self.LONGEST)

    def check(self, operation: str, property_id: str) -> None:
        """Raises TooBusy while the silence lasts."""
        if until := self._until.get(property_id):
            left = until - time.monotonic()
            if left > 0:
                raise TooBusy(operation, retry_after=left)
            del self._until[property_id]
