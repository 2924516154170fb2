"""The circuit breaker: after many failures calls fail at once for a moment, so that an outage is not made worse."""

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import ApiError, Unavailable
from .observer import NOBODY, Observer

logger = logging.getLogger("ruckus")

WINDOW = 10.0
"""Seconds within which failures are counted together."""

_COUNTED = {"refused", "timeout", "status 502", "status 503", "status 504"}


def _failed(error: BaseException) -> bool | None:
    """Return whether a call that ended so missed the vendor, or None where it says nothing of that."""
    if isinstance(error, Unavailable) and error.reason in _COUNTED:
        return True
    # The vendor was there to say it: 4xx, 429, 500 and odd bodies are not an outage.
    if isinstance(error, ApiError) and error.status is not None:
        return False
    # Cancelled, or never sent.
    return None


class Breaker:
    """Opens at `threshold` calls that were refused, timed out or got 502 to 504 within 10 seconds; tries again after `ttl` seconds."""

    def __init__(self, threshold: int = 20, ttl: float = 5.0, observer: Observer = NOBODY) -> None:
        self._threshold = threshold
        self._ttl = ttl
        self._observer = observer
        self._calls: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._is_open = False
        self._opened_at = 0.0
        self._probing = False

    @contextmanager
    def guard(self, operation: str) -> Iterator[None]:
        """Run the call inside. Raise Unavailable("breaker") at once while the breaker is open."""
        probe = self._is_open
        if probe:
            # One call at a time finds out whether it is over.
            if self._probing or time.monotonic() < self._opened_at + self._ttl:
                raise Unavailable(operation, "breaker")
            self._probing = True
        failed: bool | None = None
        try:
            yield
            failed = False
        except BaseException as error:
            failed = _failed(error)
            raise
        finally:
            if probe:
                self._probing = False
                if failed is not None:
                    self._set(is_open=failed)
            # What began before the breaker opened is no news once it has.
            elif failed is not None and not self._is_open:
                self._count(failed)

    def _count(self, failed: bool) -> None:
        now = time.monotonic()
        self._calls.append((now, failed))
        self._failures += failed
        while self._calls[0][0] < now - WINDOW:
            self._failures -= self._calls.popleft()[1]
        # A tenth of all calls must have failed as well: at hundreds of calls a second, twenty
        # timeouts are one slow corner of the vendor's cloud and no reason to shut everybody out.
        if self._failures >= self._threshold and self._failures * 10 >= len(self._calls):
            self._set(is_open=True)

    def _set(self, *, is_open: bool) -> None:
        self._is_open = is_open
        self._opened_at = time.monotonic()
        self._calls.clear()
        self._failures = 0
        self._observer.turned(is_open=is_open)
        logger.warning("The breaker is %s", "open" if is_open else "closed")
