"""A light stand-in for RUCKUS One: the least work per call, after a latency that can be set.

It prints its port. `GET /bench/latency/<milliseconds>` sets the latency, `GET /bench/homes/<number>`
how many homes staff's building has, `GET /bench/counts` tells how many calls and bytes there were.
Run as `python -m bench.upstream`.
"""

import asyncio
import json
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from bench import data, images

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
HOME = re.compile(rb"(?i)\r\nauthorization: *bearer [^\r]*?([0-9]{8})\r")


class Counts:
    calls = received = sent = 0
    # Of the calls, those of staff's API, its sign-ins to homes not among them.
    managing = 0
    homes = 0
    latency = 0.0


def answer(body: bytes, kind: bytes = b"application/json", status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (status, kind, len(body)) + body


def login(body: bytes) -> bytes:
    home = data.home_of(json.loads(body)["hashedSecret"])
    expires = datetime.now(UTC) + timedelta(hours=12)
    return answer(
        json.dumps(
            {
                "unitGuid": data.unit_id(home),
                "token": data.token(home),
                "serverVersion": "1",
                "expireDateTime": expires.isoformat(),
            }
        ).encode()
    )


PROPERTY = answer(data.PROPERTY)
UI_CONFIGURATION = answer(data.UI_CONFIGURATION)
DEVICES = answer(data.devices())
NONE = answer(b"", status=b"404 Not Found")


@lru_cache(16_384)
def of_home(path: bytes, home: int) -> bytes:
    if path == b"/units":
        return answer(data.unit(home), b"application/hal+json")
    if path == b"/units/users/query":
        return answer(data.users(home))
    if b"/devices" in path:
        return DEVICES
    if path.startswith(b"/units/users/"):
        # Its id ends with which of the home's users it is.
        return answer(json.dumps(data.user(home, int(path[-1:], 16))).encode())
    return NONE


@lru_cache(64)
def of_property(path: bytes) -> bytes:
    match path:
        case b"":
            return PROPERTY
        case b"/uiConfigurations":
            return UI_CONFIGURATION
        case b"/access":
            return answer(b'{"loginText":"Welcome","portalAllowed":false}')
        case b"/files/logo":
            return answer(images.logo(), b"image/png")
        case b"/files/favicons":
            return answer(images.icon(), b"image/png")
    return NONE


def managing(path: bytes, body: bytes) -> bytes:
    """Return what the API for staff answers."""
    Counts.managing += 1
    if path.startswith(b"/oauth2/token/"):
        token = {"access_token": "a" * 600, "token_type": "Bearer", "expires_in": 3600}
        return answer(json.dumps(token).encode())
    if path.endswith(b"/units/query"):
        asked = json.loads(body)
        page = data.managed_units(asked["page"], asked["pageSize"], Counts.homes)
        return answer(page, b"application/hal+json")
    home = int(path[-12:], 16)
    return answer(json.dumps(data.managed_unit(home)).encode(), b"application/hal+json")


def control(path: bytes) -> bytes:
    if path.startswith(b"/bench/latency/"):
        Counts.latency = int(path.rpartition(b"/")[2]) / 1000
    if path.startswith(b"/bench/homes/"):
        Counts.homes = int(path.rpartition(b"/")[2])
    counts = {"calls": Counts.calls, "received": Counts.received, "sent": Counts.sent}
    counts["managing"] = Counts.managing
    return answer(json.dumps({**counts, "cpu": time.process_time()}).encode())


class Upstream(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.seen = b""
        self.loop = asyncio.get_running_loop()

    def data_received(self, chunk: bytes) -> None:
        self.seen += chunk
        while (end := self.seen.find(b"\r\n\r\n")) >= 0:
            head = self.seen[: end + 2]
            length = LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self.seen) < whole:
                return
            body, size = self.seen[end + 4 : whole], whole
            self.seen = self.seen[whole:]
            self.respond(head, body, size)

    def respond(self, head: bytes, body: bytes, size: int) -> None:
        path = head[: head.index(b"\r")].split(b" ")[1]
        if path.startswith(b"/bench/"):
            self.transport.write(control(path))
            return
        # /residents/properties/<36 characters>, then what is asked of it.
        asked = path[58:].partition(b"?")[0]
        if not path.startswith(b"/residents/"):
            reply = managing(path, body)
        elif asked == b"/units/logins":
            reply = login(body)
        elif asked.startswith(b"/units"):
            home = HOME.search(head)
            reply = of_home(asked, int(home[1])) if home else NONE
        else:
            reply = of_property(asked)
        Counts.calls += 1
        Counts.received += size
        Counts.sent += len(reply)
        if Counts.latency:
            self.loop.call_later(Counts.latency, self.reply, reply)
        else:
            self.transport.write(reply)

    def reply(self, reply: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(reply)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upstream, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The bench ends us; should it be gone itself, our standard input is at its end.
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
