"""The sandbox behind a socket on which anything may happen.

A call of the portal is passed on to the sandbox and answered as it should be, unless a fault is
ordered for its property and operation: then the fault has the connection for itself.
"""

import asyncio
import contextlib
import datetime
import ipaddress
import json
import re
import socket
import ssl
import struct
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.app import create_app
from sandbox.state import State

LONGEST = 30.0
"""Seconds after which a fault gives up waiting for the portal to hang up."""

USER = r"/units/users/[^/?]+"
OPERATIONS = [
    ("residentLogin", "POST", r"/units/logins"),
    ("getTenantPortalAccess", "GET", r"/access"),
    ("getPropertyStyles", "GET", r"/styles"),
    ("downloadFavicons", "GET", r"/files/favicons"),
    ("residentFetchProperty", "GET", r""),
    ("residentFetchUiConfiguration", "GET", r"/uiConfigurations"),
    ("residentDownloadPortalFile", "GET", r"/files/(?!favicons)\w+"),
    ("residentFetchUnit", "GET", r"/units"),
    ("residentEditUnit", "PUT", r"/units"),
    ("residentFetchUnitDevices", "GET", r"/units/devices\?type=\w+"),
    ("residentRemoveDevice", "DELETE", r"/units/devices/[^/]+"),
    ("queryUnitUsers", "POST", r"/units/users/query"),
    ("getUnitUser", "GET", USER),
    ("updateUnitUser", "PUT", USER),
    ("getUnitUserDevices", "GET", USER + r"/devices"),
    ("removeUnitUserDevice", "DELETE", USER + r"/devices/[^/]+"),
]
PROPERTY = re.compile(r"/residents/properties/([^/?]+)")


def operation_of(method: str, target: str) -> tuple[str, str]:
    """The property and the operationId that a call is about."""
    found = PROPERTY.match(target)
    assert found, f"{method} {target} is no call of the vendor's API"
    rest = target[found.end() :]
    for operation, its_method, pattern in OPERATIONS:
        if method == its_method and re.fullmatch(pattern, rest):
            return found[1], operation
    raise AssertionError(f"{method} {target} is no operation of the vendor's API")


class Answer(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def head(self, *, length: int | None, **more: str) -> bytes:
        """Status line and headers; chunked where there is no length."""
        lines = [f"HTTP/1.1 {self.status} Answer".encode()]
        lines += [name + b": " + value for name, value in self.headers if name != b"content-length"]
        framing = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
        lines.append(framing.encode())
        lines += [f"{name.replace('_', '-')}: {value}".encode() for name, value in more.items()]
        return b"\r\n".join(lines) + b"\r\n\r\n"


@dataclass
class Exchange:
    """One call of the portal, and the connection that it came on."""

    vendor: "Vendor"
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    property_id: str
    operation: str

    async def real(self) -> Answer:
        """What the sandbox answers; a write has taken effect then."""
        return await self.vendor.ask(self)

    async def send(self, data: bytes) -> None:
        """Writes to the connection. Raises ConnectionError where it is gone."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, answer: Answer) -> None:
        await self.send(answer.head(length=len(answer.body)) + answer.body)

    async def silence(self, seconds: float = LONGEST) -> bool:
        """Says nothing until the portal hangs up, and whether it did."""
        try:
            async with asyncio.timeout(seconds):
                while await self.reader.read(1000):
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def reset(self) -> None:
        """Ends the connection with an RST, as a crash or a firewall does."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Play = Callable[[Exchange], Awaitable[None]]


@dataclass
class Order:
    """The calls of this operation get this fault: all of them, or those after a write."""

    operation: str
    play: Play | None
    # The address at which the call ends instead; then there is nothing to play.
    elsewhere: str = ""
    after: str = ""


@dataclass
class Vendor:
    """The server. `url` is its address, `state` the sandbox's world, `calls` the operations by property."""

    url: str = ""
    state: State = field(default_factory=State)
    orders: dict[str, Order] = field(default_factory=dict)
    calls: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    # Writes that were taken and are done later, in order, each as it was sent.
    queued: defaultdict[str, list["Exchange"]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.app = create_app(self.state)
        self.talks: set[asyncio.Task[None]] = set()
        self.held: list[socket.socket] = []
        self.servers: list[asyncio.Server] = []
        self.foreign_url = ""
        self.strays = 0

    async def __aenter__(self) -> Self:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=512)
        self.servers.append(server)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        # Somebody else's address, to which redirects lead; `strays` counts who came.
        foreign = await asyncio.start_server(self._stray, "127.0.0.1", 0)
        self.servers.append(foreign)
        self.foreign_url = f"http://127.0.0.1:{foreign.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self.servers:
            server.close()
        for talk in list(self.talks):
            talk.cancel()
        await asyncio.gather(*self.talks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()
        for held in self.held:
            held.close()

    # Addresses at which no call can end well

    def refusing(self) -> str:
        """An address that refuses connections, and that nobody else can take meanwhile."""
        taken = socket.socket()
        taken.bind(("127.0.0.1", 0))
        self.held.append(taken)
        return f"http://127.0.0.1:{taken.getsockname()[1]}"

    async def self_signed(self, folder: Path) -> str:
        """An https address whose certificate nobody vouches for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(folder))
        server = await asyncio.start_server(self._stray, "127.0.0.1", 0, ssl=context)
        self.servers.append(server)
        return f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def accepting(self) -> str:
        """An https address where connections are taken, and nothing is ever said."""
        silent = socket.socket()
        silent.bind(("127.0.0.1", 0))
        silent.listen(512)
        self.held.append(silent)
        return f"https://127.0.0.1:{silent.getsockname()[1]}"

    async def plain(self) -> str:
        """An https address at which plain HTTP is spoken."""

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1000)
            writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        self.servers.append(server)
        return f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _stray(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.strays += 1
        writer.transport.abort()

    # Calls

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk
        self.talks.add(talk)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._serve(reader, writer):
                    pass
        except asyncio.CancelledError:
            pass
        finally:
            self.talks.discard(talk)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answers one call, and says whether the connection can be used again."""
        exchange = await self._read(reader, writer)
        order = self.orders.get(exchange.property_id)
        before = self.calls[exchange.property_id]
        before.append(exchange.operation)
        if (
            order is None
            or order.operation != exchange.operation
            or (order.after and order.after not in before)
        ):
            await exchange.answer(await exchange.real())
            return True
        assert order.play, "The call should have ended elsewhere"
        await order.play(exchange)
        return False

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].split(b"\r\n")
        method, target, _version = first.decode("ascii").split(" ")
        pairs = [line.split(b": ", 1) for line in lines]
        headers = [(name.lower(), value) for name, value in pairs]
        length = int(dict(headers).get(b"content-length", b"0"))
        property_id, operation = operation_of(method, target)
        body = await reader.readexactly(length)
        return Exchange(self, reader, writer, method, target, headers, body, property_id, operation)

    async def settle(self, property_id: str) -> None:
        """Does what was put off."""
        for exchange in self.queued.pop(property_id, []):
            await exchange.real()

    async def ask(self, exchange: Exchange) -> Answer:
        """Passes a call on to the sandbox."""
        path, _, query = exchange.target.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": exchange.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": exchange.headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 1),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": exchange.body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], sent[0]["headers"], body)


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def error_body(status: int) -> bytes:
    """The vendor's way to put an error, with words that must never reach a page or a log."""
    return json.dumps(
        {
            "status": f"{status} SOMETHING",
            "timestamp": "2026-01-01T00:00:00Z",
            "message": VENDOR_WORDS,
            "detailedMessage": VENDOR_WORDS,
            "validationErrors": [VENDOR_WORDS],
            "requestId": "a-request-id",
            "errors": [{"code": "CODE-1", "message": VENDOR_WORDS}],
        }
    ).encode()


VENDOR_WORDS = "Hush: what the vendor says stays between us"
