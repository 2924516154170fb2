"""Who goes first with an account of RUCKUS One: people at a page, or reads of a whole building."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from .budget import Bucket, Quota
from .errors import TooBusy

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

TENANT = Quota(30, burst=200)
"""Never more than 2,000 calls within any minute, which the vendor documents for a tenant."""

BULK = Quota(4, burst=1)
"""What reads of a whole building take of it."""

BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds before a bulk read tries again after a 429, where the vendor does not ask for more."""

LONGEST_WAIT = 60.0
"""Seconds that a bulk read waits at once; who is told to wait longer had better come back."""


class Pace:
    """Bulk reads of one account take turns, and none goes out while a person's call is under way.

    A person waits for nothing but the limit. `sleep` takes seconds.
    """

    def __init__(self, sleep: Sleep = asyncio.sleep) -> None:
        self._sleep = sleep
        self._people = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._line = asyncio.Lock()

    @contextmanager
    def person(self) -> Iterator[None]:
        """Hold bulk reads back for the time of a person's call."""
        self._people += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._people -= 1
            if not self._people:
                self._quiet.set()

    async def turn(self, bucket: Bucket, operation: str, key: str) -> None:
        """Wait for the turn of a bulk read: first come, first served."""
        async with self._line:
            while not await self._take(bucket, operation, key):
                pass
            # Last, for somebody may have come in the meantime.
            await self._quiet.wait()

    async def _take(self, bucket: Bucket, operation: str, key: str) -> bool:
        try:
            # The waiting is done here, where nobody else's call is held up by it.
            await bucket.take(operation, key, until=0.0)
        except TooBusy as busy:
            # Other processes stand in line, too.
            await self._sleep(busy.retry_after or 1.0)
            return False
        return True

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what the call gives, tried again while there are too many. Raise what it raises otherwise."""
        for wait in BACKOFF:
            try:
                return await call()
            except TooBusy as busy:
                longest = max(wait, busy.retry_after or 0.0)
                if longest > LONGEST_WAIT:
                    raise
            await self._sleep(longest)
        return await call()
