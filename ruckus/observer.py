"""Who wants to know what becomes of the calls, such as a page of metrics."""

from .errors import ApiError


class Observer:
    """Is told what happens, and does nothing with it; a subclass does, and takes next to no time."""

    def called(self, operation: str, seconds: float, error: ApiError | None) -> None:
        """Be told of a call that has ended: how long it took, waits included, and why it failed."""

    def waited(self, budget: str, seconds: float) -> None:
        """Be told that a call is to wait for its turn, given the name of the bucket."""

    def refused(self, budget: str) -> None:
        """Be told that a call was not sent because its turn would come too late."""

    def turned(self, *, is_open: bool) -> None:
        """Be told that the breaker has opened or closed."""


NOBODY = Observer()
