"""Faults on demand: what a slow, broken or hostile vendor sends."""

import asyncio
import socket
import struct
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Kind = Literal[
    "status",  # the given status, body, content type and headers
    "html",  # a gateway's page: 502 unless another status is given
    "latency",  # the ordinary answer, later
    "hang",  # silence until the client gives up
    "reset",  # the connection is reset before an answer
    "reset_after",  # applied, then reset: the answer is lost
    "reset_body",  # applied, then reset in the middle of the body
    "hangup",  # the connection is closed, politely, before an answer
    "truncate",  # applied, the body ends early although more was announced
    "endless",  # a body that never ends
    "drip",  # the ordinary answer, a byte each `interval` seconds
    "gzip_bomb",  # 200 MB of zeros in a small gzip body
    "raw",  # the body as it is, bytes on the wire, then closed
]
APPLYING = ("latency", "reset_after", "reset_body", "truncate", "drip")
GATEWAY_PAGE = "<!doctype html><title>502</title><h1>Bad gateway</h1>"

# The open connections by the client's address, which is the `client` of an ASGI scope. ASGI has
# no way to abort a connection; this is the way round that uvicorn's public options allow.
_transports: dict[tuple[str, int], asyncio.Transport] = {}


class Protocol(H11Protocol):
    """Uvicorn's own protocol, with the connection within reach of a fault."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remembers the connection."""
        super().connection_made(transport)
        if self.client:
            _transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        if self.client:
            _transports.pop(self.client, None)


@dataclass
class Fault:
    """What the next `count` calls get: of one operation, of one property, or all."""

    kind: Kind = "status"
    operation: str | None = None
    property_id: str | None = None
    count: int = 1
    latency: float = 0.0  # seconds, before anything else
    interval: float = 0.1  # seconds, between the bytes of a drip
    status: int | None = None
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    # The call takes effect before its answer is replaced.
    apply: bool = False

    @property
    def applies(self) -> bool:
        """Return whether the call itself is carried out."""
        return self.apply or self.kind in APPLYING

    def answer(self, real: Response | None = None) -> Response:
        """Return what is sent, given the real answer of a call that was carried out."""
        if self.kind == "latency" and real is not None:
            return real
        if self.kind in ("status", "html"):
            html = self.kind == "html"
            content_type = "text/html" if html else self.content_type
            body = self.body or (GATEWAY_PAGE.encode() if html else b"")
            answer = Response(body, self.status or (502 if html else 500))
            answer.headers["content-type"] = content_type
            answer.headers.update(self.headers)
            return answer
        return Broken(self, real)


def take(faults: list[Fault], operation: str, property_id: str | None) -> Fault | None:
    """Return the first fault that this call gets, counted down; None for an ordinary call."""
    for fault in faults:
        if fault.operation in (None, operation) and fault.property_id in (None, property_id):
            fault.count -= 1
            if fault.count < 1:
                faults.remove(fault)
            return fault
    return None


class Broken(Response):
    """An answer that ASGI can't express; bytes are written to the connection itself."""

    def __init__(self, fault: Fault, real: Response | None) -> None:
        super().__init__()
        self.fault = fault
        self.real = real

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Misbehaves, then waits until the connection is gone.

        Raise ConnectionResetError where there is no connection (an in-process client).
        """
        transport = _transports.get(scope.get("client") or ("", 0))
        if transport is None:
            raise ConnectionResetError(f"sandbox fault: {self.fault.kind}")
        gone = asyncio.ensure_future(_disconnected(Request(scope, receive)))
        try:
            await self._misbehave(transport, gone)
            await asyncio.wait([gone], timeout=60)
        finally:
            gone.cancel()

    async def _misbehave(self, transport: asyncio.Transport, gone: "asyncio.Future[None]") -> None:
        kind, real = self.fault.kind, self.real
        body = bytes(real.body) if real is not None else b""
        if kind == "hang":
            await asyncio.wait([gone], timeout=3600)
            transport.abort()
        elif kind in ("reset", "reset_after"):
            _reset(transport)
        elif kind == "hangup":
            transport.close()
        elif kind == "raw":
            transport.write(self.fault.body)
            transport.close()
        elif kind == "reset_body":
            transport.write(_head(real, len(body) + 10) + body[: len(body) // 2])
            await asyncio.sleep(0.05)  # lets the first half reach the client
            _reset(transport)
        elif kind == "truncate":
            transport.write(_head(real, len(body) + 10) + body[: len(body) // 2])
            transport.close()
        elif kind == "drip":
            transport.write(_head(real, len(body)))
            for n in range(len(body)):
                transport.write(body[n : n + 1])
                done, _ = await asyncio.wait([gone], timeout=self.fault.interval)
                if done:
                    return
            transport.close()
        elif kind == "endless":
            transport.write(_head(real, None))
            chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
            while not gone.done():
                if transport.get_write_buffer_size() < len(chunk):
                    transport.write(chunk)
                await asyncio.wait([gone], timeout=0.001)
        elif kind == "gzip_bomb":
            bomb = _bomb()
            transport.write(_head(real, len(bomb), "content-encoding: gzip\r\n") + bomb)
            transport.close()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _reset(transport: asyncio.Transport) -> None:
    """End the connection with an RST, which is what a crash or a firewall looks like."""
    if (sock := transport.get_extra_info("socket")) is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _head(real: Response | None, length: int | None, extra: str = "") -> bytes:
    status = real.status_code if real is not None else 200
    kind = real.headers.get("content-type") if real is not None else None
    framing = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
    content_type = kind or "application/json"
    head = f"HTTP/1.1 {status} OK\r\ncontent-type: {content_type}\r\n{framing}\r\n{extra}\r\n"
    return head.encode("latin-1")


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    """Return a valid gzip member of 200 MB of zeros in some 200 kB, made without holding them."""
    zeros = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush a block stands on its own, so that it can be repeated.
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(200):
        checksum = zlib.crc32(zeros, checksum)
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return head + block * 200 + packer.flush() + struct.pack("<LL", checksum, 200 << 20)
