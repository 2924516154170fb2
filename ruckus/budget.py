"""What a property may be asked: the vendor's limit as a bucket, and the pause that a 429 asks for."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from .errors import TooBusy
from .observer import NOBODY, Observer

MAX_KEYS = 10_000
"""Properties remembered in memory; past it the one not called for longest is forgotten, and starts full."""

PATIENCE = 1.0
"""Seconds that a call may wait for its turn."""


class Quota(NamedTuple):
    """So many calls at once, and so many a second after that."""

    per_second: float
    burst: int


PROPERTY = Quota(80, burst=100)
"""What the vendor documents for a property."""

STRANGERS = Quota(20, burst=20)
"""What calls without a token may take of it, so that a crowd at the door leaves the residents their share."""

NEWCOMERS = Quota(20, burst=20)
"""What calls for all properties together may take of which nobody knows that they exist."""

NEWCOMERS_LOOKS = Quota(10, burst=10)
"""What of that may be looks, so that a crowd of made-up properties leaves the sign-ins their share."""

Evaluate = Callable[..., Awaitable[Any]]
"""Runs a Lua script in Redis, given a key and numbers; answers None where there is no Redis."""

# GCRA: all that is kept of a bucket is when it will be full again. In whole microseconds, so that
# nothing is lost to rounding. `_take_here` is the same in memory.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = full - now - ARGV[2]
if wait > 0 then return wait end
full = full + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0
"""


class Bucket:
    """A bucket per property, in Redis where there is one, in memory otherwise or while Redis is down."""

    def __init__(
        self,
        name: str,
        quota: Quota,
        evaluate: Evaluate | None = None,
        observer: Observer = NOBODY,
    ) -> None:
        self._name = name
        self._evaluate = evaluate
        self._observer = observer
        # Microseconds that a call costs, and how many may be owed at most before one has to wait.
        self._cost = round(1_000_000 / quota.per_second)
        self._credit = self._cost * (quota.burst - 1)
        self._full_at: OrderedDict[str, int] = OrderedDict()
        self._waiting: dict[str, int] = {}

    async def _ask(self, key: str) -> float:
        """Return the seconds until there is a call to take; 0 means that one was taken."""
        wait = None
        if self._evaluate:
            name = f"portal:calls:{self._name}:{key}"
            wait = await self._evaluate(TAKE, name, self._cost, self._credit)
        return (self._take_here(key) if wait is None else wait) / 1_000_000

    def _take_here(self, key: str) -> int:
        now = round(time.monotonic() * 1_000_000)
        full = max(self._full_at.pop(key, 0), now)
        wait = max(full - now - self._credit, 0)
        self._full_at[key] = full if wait else full + self._cost
        if len(self._full_at) > MAX_KEYS:
            self._full_at.popitem(last=False)
        return wait

    async def take(self, operation: str, key: str, until: float) -> None:
        """Take one call, waiting up to `until` (event-loop time) for it. Raise TooBusy."""
        loop = asyncio.get_running_loop()
        until = min(until, loop.time() + PATIENCE)
        while wait := await self._ask(key):
            # Those who wait already come first, so that each asks about once.
            wait += self._waiting.get(key, 0) * self._cost / 1_000_000
            if loop.time() + wait > until:
                self._observer.refused(self._name)
                raise TooBusy(operation, retry_after=wait)
            self._observer.waited(self._name, wait)
            self._waiting[key] = self._waiting.get(key, 0) + 1
            try:
                await asyncio.sleep(wait)
            finally:
                self._waiting[key] -= 1
                if not self._waiting[key]:
                    del self._waiting[key]


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
