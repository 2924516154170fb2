"""The circuit breaker: after many failures calls fail at once for a moment, so that an outage is not made worse."""

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from purgatory.domain.model import ClosedState, Context, HalfOpenedState, OpenedState

from .errors import ApiError, Unavailable

logger = logging.getLogger("ruckus")

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
