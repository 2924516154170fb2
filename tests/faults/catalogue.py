"""Everything that a network, a gateway or a vendor can do to a call, and what it comes to.

Each fault says what a caller may conclude from it. Of a read:

    fine      the data came after all
    sparse    a JSON object came, with none of its values
    odd       a 2xx came whose body makes no sense as JSON
    bad       nothing came that can be used, a file included
    401, 403, 404, 429; refused for 400, 409 and 422

Of a write, where `applied` says whether it has taken effect: ok (2xx), lost, unsent, and the same
statuses. A sign-in is neither: it changes nothing, but a refusal means that the code is wrong.
"""

import asyncio
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import brotli

from tests.faults.vendor import Answer, Exchange, Play, error_body

DEADLINE = 1.0
"""Seconds that a page's calls have here."""

SOON = 0.1
LATE = DEADLINE + 0.6
A_LOT = 32_000_000
HTML = b"<!doctype html><title>Proxy</title><h1>It works!</h1>"


@dataclass(frozen=True)
class Fault:
    name: str
    group: str
    read: str
    write: str
    applied: bool = False
    play: Play | None = None
    # Where the call ends, for what no server of ours can answer: see Vendor.
    elsewhere: str = ""
    only_writes: bool = False

    @property
    def waits(self) -> bool:
        """Whether most of its time is spent waiting, for an answer or before another attempt."""
        tried_again = ("502", "503", "504")
        return self.group in ("slow", "unsent", "reset") or self.name.startswith(tried_again)


FAULTS: list[Fault] = []


def fault(name: str, group: str, read: str, write: str, **more: Any) -> Callable[[Play], Play]:
    """Adds a fault that the function plays."""

    def add(play: Play) -> Play:
        FAULTS.append(Fault(name, group, read, write, play=play, **more))
        return play

    return add


# Time ---------------------------------------------------------------------------------------------


@fault("latency within the deadline", "slow", "fine", "ok", applied=True)
async def soon(x: Exchange) -> None:
    await asyncio.sleep(SOON)
    await x.answer(await x.real())


@fault("latency over the deadline", "slow", "bad", "lost", applied=True)
async def late(x: Exchange) -> None:
    answer = await x.real()
    if not await x.silence(LATE):
        await x.answer(answer)


@fault("latency over the deadline, nothing done", "slow", "bad", "lost", only_writes=True)
async def late_for_nothing(x: Exchange) -> None:
    if not await x.silence(LATE):
        await x.answer(Answer(504, [], b""))


@fault("silence", "slow", "bad", "lost")
async def silence(x: Exchange) -> None:
    await x.silence()


@fault("silence, all done", "slow", "bad", "lost", applied=True, only_writes=True)
async def silence_after(x: Exchange) -> None:
    await x.real()
    await x.silence()


@fault("100 Continue for ever", "slow", "bad", "lost")
async def continue_for_ever(x: Exchange) -> None:
    while not await x.silence(0.1):
        await x.send(b"HTTP/1.1 100 Continue\r\n\r\n")


async def drip(x: Exchange, data: bytes) -> None:
    for n in range(len(data)):
        await x.send(data[n : n + 1])
        if await x.silence(0.1):
            return


@fault("headers byte by byte", "slow", "bad", "lost", applied=True)
async def dripping_head(x: Exchange) -> None:
    answer = await x.real()
    await drip(x, answer.head(length=len(answer.body)) + answer.body)


# The status is there at once, and a 2xx write is a success whatever its body.
@fault("body byte by byte", "slow", "bad", "ok", applied=True)
async def dripping_body(x: Exchange) -> None:
    answer = await x.real()
    # Some bodies are empty, but no drip is.
    body = answer.body + b" " * 100
    await x.send(answer.head(length=len(body)))
    await drip(x, body)


@fault("endless body", "slow", "bad", "ok", applied=True)
async def endless(x: Exchange) -> None:
    answer = await x.real()
    await x.send(answer.head(length=None))
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    async with asyncio.timeout(LATE):
        while not x.reader.at_eof():
            await x.send(chunk)
            await asyncio.sleep(0.001)


@fault("endless headers", "slow", "bad", "lost", applied=True)
async def endless_head(x: Exchange) -> None:
    await x.real()
    await x.send(b"HTTP/1.1 200 OK\r\n")
    async with asyncio.timeout(LATE):
        while not x.reader.at_eof():
            await x.send(b"x-filler: " + b"x" * 1000 + b"\r\n")
            await asyncio.sleep(0.001)


# Connections --------------------------------------------------------------------------------------

FAULTS += [
    Fault("refused", "unsent", "bad", "unsent", elsewhere="refused"),
    Fault("no such name", "unsent", "bad", "unsent", elsewhere="no such name"),
    Fault("a certificate that nobody signed", "unsent", "bad", "unsent", elsewhere="self-signed"),
    Fault("no TLS where there should be", "unsent", "bad", "unsent", elsewhere="no TLS"),
    Fault("a handshake without an answer", "unsent", "bad", "unsent", elsewhere="no handshake"),
]


@fault("reset before the body", "reset", "bad", "lost")
async def reset(x: Exchange) -> None:
    x.reset()


@fault("reset after the write", "reset", "bad", "lost", applied=True, only_writes=True)
async def reset_after(x: Exchange) -> None:
    await x.real()
    x.reset()


@fault("reset in the headers", "reset", "bad", "lost", applied=True)
async def reset_in_head(x: Exchange) -> None:
    await x.real()
    await x.send(b"HTTP/1.1 200 OK\r\ncontent-")
    await asyncio.sleep(0.02)
    x.reset()


@fault("reset in the body", "reset", "bad", "ok", applied=True)
async def reset_in_body(x: Exchange) -> None:
    answer = await x.real()
    await x.send(answer.head(length=len(answer.body) + 10) + answer.body)
    await asyncio.sleep(0.02)
    x.reset()


@fault("reset after the body", "reset", "fine", "ok", applied=True)
async def reset_after_body(x: Exchange) -> None:
    await x.answer(await x.real())
    await asyncio.sleep(0.02)
    x.reset()


@fault("hung up without a word", "reset", "bad", "lost")
async def hang_up(x: Exchange) -> None:
    x.writer.close()


@fault("truncated body", "reset", "bad", "ok", applied=True)
async def truncated(x: Exchange) -> None:
    answer = await x.real()
    half = answer.body[: len(answer.body) // 2]
    await x.send(answer.head(length=len(answer.body) + 10) + half)


@fault("truncated chunks", "reset", "bad", "ok", applied=True)
async def truncated_chunks(x: Exchange) -> None:
    answer = await x.real()
    await x.send(answer.head(length=None) + b"f000\r\n" + answer.body)


@fault("truncated gzip", "reset", "bad", "ok", applied=True)
async def truncated_gzip(x: Exchange) -> None:
    answer = await x.real()
    packed = gzip.compress(answer.body)[:-9]
    await x.send(answer.head(length=len(packed), content_encoding="gzip") + packed)


# What is not HTTP, or hardly ----------------------------------------------------------------------


def raw(name: str, data: bytes) -> None:
    @fault(name, "odd", "bad", "lost", applied=True)
    async def play(x: Exchange) -> None:
        await x.real()
        await x.send(data)


raw("not HTTP at all", b"\x16\x03\x01\x00\xa5 SSH-2.0-OpenSSH_9.2\r\n\x00\xff\r\n\r\n")
raw("a bad chunk", b"HTTP/1.1 500 X\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nx")
raw("a bad header", b"HTTP/1.1 200 OK\r\nno colon\r\ncontent-length: 2\r\n\r\n{}")
raw("a header of 200 kB", b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000 + b"\r\n\r\n")
raw("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}")


# Packing ------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def bomb(kind: str) -> bytes:
    """Some kilobytes that unpack to 32 MB."""
    lot = bytes(A_LOT)
    packed: bytes = gzip.compress(lot, 1) if kind == "gzip" else brotli.compress(lot, quality=1)
    return packed


def packed(name: str, encoding: str, read: str, pack: Callable[[bytes], bytes]) -> None:
    @fault(name, "pack", read, "ok", applied=True)
    async def play(x: Exchange) -> None:
        answer = await x.real()
        body = pack(answer.body)
        await x.send(answer.head(length=len(body), content_encoding=encoding) + body)


packed("gzip, as it was offered", "gzip", "fine", gzip.compress)
packed("gzip bomb", "gzip", "bad", lambda body: bomb("gzip"))
packed("brotli, which was not offered", "br", "bad", brotli.compress)
packed("brotli bomb", "br", "bad", lambda body: bomb("br"))
packed("said to be gzip, and is not", "gzip", "bad", lambda body: b"not packed " + body)


# Bodies -------------------------------------------------------------------------------------------


def body(name: str, group: str, read: str, make: Callable[[Answer], bytes], **more: Any) -> None:
    """A fault that answers 200 with this instead of the body, once the call has taken effect."""

    @fault(name, group, read, "ok", applied=True, **more)
    async def play(x: Exchange) -> None:
        answer = await x.real()
        await x.answer(Answer(200, [(b"content-type", b"application/json")], make(answer)))


@fault("wrong content type", "type", "fine", "ok", applied=True)
async def wrong_type(x: Exchange) -> None:
    answer = await x.real()
    await x.answer(answer._replace(headers=[(b"content-type", b"text/html; charset=utf-16")]))


@fault("no content type", "type", "fine", "ok", applied=True)
async def no_type(x: Exchange) -> None:
    answer = await x.real()
    await x.answer(answer._replace(headers=[]))


@fault("HTML with 200", "html", "odd", "ok")
async def html(x: Exchange) -> None:
    await x.answer(Answer(200, [(b"content-type", b"text/html")], HTML))


def changed(change: Callable[[Any], Any]) -> Callable[[Answer], bytes]:
    """The answer's JSON object with all its values changed; `{}` where it was none."""

    def each(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: change(part) for name, part in value.items()}
        return change(value)

    def make(answer: Answer) -> bytes:
        try:
            data = json.loads(answer.body)
        except ValueError:
            data = {}
        return json.dumps(each(data)).encode()

    return make


def other_type(value: Any) -> Any:
    if isinstance(value, str):
        return [len(value)]
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, int):
        return {"number": value}
    return 17 if value is None else "text"


def nested(answer: Answer) -> bytes:
    return b'{"content":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


body("nulls", "null", "sparse", changed(lambda value: None))
body("wrong types everywhere", "null", "sparse", changed(other_type))
body("missing fields", "null", "sparse", lambda answer: b"{}")
body("invalid UTF-8", "json", "odd", lambda answer: b'{"token":"\xff\xfe","number":"\xc3"}')
body("deep JSON", "json", "odd", nested)
body("JSON array", "json", "odd", lambda answer: b"[" + (answer.body or b"1") + b"]")
body("JSON number", "json", "odd", lambda answer: b"12e9")
body("JSON null", "json", "odd", lambda answer: b"null")
body("half of the JSON", "json", "odd", lambda answer: b'{"number":')
body("empty body", "json", "odd", lambda answer: b"")


# Statuses -----------------------------------------------------------------------------------------

REFUSALS = (400, 409, 422)
# All that a server, a proxy or a content delivery network is known to send.
STATUSES = [
    *range(400, 419),
    *range(421, 427),
    *(428, 429, 431, 444, 449, 450, 451, 460, 463, 494, 495, 496, 497, 498, 499),
    *range(500, 512),
    *range(520, 531),
    *(540, 561, 598, 599),
]


def meaning(status: int) -> str:
    if status in REFUSALS:
        return "refused"
    return str(status) if status in (401, 403, 404, 429) else ""


def status(code: int, name: str, group: str, payload: bytes | None = None, **headers: str) -> None:
    """A fault that answers so, nothing done."""
    more = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    said = meaning(code)

    @fault(name, group, said or "bad", said or "lost")
    async def play(x: Exchange) -> None:
        content = error_body(code) if payload is None else payload
        await x.answer(Answer(code, [(b"content-type", b"application/json"), *more], content))


def group_of(code: int) -> str:
    if code >= 500:
        return "5xx"
    return "400" if code in REFUSALS else meaning(code) or "4xx"


for code in STATUSES:
    status(code, str(code), group_of(code))
status(401, "401 with a challenge", "401", www_authenticate='Bearer error="invalid_token"')
status(404, "404 without a body", "404", b"")
status(404, "404 of a gateway", "404", HTML)
status(429, "429, come back in a second", "429", retry_after="1")
status(429, "429, come back in an hour", "429", retry_after="3600")
status(429, "429 with nonsense", "429", retry_after="soon")
status(500, "500 of a gateway", "5xx", HTML)
status(502, "502 of a gateway", "5xx", HTML)
status(503, "503, come back in two minutes", "5xx", retry_after="120")
status(599, "599 with 32 MB", "5xx", b" " * A_LOT)
for code in (600, 700, 999):
    status(code, str(code), "odd")

for code in (500, 502, 504):

    @fault(f"{code}, all done", "5xx", "bad", "lost", applied=True, only_writes=True)
    async def failed_after(x: Exchange, code: int = code) -> None:
        await x.real()
        await x.answer(Answer(code, [], b""))


# Few of them, and odd ones ------------------------------------------------------------------------


def early(name: str, data: bytes) -> None:
    @fault(name, "2xx", "fine", "ok", applied=True)
    async def play(x: Exchange) -> None:
        await x.send(data)
        await x.answer(await x.real())


early("100 before the answer", b"HTTP/1.1 100 Continue\r\n\r\n")
early("102 before the answer", b"HTTP/1.1 102 Processing\r\n\r\n" * 3)
early("103 before the answer", b"HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n")

for code in (201, 203, 206, 207, 226, 299):

    @fault(f"{code} with the body", "2xx", "fine", "ok", applied=True)
    async def another_success(x: Exchange, code: int = code) -> None:
        answer = await x.real()
        await x.answer(answer._replace(status=code))


for code in (204, 205):

    @fault(str(code), "2xx", "odd", "ok", applied=True)
    async def no_content(x: Exchange, code: int = code) -> None:
        await x.real()
        await x.send(f"HTTP/1.1 {code} Nothing\r\n\r\n".encode())


@fault("101", "odd", "bad", "lost")
async def other_protocol(x: Exchange) -> None:
    await x.send(b"HTTP/1.1 101 Switch\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")
    await x.silence()


# A write that is only ever accepted; a read for which that is said has its data all the same.
@fault("202 for ever", "202", "fine", "ok")
async def accepted(x: Exchange) -> None:
    writes = x.method in ("PUT", "DELETE")
    body = b"{}" if writes else (await x.real()).body
    await x.answer(Answer(202, [(b"content-type", b"application/json")], body))


@fault("200 for ever", "202", "fine", "ok", only_writes=True)
async def forgotten(x: Exchange) -> None:
    await x.answer(Answer(200, [], b""))


for code in (200, 202):

    @fault(f"{code}, done late and in order", "202", "fine", "ok", only_writes=True)
    async def late_and_in_order(x: Exchange, code: int = code) -> None:
        x.vendor.queued[x.property_id].append(x)
        await x.answer(Answer(code, [], b""))


# Redirects ----------------------------------------------------------------------------------------


def redirect(code: int, where: str) -> None:
    @fault(f"{code} to {where}", "3xx", "bad", "lost")
    async def play(x: Exchange) -> None:
        base = x.vendor.url if where == "itself" else x.vendor.foreign_url
        await x.answer(Answer(code, [(b"location", (base + x.target).encode())], b""))


for code in (301, 302, 303, 307, 308):
    redirect(code, "elsewhere")
    redirect(code, "itself")
status(300, "300", "3xx", b"")
status(304, "304", "3xx", b"")
