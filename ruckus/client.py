"""One call to the vendor, with all that stands before it: breaker, budget, token, deadline, retry."""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from functools import partial
from json import dumps
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from . import retry
from .authorization import TokenStyle, UnitToken
from .errors import ApiError, NotFound, NotSignedIn, TooBusy, Unavailable
from .operations import Operation, decipher
from .resident_types import BadId, Written, check_id, read_trace
from .wire import Answer, Upstream

T = TypeVar("T")

logger = logging.getLogger("ruckus")


class Client(ABC):
    """Calls to one API of the vendor's. Its path, its token and its limit are the subclass's.

    `deadline` is event-loop time and bounds all calls of the instance together; without it each call
    has the time that the Upstream gives.
    """

    def __init__(self, http: Upstream, *, deadline: float | None = None) -> None:
        self._http = http
        self._deadline = deadline

    async def _request(self, operation: Operation[T], *ids: str, json: Any = None) -> T:
        """Return the data of a read or a sign-in."""
        answer = await self._call(operation, ids, json)
        return answer[1]

    async def _write(self, operation: Operation[None], *ids: str, json: Any = None) -> Written:
        """Return that a write was taken, and whether it holds already."""
        status, _ = await self._finish(operation, ids, json)
        return Written(accepted=status == 202)

    async def _finish(
        self, operation: Operation[T], ids: tuple[str, ...], json: Any
    ) -> tuple[int, T]:
        """Run a write to its end, even if the browser has hung up: cut short, nobody would know what holds."""
        task = self._http.hold(self._call(operation, ids, json))
        # Waiting for it cancels nothing. Nor is its error thrown into whoever awaits this, which
        # would be right as well, but hides what follows from coverage on Python 3.11.
        await asyncio.wait({task})
        return task.result()

    async def _call(
        self, operation: Operation[T], ids: tuple[str, ...], json: Any
    ) -> tuple[int, T]:
        loop = asyncio.get_running_loop()
        deadline = self._until()
        path = self._path(operation, ids)
        content = None if json is None else _encode(json)
        attempt = partial(self._attempt, operation, path, content, deadline)
        try:
            return await attempt()
        except ApiError as error:
            if not operation.safe:
                raise
            failure = error
        return await retry.again(attempt, failure, deadline, loop.time)

    def _until(self) -> float:
        if self._deadline is not None:
            return self._deadline
        return asyncio.get_running_loop().time() + self._http.deadline

    async def _send(
        self,
        operation: Operation[T],
        path: str,
        headers: dict[str, str],
        content: bytes | None,
        deadline: float,
    ) -> tuple[int, T]:
        """Make one exchange with all guards before it, and write one line in the log if it fails."""
        http = self._http
        started = time.perf_counter()
        answer: Answer | None = None
        try:
            with http.breaker.guard(operation.id):
                await self._take(operation, deadline)
                answer = await http.send(
                    operation.id,
                    operation.method,
                    path,
                    headers=headers,
                    content=content,
                    deadline=deadline,
                    limit=operation.limit,
                    pooled=operation.safe,
                    body_matters=not operation.writes,
                )
                result = answer.status, decipher(operation, *answer)
        except ApiError as error:
            seconds = time.perf_counter() - started
            http.observer.called(operation.id, seconds, error)
            if isinstance(error, TooBusy) and error.status is not None:
                self._pause(1.0 if error.retry_after is None else error.retry_after)
            _log(error, seconds, answer)
            raise
        http.observer.called(operation.id, time.perf_counter() - started, None)
        return result

    @abstractmethod
    def _path(self, operation: Operation[Any], ids: tuple[str, ...]) -> str:
        """Return path and query of the call. Raise NotFound for what cannot be an id."""

    @abstractmethod
    async def _attempt(
        self, operation: Operation[T], path: str, content: bytes | None, deadline: float
    ) -> tuple[int, T]:
        """Make one call: `_send` with its headers, more than once where the first says how it is wanted."""

    @abstractmethod
    async def _take(self, operation: Operation[Any], deadline: float) -> None:
        """Take the call from the limit that it counts towards. Raise TooBusy."""

    @abstractmethod
    def _pause(self, seconds: float) -> None:
        """Make no such call for so long: the vendor answered 429."""


class PropertyClient(Client):
    """Calls about one property, and with a token about one unit of it.

    Without a token, a property that is not `known` shares its calls with all others of that kind.
    """

    def __init__(
        self,
        http: Upstream,
        *,
        property_id: str,
        token: UnitToken | str | None = None,
        deadline: float | None = None,
        known: bool = True,
    ) -> None:
        super().__init__(http, deadline=deadline)
        self._property_id = property_id
        self._token = UnitToken(token) if isinstance(token, str) else token
        self._known = known

    def _path(self, operation: Operation[Any], ids: tuple[str, ...]) -> str:
        place, *rest = quoted(operation, self._property_id, *ids)
        return f"/residents/properties/{place}" + operation.path.format(*rest)

    def _headers(
        self, operation: Operation[Any], content: bytes | None, style: TokenStyle
    ) -> dict[str, str]:
        headers = {
            "Accept": operation.accept,
            "Accept-Encoding": "gzip",
            "User-Agent": "resident-portal",
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        if self._token is not None:
            headers["Authorization"] = self._token.header(style)
        return headers

    async def _take(self, operation: Operation[Any], deadline: float) -> None:
        """Take a call of the property's, and of the strangers' share where nobody has signed in. Raise TooBusy."""
        http, name = self._http, operation.id
        http.cooldown.check(name, self._property_id)
        if self._token is None:
            # The residents need not pause for what strangers were told.
            http.strangers_cooldown.check(name, self._property_id)
            if self._known:
                await http.strangers.take(name, self._property_id, deadline)
            else:
                if operation.safe:
                    await http.newcomers_looks.take(name, "all", deadline)
                await http.newcomers.take(name, "all", deadline)
        await http.bucket.take(name, self._property_id, deadline)

    def _pause(self, seconds: float) -> None:
        http = self._http
        cooldown = http.strangers_cooldown if self._token is None else http.cooldown
        cooldown.start(self._property_id, seconds)

    async def _attempt(
        self, operation: Operation[T], path: str, content: bytes | None, deadline: float
    ) -> tuple[int, T]:
        """Make one call. A read whose token was never taken yet is tried in the other style, too."""
        http, token = self._http, self._token
        style = http.style_of(token)

        async def send(style: TokenStyle) -> tuple[int, T]:
            headers = self._headers(operation, content, style)
            return await self._send(operation, path, headers, content, deadline)

        try:
            result = await send(style)
        except NotSignedIn:
            # Another read may have found out in the meantime, hence not `is None`.
            if not operation.safe or not http.may_differ(token, style):
                raise
            style = style.other
            result = await send(style)
        http.learn(token, style)
        return result


def quoted(operation: Operation[Any], *ids: str) -> list[str]:
    """Return the ids as they stand in a path. Raise NotFound if one cannot be an id."""
    try:
        return [quote(check_id(value), safe="") for value in ids]
    except BadId:
        raise NotFound(operation.id) from None


def _encode(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        # Half a surrogate pair: no keyboard makes one, but it goes back as it came.
        return dumps(value).encode()


def _log(error: ApiError, seconds: float, answer: Answer | None) -> None:
    """Write one line without ids, tokens or text of the vendor's, which may quote what was sent."""
    extra = {
        "operation": error.operation,
        "status": error.status,
        "reason": error.reason,
        "ms": round(seconds * 1000),
    }
    if answer is not None:
        extra |= read_trace(answer.body)
    outage = isinstance(error, (TooBusy, Unavailable))
    logger.log(
        logging.WARNING if outage else logging.INFO,
        "RUCKUS One: %s failed: %s",
        error.operation,
        error.reason,
        extra=extra,
    )
