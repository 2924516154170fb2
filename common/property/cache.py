"""Values that belong to a property, fetched once however many residents ask.

Nothing of a unit is ever put here. A value is fresh for a while, then still served while one
request behind the scenes fetches it anew; that there is none (404) is remembered as None. What
failed is not remembered for long, and never takes the place of what is known.
"""

import asyncio
import sys
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings

from common import metrics
from ruckus.errors import ApiError, NotFound

T = TypeVar("T")

# Seconds that a page waits at most for what it can live without.
PATIENCE = 1.5
# Seconds without a new attempt after a failed one, so that an outage is not made worse.
PAUSE = 5.0
# Seconds after which a value is too old to be shown while it is fetched again.
TOO_OLD = 6 * 3600.0


class Incomplete(Exception):
    """Only a part of a value could be had: `value` is that part."""

    def __init__(self, value: object) -> None:
        super().__init__("incomplete")
        self.value = value


class PropertyCache(Generic[T]):
    """A bounded table of values by key, the least recently used leave first.

    No more than `at_once` values are fetched at the same moment; others can't be had then. That
    there is none is remembered for `none_seconds`, and no less long than a value.
    """

    def __init__(self, size: int, at_once: int = sys.maxsize, none_seconds: float = 0.0) -> None:
        self.size = size
        self.at_once = at_once
        self.none_seconds = none_seconds
        self.values: OrderedDict[Hashable, tuple[T | None, float]] = OrderedDict()
        self.paused: OrderedDict[Hashable, float] = OrderedDict()
        self.loops: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[Hashable, asyncio.Task[T | None]]
        ] = WeakKeyDictionary()

    def peek(self, key: Hashable) -> T | None:
        """Return what is known, fresh or not, or None."""
        value, _ = self.values.get(key, (None, 0.0))
        return value

    def is_fresh(self, key: Hashable) -> bool:
        """Return whether the value, or that there is none, is known and need not be fetched."""
        if key not in self.values:
            return False
        value, at = self.values[key]
        life: float = settings.PROPERTY_CACHE_SECONDS
        return time.monotonic() - at < (max(life, self.none_seconds) if value is None else life)

    async def get(
        self,
        key: Hashable,
        fetch: Callable[[], Awaitable[T]],
        patience: float | None = None,
    ) -> T | None:
        """Return the value, or None when there is none or it can't be had now.

        `fetch` gets it and may raise ApiError, or Incomplete with what serves until the rest can be
        had; it runs to its end even if nobody waits any more.
        `patience` is how many seconds to wait for it at the most, without end if None.
        """
        value, age = None, None
        if key in self.values:
            self.values.move_to_end(key)
            value, at = self.values[key]
            age = time.monotonic() - at
            if self.is_fresh(key):
                metrics.count(metrics.CACHE_FRESH)
                return value
        flight = self.flight(key, fetch)
        if flight is None or (age is not None and age < TOO_OLD):
            metrics.count(metrics.CACHE_MISSING if age is None else metrics.CACHE_STALE)
            return value
        await asyncio.wait({flight}, timeout=patience)
        metrics.count(metrics.CACHE_FETCHED if flight.done() else metrics.CACHE_MISSING)
        return flight.result() if flight.done() else value

    def flight(
        self, key: Hashable, fetch: Callable[[], Awaitable[T]]
    ) -> asyncio.Task[T | None] | None:
        """Return the one task that fetches this key, or None when it may not be asked for."""
        flights = self.loops.setdefault(asyncio.get_running_loop(), {})
        if key not in flights:
            if time.monotonic() < self.paused.get(key, 0.0) or len(flights) >= self.at_once:
                return None
            task = asyncio.ensure_future(self.fill(key, fetch))
            flights[key] = task
            task.add_done_callback(lambda _: flights.pop(key))
        return flights[key]

    async def fill(self, key: Hashable, fetch: Callable[[], Awaitable[T]]) -> T | None:
        value: T | None
        try:
            value = await fetch()
        except NotFound:
            value = None
        except Incomplete as error:
            self.store(self.paused, key, time.monotonic() + PAUSE)
            if self.peek(key) is None:
                # As old as a value can be that is shown while it is fetched again.
                age = settings.PROPERTY_CACHE_SECONDS
                self.store(self.values, key, (error.value, time.monotonic() - age))
            return self.peek(key)
        except ApiError:
            self.store(self.paused, key, time.monotonic() + PAUSE)
            return self.peek(key)
        self.store(self.values, key, (value, time.monotonic()))
        return value

    def store(self, table: OrderedDict[Hashable, Any], key: Hashable, value: object) -> None:
        table[key] = value
        table.move_to_end(key)
        while len(table) > self.size:
            table.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self.values.clear()
        self.paused.clear()
