"""When a read is tried again."""

import random
from asyncio import sleep
from collections.abc import Awaitable, Callable
from typing import TypeVar

from .errors import ApiError, TooBusy, Unavailable

T = TypeVar("T")

SHORT_WAIT = 1.0
"""Seconds that a read waits at most when the vendor asks it to come back later."""

BACKOFF = (0.1, 0.2)
"""Seconds before the second and the third attempt, where the vendor names none."""

JITTER = 0.1
"""Seconds, at most, by which each backoff is longer, so that those who failed together come apart."""


async def again(
    attempt: Callable[[], Awaitable[T]],
    failure: ApiError,
    deadline: float,
    now: Callable[[], float],
) -> T:
    """Return what another attempt gives after this failure. Raise the last failure where none is worth it.

    `deadline` is on the clock `now`, in seconds.
    """
    was_told_to_wait = False
    for backoff in BACKOFF:
        wait = seconds_before(failure)
        if wait is None or (was_told_to_wait and isinstance(failure, TooBusy)):
            break
        was_told_to_wait = isinstance(failure, TooBusy)
        wait = wait or backoff + random.uniform(0, JITTER)  # noqa: S311, it keeps no secret
        if now() + wait > deadline:
            break
        await sleep(wait)
        try:
            return await attempt()
        except ApiError as error:
            failure = error
    raise failure


def seconds_before(error: ApiError) -> float | None:
    """Return the seconds to wait before another attempt, 0 to let the backoff decide, None if it would not help."""
    if isinstance(error, TooBusy):
        after = error.retry_after
        return after if error.status and after is not None and after <= SHORT_WAIT else None
    if isinstance(error, Unavailable):
        if error.reason in ("refused", "dns", "reset"):
            return 0.0
        if error.status in (502, 503, 504):
            after = error.retry_after or 0.0
            return after if after <= SHORT_WAIT else None
    return None
