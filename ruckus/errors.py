"""What a call can fail with.

    ApiError
    ├── NotSignedIn    401: no token, a token that has ended, or a wrong access code
    ├── NotAllowed     403
    ├── NotFound       404, or an id that cannot be one (then nothing was sent)
    ├── Rejected       400, 409 or 422 to a write or a sign-in
    ├── TooBusy        429, or our own bucket for the property is empty (then nothing was sent)
    └── Unavailable    everything else: 5xx, timeouts, lost connections, bodies that make no sense

No message holds a body, an id, a token or a passphrase: an error may be logged as it is.
"""


class ApiError(Exception):
    """A call that gave no result. `operation` is the vendor's operationId, `status` the answer's, if there was one."""

    def __init__(self, operation: str, status: int | None = None) -> None:
        super().__init__(operation, status)
        self.operation = operation
        self.status = status

    @property
    def reason(self) -> str:
        """Return a short word on the cause, for logs."""
        return "not sent" if self.status is None else f"status {self.status}"

    @property
    def maybe_written(self) -> bool:
        """Return whether a write or a sign-in may have taken effect all the same.

        A refusal proves nothing: it may be of a gateway, or of a second hop behind the first.
        """
        return self.status is not None

    def __str__(self) -> str:
        return f"{self.operation}: {self.reason}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


class NotSignedIn(ApiError):
    """The token or the access code is not taken (401)."""


class NotAllowed(ApiError):
    """The token is fine, but not for this (403)."""


class NotFound(ApiError):
    """There is no such thing (404), or the id cannot be one (`status` is None)."""


class Rejected(ApiError):
    """The vendor refuses what a write says. `errors` is the vendor's own text: never shown, and it may quote what was sent."""

    def __init__(
        self, operation: str, status: int | None = None, errors: tuple[str, ...] = ()
    ) -> None:
        super().__init__(operation, status)
        self.errors = errors


class TooBusy(ApiError):
    """Too many calls for this property. `retry_after` is in seconds, None if nobody said."""

    def __init__(
        self,
        operation: str,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(operation, status)
        self.retry_after = retry_after

    @property
    def reason(self) -> str:
        return "bucket" if self.status is None else "status 429"

    @property
    def maybe_written(self) -> bool:
        return False


class Unavailable(ApiError):
    """The API gave no answer that can be used.

    `reason` is one of breaker, deadline (neither was sent), dns, tls, refused, timeout, reset, protocol, body, or
    "status 502" and the like.
    `maybe_written` is True when the call was a write or a sign-in that may have reached the vendor.
    `retry_after` is what the answer asked for, in seconds.
    """

    def __init__(
        self,
        operation: str,
        reason: str,
        status: int | None = None,
        *,
        maybe_written: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(operation, status)
        self._reason = reason
        self._maybe_written = maybe_written
        self.retry_after = retry_after

    @property
    def reason(self) -> str:
        return self._reason

    @property
    def maybe_written(self) -> bool:
        return self._maybe_written
