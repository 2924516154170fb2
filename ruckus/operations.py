"""What an operation of the vendor's is, and what its answer means."""

import email.utils
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Generic, Literal, TypeVar

from .errors import NotAllowed, NotFound, NotSignedIn, Rejected, TooBusy, Unavailable
from .resident_types import UnreadableBody, read_errors

T = TypeVar("T")

JSON = "application/json, application/hal+json, application/vnd.ruckus.v1+json"

LONGEST_WAIT = 3600.0
"""Seconds of a Retry-After that are believed; nobody who is told to come back later would."""


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One call that the vendor offers.

    `id` is the vendor's operationId, `path` follows what all paths of its API begin with, `read` makes the
    result of a 2xx body.
    """

    id: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    read: Callable[[bytes], T]
    accept: str = JSON
    limit: int = 2_000_000
    safe: bool = False
    """Changes nothing: may be retried, and a refusal is an outage and not the resident's mistake."""

    sends: bool = False
    """A POST for the sake of its effect, and not of its answer."""

    @property
    def writes(self) -> bool:
        """Like a PUT, PATCH or DELETE: runs to its end, and a 2xx is a success whatever its body."""
        return self.sends or self.method in ("PUT", "PATCH", "DELETE")


def decipher(operation: Operation[T], status: int, headers: Mapping[str, str], body: bytes) -> T:
    """Return the data of a 2xx answer. Raise the ApiError that any other is."""
    if 200 <= status < 300:
        try:
            return operation.read(body)
        except UnreadableBody:
            raise Unavailable(
                operation.id, "body", status, maybe_written=not operation.safe
            ) from None
    match status:
        case 401:
            raise NotSignedIn(operation.id, status)
        case 403:
            raise NotAllowed(operation.id, status)
        case 404:
            raise NotFound(operation.id, status)
        case 400 | 409 | 422 if not operation.safe:
            raise Rejected(operation.id, status, read_errors(body))
        case 429:
            raise TooBusy(operation.id, status, retry_after_of(headers))
    raise Unavailable(
        operation.id,
        f"status {status}",
        status,
        maybe_written=not operation.safe,
        retry_after=retry_after_of(headers),
    )


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds Retry-After asks to wait, an hour at most, or None if it names neither a number nor a date."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+", value):
        return min(float(value), LONGEST_WAIT)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(0.0, when.timestamp() - time.time()), LONGEST_WAIT)
