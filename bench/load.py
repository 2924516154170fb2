"""Residents who look at their home again and again, over sockets, on one event loop.

Reads a job as JSON from standard input, writes what it measured to standard output. A job has
`connections`, each of which asks as soon as it was answered, or with `rate` asks when its time has
come (Poisson arrivals, latency counted from the due moment). With `hosts`, a number of properties,
each resident asks at the host of its own. Run as `python -m bench.load`.
"""

import asyncio
import json
import random
import re
import sys
import time
import urllib.request
import zlib
from collections import Counter, deque
from contextlib import suppress
from typing import Any

from bench import data, proc

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
GZIP = re.compile(rb"(?i)\r\ncontent-encoding: *gzip")
PATIENCE = 30.0
# A machine that is busy with other things must not make the bench endless.
VISITING = 60.0


class Wire(asyncio.Protocol):
    """One keep-alive connection: one request, one answer."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.whole = -1
        self.answer: asyncio.Future[bytes] | None = None
        self.open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(error or ConnectionResetError("closed"))

    def data_received(self, chunk: bytes) -> None:
        self.seen += chunk
        if self.whole < 0:
            end = self.seen.find(b"\r\n\r\n")
            if end < 0:
                return
            length = LENGTH.search(self.seen, 0, end + 2)
            if not length:
                self.transport.close()
                return
            self.whole = end + 4 + int(length[1])
        if len(self.seen) >= self.whole and self.answer and not self.answer.done():
            self.answer.set_result(bytes(self.seen))

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        self.seen.clear()
        self.whole = -1
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.answer


class Load:
    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.port: int = job["port"]
        self.sessions = deque(job["sessions"])
        self.idle: list[Wire] = []
        self.measuring = False
        self.over = False
        self.done = 0
        self.visited = asyncio.Event()
        self.times: list[float] = []
        self.errors: Counter[str] = Counter()
        self.bytes = 0

    async def wire(self) -> Wire:
        while self.idle:
            wire = self.idle.pop()
            if wire.open:
                return wire
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Wire, "127.0.0.1", self.port))[1]

    async def page(self, due: float | None = None) -> None:
        """Ask for the page of the next session in turn, and judge the answer."""
        home, cookie = session = self.sessions.popleft()
        path = self.job.get("path", "/")
        host = f"127.0.0.1:{self.port}"
        if (hosts := self.job.get("hosts")) and home is not None:
            host = data.host(home % hosts)
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n"
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n"
            "Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-GB,en;q=0.9\r\n"
            "Accept-Encoding: gzip, deflate, br\r\n\r\n"
        ).encode()
        start = due or time.perf_counter()
        fault, size = None, 0
        try:
            wire = await self.wire()
            async with asyncio.timeout(PATIENCE):
                answer = await wire.ask(request)
            taken = time.perf_counter() - start
            size = len(answer)
            fault = self.judge(answer, home)
            self.idle.append(wire)
        except (OSError, TimeoutError) as error:
            taken = time.perf_counter() - start
            fault = type(error).__name__
            # Or a server that is down would be asked thousands of times a second.
            await asyncio.sleep(0.1)
        self.sessions.append(session)
        self.done += 1
        if self.done >= self.job.get("visits", 0):
            self.visited.set()
        if self.measuring:
            if fault:
                self.errors[fault] += 1
            else:
                self.times.append(taken)
                self.bytes += size

    def judge(self, answer: bytes, home: int | None) -> str | None:
        """Return what is wrong with an answer: its status, or that it shows another home."""
        if answer[9:12] != b"200":
            return f"status {answer[9:12].decode()}"
        if home is None:
            return None
        head, _, body = answer.partition(b"\r\n\r\n")
        if GZIP.search(head):
            body = zlib.decompress(body, 31)
        return None if data.shows(body, home) else "wrong page"

    async def resident(self, delay: float) -> None:
        await asyncio.sleep(delay)
        while not self.over:
            await self.page()

    async def arrivals(self, rate: float) -> None:
        chance = random.Random(1)
        pages: set[asyncio.Task[None]] = set()
        due = time.perf_counter()
        while not self.over:
            due += chance.expovariate(rate)
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            task = asyncio.ensure_future(self.page(due))
            pages.add(task)
            task.add_done_callback(pages.discard)
        await asyncio.gather(*pages)

    def reading(self) -> dict[str, float]:
        """Return the counters whose difference over the window is reported."""
        counts = {}
        if self.job.get("upstream"):
            url = f"http://127.0.0.1:{self.job['upstream']}/bench/counts"
            with urllib.request.urlopen(url, timeout=5) as answer:
                counts = json.load(answer)
        return {
            "at": time.perf_counter(),
            "server": proc.cpu_seconds(self.job["server"]),
            "load": time.process_time(),
            **counts,
        }

    async def run(self) -> dict[str, Any]:
        job = self.job
        if job.get("rate"):
            work = [asyncio.ensure_future(self.arrivals(job["rate"]))]
        else:
            # Spread over the first moments, so that they don't go in step for ever.
            spread = min(1.0, job["warm"] / 2) / job["connections"]
            work = [
                asyncio.ensure_future(self.resident(number * spread))
                for number in range(job["connections"])
            ]
        await asyncio.sleep(job["warm"])
        with suppress(TimeoutError):
            await asyncio.wait_for(self.visited.wait(), VISITING)
        before, self.measuring = self.reading(), True
        await asyncio.sleep(job["seconds"])
        self.measuring, after = False, self.reading()
        memory = proc.memory(job["server"])
        self.over = True
        _, late = await asyncio.wait(work, timeout=PATIENCE)
        for task in late:
            task.cancel()
        return self.report({key: after[key] - before[key] for key in before}, memory)

    def report(self, spent: dict[str, float], memory: int) -> dict[str, Any]:
        pages = len(self.times)
        times = sorted(self.times) or [0.0]

        def percentile(share: float) -> float:
            return round(1000 * times[min(len(times) - 1, int(share * len(times)))], 2)

        per_page = max(1, pages)
        return {
            "seconds": round(spent["at"], 3),
            "pages": pages,
            "pages_per_second": round(pages / spent["at"], 1),
            "p50_ms": percentile(0.50),
            "p95_ms": percentile(0.95),
            "p99_ms": percentile(0.99),
            "cpu_ms_per_page": round(1000 * spent["server"] / per_page, 3),
            "server_core": round(spent["server"] / spent["at"], 3),
            "load_core": round((spent["load"] + spent.get("cpu", 0)) / spent["at"], 3),
            "memory_mb": round(memory / 1e6, 1),
            "upstream_calls_per_page": round(spent.get("calls", 0) / per_page, 3),
            "upstream_bytes_per_page": round(
                (spent.get("received", 0) + spent.get("sent", 0)) / per_page
            ),
            "bytes_per_page": round(self.bytes / per_page),
            "errors": sum(self.errors.values()),
            "kinds_of_error": dict(self.errors),
        }


if __name__ == "__main__":
    json.dump(asyncio.run(Load(json.load(sys.stdin)).run()), sys.stdout)
