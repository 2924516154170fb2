"""An answer that nobody asked for is nobody's."""

import asyncio
import contextlib
import inspect
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from ruckus.resident import ResidentApi
from ruckus.wire import Upstream, _Connector

PROPERTY = "3098b445-38af-5850-babe-972f4cae43e6"


def answer(number: str, status: int = 200) -> bytes:
    body = b'{"number":"%s"}' % number.encode()
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n" % (status, len(body)) + body


@pytest.mark.parametrize("stray", [answer("stray"), answer("stray", 408)])
@pytest.mark.parametrize("late", [False, True], ids=["at once", "later"])
async def test_a_second_answer_is_not_given_to_the_next_resident(stray: bytes, late: bool):
    calls = 0
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                calls += 1
                writer.write(answer(f"of call {calls}") + (b"" if late else stray))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    upstream = Upstream(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    async def number_of_the_unit() -> str:
        api = ResidentApi(upstream, property_id=PROPERTY, token="of another resident each time")
        return (await api.fetch_unit()).number

    seen: Any = None
    try:
        assert await number_of_the_unit() == "of call 1"
        if late:
            writers[0].write(stray)
            await writers[0].drain()
            for _ in range(10):
                # Each turn of the loop reads what has come, and on one machine that is at once.
                await asyncio.sleep(0)
        seen = [await number_of_the_unit() for _ in range(3)]
    finally:
        await upstream.aclose()
        server.close()
        for writer in writers:
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
    assert seen == ["of call 2", "of call 3", "of call 4"]


@pytest.mark.parametrize("strays", [[1], [1, 2], [0, 1, 2]])
async def test_a_stray_answer_behind_a_connection_that_has_aged_is_nobodys(strays, monkeypatch):
    """The base takes the first that is young enough, whatever came on it."""
    now = [1000.0]
    monkeypatch.setattr("aiohttp.connector.monotonic", lambda: now[0])
    writers: list[asyncio.StreamWriter] = []
    arrived = asyncio.Event()
    go = [asyncio.Event() for _ in range(3)]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(writers)
        writers.append(writer)
        if len(writers) == 3:
            arrived.set()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                if number < 3:
                    await go[number].wait()
                writer.write(answer(f"of connection {number}"))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    upstream = Upstream(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    async def number_of_the_unit() -> str:
        api = ResidentApi(upstream, property_id=PROPERTY, token="of another resident each time")
        return (await api.fetch_unit()).number

    try:
        calls = [asyncio.create_task(number_of_the_unit()) for _ in range(3)]
        await arrived.wait()
        # One after the other becomes idle, ten seconds apart: two are young enough at the end.
        for event in go:
            event.set()
            await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
            calls = [call for call in calls if not call.done()]
            now[0] += 7.0
        for number in strays:
            writers[number].write(answer("stray"))
            await writers[number].drain()
        for _ in range(10):
            await asyncio.sleep(0)
        seen = [await number_of_the_unit() for _ in range(3)]
    finally:
        await upstream.aclose()
        server.close()
        for writer in writers:
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
    assert "stray" not in seen
    # The one that is young and clean is used again.
    assert (seen[0] == "of connection 2") is (2 not in strays)


def test_the_pool_still_asks_for_a_connection_where_it_is_looked_at():
    """A private method: with another version of aiohttp it may be called otherwise, or not at all."""
    assert list(inspect.signature(aiohttp.BaseConnector._get).parameters) == [
        "self",
        "key",
        "traces",
    ]
    assert "await self._get(key, traces)" in inspect.getsource(aiohttp.BaseConnector.connect)
    assert isinstance(inspect.getattr_static(aiohttp.connector.Connection, "protocol"), property)


async def test_what_the_pool_gives_is_looked_at_by_what_the_protocol_says(monkeypatch):
    closed = []

    def idle(should_close: bool) -> Any:
        return SimpleNamespace(
            protocol=SimpleNamespace(should_close=should_close), close=lambda: closed.append(1)
        )

    fresh = idle(False)
    given = iter([idle(True), idle(True), fresh])

    async def get(self: object, key: object, traces: object) -> Any:
        return next(given)

    monkeypatch.setattr(aiohttp.BaseConnector, "_get", get)
    connector = _Connector()
    assert await connector._get(None, []) is fresh
    assert len(closed) == 2
    await connector.close()
