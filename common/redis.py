"""Redis, when there is one: faster and shared by all processes, never needed.

Every call answers within REDIS_TIMEOUT or counts as a miss, and after a failure Redis is left alone
for two seconds, so that a Redis that is down makes the portal slower, not unusable.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from common import metrics
from common.file_limit import shares

log = logging.getLogger("portal")

REST = 2.0
# Seconds between two attempts to tell Redis what it must not miss.
AGAIN = 0.2
# Into how many the wait for an answer is divided.
ROUNDS = 5

clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()
turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
resting_until = 0.0
unfinished: set[asyncio.Task[None]] = set()


def client() -> Redis:
    """Return the client of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in clients:
        clients[loop] = Redis.from_url(
            settings.REDIS_URL,
            # `within` bounds all of a call.
            socket_timeout=None,
            socket_connect_timeout=None,
            # With neither, a new connection is ready at once, without three answers to wait for.
            protocol=2,
            driver_info=None,
            retry=Retry(NoBackoff(), 0),
        )
        turns[loop] = asyncio.Semaphore(shares().redis)
    return clients[loop]


async def try_call(call: Callable[[Redis], Awaitable[Any]], default: Any = None) -> Any:
    """Return what Redis answers to `call`, or `default` when there is none or it is down."""
    if not settings.REDIS_URL or time.monotonic() < resting_until:
        return default
    redis = client()
    # To wait for a connection is not to wait for Redis.
    async with turns[asyncio.get_running_loop()]:
        # Those before may have found out meanwhile that it is down.
        if time.monotonic() < resting_until:
            return default
        started = time.monotonic()
        try:
            return await within(call(redis), settings.REDIS_TIMEOUT)
        except (RedisError, OSError, TimeoutError) as error:
            rest(error)
            return default
        finally:
            metrics.note(metrics.REDIS_SECONDS, time.monotonic() - started)


def rest(error: Exception) -> None:
    """Leave Redis alone for a moment; of many calls that fail at once, one says so."""
    global resting_until  # noqa: PLW0603  (one Redis, one state, per process)
    metrics.count(metrics.REDIS_FAILURES)
    now = time.monotonic()
    if now >= resting_until:
        log.warning("Redis does not answer: %s", type(error).__name__)
    resting_until = now + REST


async def within(call: Awaitable[Any], seconds: float) -> Any:
    """Return what a call gives. Raise TimeoutError where it takes longer.

    Time that the event loop was busy elsewhere counts little: at a rush it comes round so seldom
    that an answer which has long been there would look late.
    """
    task = asyncio.ensure_future(call)
    try:
        for _ in range(ROUNDS):
            done, _ = await asyncio.wait({task}, timeout=seconds / ROUNDS)
            if done:
                return task.result()
    finally:
        # Which is nothing to one that is done.
        task.cancel()
    raise TimeoutError


async def evaluate(script: str, key: str, *values: float) -> Any:
    """Return what a script that uses one key answers, None when there is no Redis or it is down."""
    return await try_call(lambda redis: redis.eval(script, 1, key, *values))


async def call_until_done(call: Callable[[Redis], Awaitable[Any]], seconds: float) -> None:
    """Make a call that must not be lost: now, or as soon as Redis answers within these seconds.

    `call` returns something true. A Redis that was only out of reach, or that has read its data from
    a disk, still knows what it knew before.
    """
    if settings.REDIS_URL and not await try_call(call):
        task = asyncio.ensure_future(call_again(call, time.monotonic() + seconds))
        unfinished.add(task)
        task.add_done_callback(unfinished.discard)


async def call_again(call: Callable[[Redis], Awaitable[Any]], until: float) -> None:
    while time.monotonic() < until:
        await asyncio.sleep(AGAIN)
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            await within(call(client()), settings.REDIS_TIMEOUT)
            return


async def close() -> None:
    """Close the client of the running event loop."""
    for task in unfinished:
        if task.get_loop() is asyncio.get_running_loop():
            task.cancel()
    redis = clients.pop(asyncio.get_running_loop(), None)
    if redis is not None:
        await redis.aclose()
