"""When a read is tried again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina
import stamina.instrumentation

from .errors import ApiError, TooBusy, Unavailable

T = TypeVar("T")

SHORT_WAIT = 1.0
"""Seconds that a read waits at most when the vendor asks it to come back later."""

LONGEST_BACKOFF = 0.4
BACKOFF = stamina.AsyncRetryingCaller(
    attempts=3, timeout=None, wait_initial=0.1, wait_max=0.3, wait_jitter=0.1
)

# We log each failed call ourselves; stamina's own line would be a second one.
stamina.instrumentation.set_on_retry_hooks(())


async def again(
    attempt: Callable[[], Awaitable[T]],
    failure: ApiError,
    deadline: float,
    now: Callable[[], float],
) -> T:
    """Return what another attempt gives after this failure. Raise the last failure where none is worth it.

    `deadline` is on the clock `now`, in seconds.
    """
    failures = [failure]
    waited = False

    def worth_it(error: Exception) -> bool | float:
        nonlocal waited
        wait = seconds_before(error)
        if wait is None or now() + (wait or LONGEST_BACKOFF) > deadline:
            return False
        if isinstance(error, TooBusy):
            if waited:
                return False
            waited = True
        return wait or True

    async def retry() -> T:
        # The first failure is raised once more in here, for the backoff to begin with it:
        # entering stamina costs 35 µs, which a call that succeeds need not pay.
        if failures:
            raise failures.pop()
        return await attempt()

    return await BACKOFF(worth_it, retry)


def seconds_before(error: Exception) -> float | None:
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
