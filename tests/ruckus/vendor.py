"""A stand-in for the vendor that says exactly the bytes a test wants, over a real socket."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

PROPERTY = "0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11"
USER = "7d3a3c52-9a34-4a0e-8b0e-0b9f2c6a1e55"


@dataclass
class Seen:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Vendor:
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0


def reply(status: int = 200, body: bytes | dict | list = b"{}", **headers: str) -> bytes:
    """A whole answer."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(*answers: bytes) -> Script:
    """These answers, one for each request, the last one for ever."""
    left = list(answers)

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return script


def hangs_up_after(start: bytes = b"", *, reset: bool = False) -> Script:
    """The start of an answer, and then the end of the connection."""

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        if reset:
            writer.transport.abort()
        else:
            writer.close()

    return script


async def silence(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Takes the request and never says a word."""


async def _read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    method, path, _ = first.split(" ")
    return Seen(method, path, headers, body)


@contextlib.asynccontextmanager
async def vendor(script: Script, *, host: str = "127.0.0.1", ssl=None) -> AsyncIterator[Vendor]:
    """A server that answers each request by the script."""
    it = Vendor()
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        it.connections += 1
        writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while not writer.is_closing():
                seen = await _read(reader)
                it.seen.append(seen)
                await script(seen, writer)
                await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ssl)
    scheme = "https" if ssl else "http"
    it.url = f"{scheme}://{host}:{server.sockets[0].getsockname()[1]}"
    try:
        yield it
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        # One more turn of the loop, in which the aborted connections let go of their sockets.
        await asyncio.sleep(0)
