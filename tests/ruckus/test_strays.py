"""An answer that nobody asked for is nobody's."""

import asyncio
import contextlib
from typing import Any

import pytest

from ruckus.resident import ResidentApi
from ruckus.wire import Upstream

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
