"""Work that must not keep anybody waiting."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def started(work: Callable[[], T]) -> Future[T]:
    """Return the future of work that has begun in a thread of its own, which ends with the process."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001  (raised where it is waited for)
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what the work returns. Raise what it raises, or TimeoutError when the time is up.

    What takes too long is left behind, and ends with the process at the latest.
    """
    return started(work).result(seconds)
