"""Work that must not keep the doctor waiting."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what the work returns. Raise what it raises, or TimeoutError when the time is up.

    What takes too long is left behind, and ends with the process at the latest.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001  (raised where it is waited for)
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future.result(seconds)
