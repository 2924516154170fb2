"""The wire: one exchange with the vendor, bounded in time and in size, without cookies, redirects or re-sending."""

import asyncio
import errno
import logging
import sys
import zlib
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from .authorization import TokenStyle, UnitToken
from .breaker import Breaker
from .budget import (
    NEWCOMERS,
    NEWCOMERS_LOOKS,
    PATIENCE,
    PROPERTY,
    STRANGERS,
    Bucket,
    Cooldown,
    Evaluate,
)
from .errors import TooBusy, Unavailable
from .observer import NOBODY, Observer
from .pace import BULK, TENANT

T = TypeVar("T")

limits = logging.getLogger("ruckus.limits")

SIDE_BODY_SECONDS = 1.0
"""How long to wait for a body that only a log would want: of an error, or of a write that has been taken."""

SIDE_BODY_BYTES = 64_000

# Four libraries have a say in a failure: httpx, aiohttp (whose ClientResponseError httpx-aiohttp
# lets through), the socket, and codecs (a status line with odd bytes is a UnicodeError).
FAILURES = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError)


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class _BadBody(Exception):
    """Too large, cut short, or packed in a way that was not asked for."""


class Upstream:
    """The vendor's API as one event loop of one process sees it: connections, and what is remembered about its health.

    `transport` stands in for the network: any httpx.AsyncBaseTransport. `evaluate` reaches a Redis that all processes
    share. `most_reads` and `most_writes` bound the connections that are in use at a time. `observer` is told what
    becomes of the calls. Times are in seconds.
    """

    def __init__(
        self,
        base_url: str = "https://ruckus.invalid",
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline: float = 8.0,
        connect_timeout: float = 3.0,
        evaluate: Evaluate | None = None,
        breaker: bool = True,
        token_style: TokenStyle | None = None,
        most_reads: int = sys.maxsize,
        most_writes: int = sys.maxsize,
        observer: Observer = NOBODY,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.deadline = deadline
        self.observer = observer
        self.breaker = Breaker(20 if breaker else sys.maxsize, observer=observer)
        self.bucket = Bucket("property", PROPERTY, evaluate, observer)
        self.strangers = Bucket("strangers", STRANGERS, evaluate, observer)
        self.newcomers = Bucket("newcomers", NEWCOMERS, evaluate, observer)
        self.newcomers_looks = Bucket("looks", NEWCOMERS_LOOKS, evaluate, observer)
        self.tenants = Bucket("tenants", TENANT, evaluate, observer)
        self.bulk = Bucket("bulk", BULK, evaluate, observer)
        self.cooldown = Cooldown()
        self.strangers_cooldown = Cooldown()
        self._fixed_style = token_style
        self._last_style = token_style or TokenStyle.BEARER
        self._timeout = {"connect": connect_timeout}
        self._held: set[asyncio.Task[Any]] = set()
        self._free_reads = asyncio.Semaphore(most_reads)
        self._free_writes = asyncio.Semaphore(most_writes)
        if transport is not None:
            self._reads = self._writes = transport
        else:
            secure = self.base_url.startswith("https:")
            # Honours SSL_CERT_FILE and SSL_CERT_DIR and has certifi's list otherwise, where
            # aiohttp would need the system's, which slim images lack.
            context = httpx.create_ssl_context() if secure else True
            self._reads = _transport(context, force_close=False)
            # A write never goes out on a connection that the vendor may just have closed: its
            # answer would be lost, and nobody could say whether it arrived.
            self._writes = _transport(context, force_close=True)

    async def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        deadline: float,
        limit: int,
        pooled: bool,
        body_matters: bool,
    ) -> Answer:
        """Return the answer to one call, whatever its status. Raise Unavailable, or TooBusy where no connection is left.

        `deadline` is event-loop time, `limit` the bytes that a body may have once unpacked. Where the body does not
        matter, as with every status but 2xx, it may be missing from the answer.
        """
        free = self._free_reads if pooled else self._free_writes
        await _acquire(free, operation, deadline)
        status = None
        try:
            request = httpx.Request(
                method,
                _url(self.base_url + path),
                headers=headers,
                content=content,
                extensions={"timeout": self._timeout},
            )
            async with asyncio.timeout_at(deadline):
                transport = self._reads if pooled else self._writes
                response = await transport.handle_async_request(request)
            status = response.status_code
            try:
                if body_matters and response.is_success:
                    async with asyncio.timeout_at(deadline):
                        body = await _read(response, limit)
                else:
                    body = await _read_if_quick(response, deadline)
            finally:
                # How a connection ends takes nothing back of what has been said.
                with suppress(*FAILURES):
                    await _stream(response).aclose()
        except (*FAILURES, _BadBody, zlib.error) as error:
            reason, sent = _explain(error)
            if reason == "files":
                raise _no_connection(operation) from None
            raise Unavailable(
                operation, reason, status, maybe_written=sent and not pooled
            ) from None
        finally:
            free.release()
        return Answer(status, response.headers, body)

    def style_of(self, token: UnitToken | None) -> TokenStyle:
        """Return the style in which to send a token: its own, else the one that last worked here."""
        if self._fixed_style is None and token is not None and token.style is not None:
            return token.style
        return self._last_style

    def may_differ(self, token: UnitToken | None, refused: TokenStyle) -> bool:
        """Return whether a token that was refused in this style may yet be taken in the other.

        Never where settings fix the style, nor where the token was taken in this style before.
        """
        if token is None or token.is_complete or self._fixed_style is not None:
            return False
        return token.style is not refused

    def learn(self, token: UnitToken | None, style: TokenStyle) -> None:
        """Remember that the vendor took a token in this style."""
        if token is not None and not token.is_complete:
            token.style = self._last_style = style

    def hold(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Return a task that runs to its end even if nobody waits for it any more."""
        task = asyncio.get_running_loop().create_task(work)
        self._held.add(task)
        task.add_done_callback(self._let_go)
        return task

    def _let_go(self, task: asyncio.Task[Any]) -> None:
        self._held.discard(task)
        if not task.cancelled():
            # Fetched, or asyncio would complain of it where the caller has left.
            task.exception()

    async def drain(self) -> None:
        """Wait for the writes that are under way; each has its own deadline."""
        while self._held:
            await asyncio.wait(self._held)

    async def aclose(self) -> None:
        """Drain, then close all connections."""
        await self.drain()
        await self._reads.aclose()
        await self._writes.aclose()


@lru_cache(maxsize=2048)
def _url(url: str) -> httpx.URL:
    # Parsing takes a tenth of the time of a call, and the busiest addresses name but a property.
    return httpx.URL(url)


class _Connector(aiohttp.TCPConnector):
    """Uses no connection again on which something came that nobody had asked for.

    aiohttp would take it for the answer to the next call, which may well be another resident's.
    """

    async def _get(self, key: Any, traces: Any) -> Any:
        # The base passes over those that have been idle for too long: each that it would give is
        # looked at, wherever in the queue it was.
        while (found := await super()._get(key, traces)) is not None:
            if found.protocol is not None and not found.protocol.should_close:
                break
            found.close()
        return found


def _transport(context: Any, *, force_close: bool) -> AiohttpTransport:
    def session() -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=_Connector(limit=0, ssl=context, force_close=force_close),
            # No client between the transport and us keeps cookies either: one resident's would
            # travel with the next one's calls.
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        # aiohttp would re-send a PUT or DELETE by itself when the server hangs up, and a GET
        # behind the bucket's back. There is no public switch.
        session._retry_connection = False
        return session

    # verify=False skips a TLS context that nothing uses: the connector has its own.
    return AiohttpTransport(client=session, verify=False, trust_env=False)


async def _acquire(free: asyncio.Semaphore, operation: str, deadline: float) -> None:
    """Take one of the connections, waiting a moment for it. Raise TooBusy, or Unavailable past the deadline."""
    now = asyncio.get_running_loop().time()
    if now >= deadline:
        raise Unavailable(operation, "deadline")
    if not free.locked():
        await free.acquire()
        return
    try:
        async with asyncio.timeout_at(min(deadline, now + PATIENCE)):
            await free.acquire()
    except TimeoutError:
        raise _no_connection(operation) from None


def _no_connection(operation: str) -> TooBusy:
    limits.warning("All connections to RUCKUS One are in use: calls are put off")
    return TooBusy(operation, retry_after=PATIENCE)


def _explain(error: Exception) -> tuple[str, bool]:
    """Return a short word for the failure, and whether the request may have been sent.

    httpx-aiohttp calls nearly everything ConnectTimeout, so that only the cause can be believed; other transports
    raise httpx's errors without one.
    """
    cause = error.__cause__ if isinstance(error, httpx.HTTPError) and error.__cause__ else error
    if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE):
        return "files", False
    match cause:
        case aiohttp.ClientConnectorDNSError():
            return "dns", False
        case aiohttp.ClientSSLError():
            return "tls", False
        case aiohttp.ClientConnectorError() | httpx.ConnectError():
            return "refused", False
        case aiohttp.ConnectionTimeoutError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "timeout", False
        case TimeoutError() | httpx.TimeoutException():
            return "timeout", True
        case aiohttp.ClientPayloadError() | OSError() | httpx.NetworkError():
            return "reset", True
        case aiohttp.ServerDisconnectedError():
            return "reset", True
        case _BadBody() | zlib.error() | httpx.DecodingError():
            return "body", True
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | aiohttp.InvalidURL():
            return "protocol", False
    return "protocol", True


def _stream(response: httpx.Response) -> httpx.AsyncByteStream:
    # Untouched by httpx, which would unpack each chunk whole, 200 MB of brotli included.
    return cast(httpx.AsyncByteStream, response.stream)


async def _read(response: httpx.Response, limit: int) -> bytes:
    """Return the unpacked body. Raise _BadBody past `limit` bytes, and what FAILURES and zlib raise."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        unpack = None
    elif encoding in ("gzip", "x-gzip"):
        unpack = zlib.decompressobj(31)
    else:
        raise _BadBody
    body = bytearray()
    received = 0
    async for chunk in _stream(response):
        received += len(chunk)
        # One byte past the limit is enough to know, whatever a chunk would unpack to.
        body += unpack.decompress(chunk, limit + 1 - len(body)) if unpack else chunk
        if max(len(body), received) > limit:
            raise _BadBody
    if unpack and not unpack.eof:
        raise _BadBody
    return bytes(body)


async def _read_if_quick(response: httpx.Response, deadline: float) -> bytes:
    """Return the body, or nothing if it does not come whole, soon and small: the status has said what matters."""
    soon = asyncio.get_running_loop().time() + SIDE_BODY_SECONDS
    try:
        async with asyncio.timeout_at(min(deadline, soon)):
            return await _read(response, SIDE_BODY_BYTES)
    except (*FAILURES, _BadBody, zlib.error):
        return b""
