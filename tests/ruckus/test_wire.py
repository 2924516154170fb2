"""The wire, over real sockets: what a vendor, a proxy or a bad line can do to one exchange."""

import asyncio
import errno
import gc
import gzip
import socket
import ssl
import zlib
from datetime import UTC, datetime, timedelta

import aiohttp
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ruckus import wire
from ruckus.errors import TooBusy, Unavailable
from ruckus.wire import Upstream

from .vendor import hangs_up_after, reply, says, silence, vendor


async def exchange(upstream, method="GET", *, seconds=20.0, limit=1000, pooled=None):
    """One exchange; a PUT goes the way of writes."""
    reads = method == "GET" if pooled is None else pooled
    return await upstream.send(
        "anOperation",
        method,
        "/thing",
        headers={"Accept-Encoding": "gzip"},
        content=None if method == "GET" else b"{}",
        deadline=asyncio.get_running_loop().time() + seconds,
        limit=limit,
        pooled=reads,
        body_matters=reads,
    )


async def outcome(script, method="GET", **kwargs):
    """The error of an exchange with a vendor that follows the script, and the vendor."""
    async with vendor(script) as it:
        upstream = Upstream(it.url)
        try:
            with pytest.raises(Unavailable) as caught:
                await exchange(upstream, method, **kwargs)
        finally:
            await upstream.aclose()
    return caught.value, it


async def answer(script, method="GET", **kwargs):
    """The answer of a vendor that follows the script."""
    async with vendor(script) as it:
        upstream = Upstream(it.url)
        try:
            return await exchange(upstream, method, **kwargs)
        finally:
            await upstream.aclose()


# Failures


async def test_a_refused_connection_was_never_sent():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        upstream = Upstream(f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(Unavailable) as caught:
            await exchange(upstream, "PUT")
        await upstream.aclose()

    assert (caught.value.reason, caught.value.maybe_written) == ("refused", False)


async def test_a_name_that_is_not_found_was_never_sent(monkeypatch):
    async def nowhere(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nowhere)
    upstream = Upstream("http://ruckus.invalid")
    with pytest.raises(Unavailable) as caught:
        await exchange(upstream, "PUT")
    await upstream.aclose()

    assert (caught.value.reason, caught.value.maybe_written) == ("dns", False)


async def test_a_connection_that_never_comes_about_was_never_sent():
    # The one place in the queue of this socket is taken, so that the next one waits for ever.
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for taken in (first, second):
            taken.setblocking(False)
            taken.connect_ex(full.getsockname())
        host, port = full.getsockname()
        upstream = Upstream(f"http://{host}:{port}", connect_timeout=0.2)
        with pytest.raises(Unavailable) as caught:
            await exchange(upstream, "PUT")
        await upstream.aclose()

    assert (caught.value.reason, caught.value.maybe_written) == ("timeout", False)


async def test_silence_ends_with_the_deadline():
    error, it = await outcome(silence, "PUT", seconds=1.0)

    assert (error.reason, error.maybe_written, error.status) == ("timeout", True, None)
    assert len(it.seen) == 1


async def test_a_body_in_drops_ends_with_the_deadline():
    async def drops(seen, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    error, _ = await outcome(drops, seconds=0.5)

    assert error.reason == "timeout"


async def test_after_the_deadline_nothing_is_sent():
    error, it = await outcome(says(reply()), "PUT", seconds=-1.0)

    assert (error.reason, error.maybe_written) == ("deadline", False)
    assert it.connections == 0


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
async def test_a_write_whose_answer_is_lost_is_sent_once_and_may_have_landed(method, reset):
    error, it = await outcome(hangs_up_after(reset=reset), method)

    assert (error.reason, error.maybe_written) == ("reset", True)
    assert len(it.seen) == 1


async def test_a_read_whose_answer_is_lost_is_not_sent_again_behind_our_back():
    error, it = await outcome(hangs_up_after())

    assert (error.reason, error.maybe_written) == ("reset", False)
    assert len(it.seen) == 1


@pytest.mark.parametrize("reset", [True, False])
async def test_a_body_that_is_cut_off_is_no_answer(reset):
    error, _ = await outcome(
        hangs_up_after(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":', reset=reset)
    )

    assert (error.reason, error.status) == ("reset", 200)


@pytest.mark.parametrize(
    "said",
    [
        b"\x00\x01garbage\r\n\r\n",
        b"HTTP/9.9 OK\r\n\r\n",
        b"HTTP/1.1 200 \xff\xfe\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
    ],
)
async def test_garbage_is_no_answer(said):
    error, _ = await outcome(hangs_up_after(said))

    assert error.reason in ("protocol", "reset")


async def test_bytes_that_are_no_answer_to_a_write_leave_open_whether_it_landed():
    error, _ = await outcome(says(b"garbage\r\n\r\n"), "PUT")

    assert (error.reason, error.maybe_written) == ("protocol", True)


@pytest.mark.parametrize("url", ["http://[broken", "http://127.0.0.1:99999"])
async def test_an_address_that_is_none_is_unavailable(url):
    upstream = Upstream(url)
    with pytest.raises(Unavailable) as caught:
        await exchange(upstream, "PUT")
    await upstream.aclose()

    assert caught.value.maybe_written is False


# Bodies


async def test_a_body_is_unpacked():
    packed = gzip.compress(b"hello")

    assert (await answer(says(reply(body=packed, Content_Encoding="gzip")))).body == b"hello"
    assert (await answer(says(reply(body=b"hello", Content_Encoding="identity")))).body == b"hello"


async def test_a_body_may_be_as_long_as_the_limit_and_no_longer():
    assert len((await answer(says(reply(body=b"x" * 1000)))).body) == 1000
    error, _ = await outcome(says(reply(body=b"x" * 1001)))
    assert (error.reason, error.status) == ("body", 200)


async def test_a_gzip_bomb_is_stopped_at_the_limit(monkeypatch):
    unpacked = 0
    real = zlib.decompressobj

    class Watched:
        def __init__(self, bits):
            self.inner = real(bits)

        def decompress(self, data, longest):
            nonlocal unpacked
            out = self.inner.decompress(data, longest)
            unpacked += len(out)
            return out

    bomb = gzip.compress(bytes(500_000))
    assert len(bomb) < 1000
    monkeypatch.setattr(wire.zlib, "decompressobj", Watched)
    error, _ = await outcome(says(reply(body=bomb, Content_Encoding="gzip")))

    assert error.reason == "body"
    assert unpacked == 1001


async def test_what_follows_a_packed_body_is_not_kept():
    class Transport(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Chunks())

    class Chunks(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield gzip.compress(b"hello")
            for _ in range(follow):
                yield b"x" * 100

    upstream = Upstream(transport=Transport())
    follow = 3
    assert (await exchange(upstream)).body == b"hello"
    follow = 1000
    with pytest.raises(Unavailable) as caught:
        await exchange(upstream)
    assert caught.value.reason == "body"


async def test_an_endless_body_is_stopped_at_the_limit():
    async def endless(seen, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"10\r\n" + b"x" * 16 + b"\r\n")
            await writer.drain()

    error, _ = await outcome(endless)

    assert error.reason == "body"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"hello")[:-4], "gzip"),
        (b"no gzip", "gzip"),
        (b"hello", "br"),
        (b"hello", "gzip, gzip"),
    ],
    ids=["cut short", "no gzip", "brotli", "twice"],
)
async def test_a_body_that_is_badly_packed_is_no_answer(body, encoding):
    error, _ = await outcome(says(reply(body=body, Content_Encoding=encoding)))

    assert (error.reason, error.status) == ("body", 200)


@pytest.mark.parametrize(
    "script",
    [
        hangs_up_after(b"HTTP/1.1 202 OK\r\nContent-Length: 100\r\n\r\n{"),
        hangs_up_after(b"HTTP/1.1 202 OK\r\nContent-Length: 100\r\n\r\n", reset=True),
        says(reply(202, body=b"x", Content_Encoding="br")),
        says(reply(202, body=b"x" * 100_000)),
        says(b"HTTP/1.1 202 OK\r\nContent-Length: 5\r\n\r\n"),
    ],
)
async def test_a_write_that_was_taken_needs_no_body(script, monkeypatch):
    monkeypatch.setattr(wire, "SIDE_BODY_SECONDS", 0.3)

    # Long before the deadline.
    async with asyncio.timeout(10):
        assert (await answer(script, "PUT"))[::2] == (202, b"")


async def test_a_bad_end_of_the_connection_takes_nothing_back():
    class Transport(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            return httpx.Response(200, stream=Stream())

    class Stream(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield b"{}"

        async def aclose(self):
            raise httpx.ReadError("x")

    assert (await exchange(Upstream(transport=Transport()), "PUT")).status == 200


async def test_an_error_needs_no_body_either():
    said = hangs_up_after(b"HTTP/1.1 503 No\r\nContent-Length: 100\r\nRetry-After: 7\r\n\r\n{")

    status, headers, body = await answer(said)

    assert (status, headers["retry-after"], body) == (503, "7", b"")


async def test_redirects_are_not_followed():
    async with vendor(says(reply(302, Location="/elsewhere"))) as it:
        upstream = Upstream(it.url)
        assert (await exchange(upstream)).status == 302
        await upstream.aclose()

    assert [seen.path for seen in it.seen] == ["/thing"]


# Connections and cookies


async def test_no_cookie_ever_comes_back():
    # A name, not an address: aiohttp's own jar would ignore an address anyway.
    script = says(reply(Set_Cookie="session=ann; Path=/"))
    async with vendor(script, host="localhost") as it:
        upstream = Upstream(it.url)
        for method in ("GET", "PUT", "GET", "PUT"):
            await exchange(upstream, method)
        await upstream.aclose()

    assert len(it.seen) == 4
    assert not any("cookie" in seen.headers for seen in it.seen)


async def test_reads_share_a_connection_and_writes_have_one_each():
    async with vendor(says(reply())) as it:
        upstream = Upstream(it.url)
        for _ in range(3):
            await exchange(upstream)
        assert it.connections == 1
        for _ in range(3):
            await exchange(upstream, "PUT")
        assert it.connections == 4
        await upstream.aclose()


async def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert (await answer(says(reply()))).status == 200


def certificate(path):
    """A certificate for localhost that nobody has signed, written to `path`, and its server side."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    both = path / "both.pem"
    public = path / "public.pem"
    public.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    both.write_bytes(
        public.read_bytes()
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return public, context


async def test_a_certificate_that_nobody_signed_is_refused_before_anything_is_sent(tmp_path):
    _, context = certificate(tmp_path)
    async with vendor(says(reply()), host="localhost", ssl=context) as it:
        upstream = Upstream(it.url)
        with pytest.raises(Unavailable) as caught:
            await exchange(upstream, "PUT")
        await upstream.aclose()

    assert (caught.value.reason, caught.value.maybe_written) == ("tls", False)
    assert it.seen == []


async def test_a_certificate_list_of_ones_own_is_honoured(tmp_path, monkeypatch):
    public, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    async with vendor(says(reply()), host="localhost", ssl=context) as it:
        upstream = Upstream(it.url)
        assert (await exchange(upstream)).status == 200
        await upstream.aclose()


# The bound


async def test_calls_past_the_connections_wait_a_moment_and_are_then_put_off(monkeypatch, caplog):
    monkeypatch.setattr(wire, "PATIENCE", 0.05)
    release = asyncio.Event()

    async def held(seen, writer):
        await release.wait()
        writer.write(reply())

    async with vendor(held) as it:
        upstream = Upstream(it.url, most_reads=1, most_writes=1)
        read, write = (asyncio.create_task(exchange(upstream, way)) for way in ("GET", "PUT"))
        while len(it.seen) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for method in ("GET", "PUT"):
            with pytest.raises(TooBusy) as caught:
                await exchange(upstream, method)
            assert (caught.value.status, caught.value.retry_after) == (None, 0.05)
        assert len(it.seen) == 2

        monkeypatch.setattr(wire, "PATIENCE", 20.0)
        next_one = asyncio.create_task(exchange(upstream))
        await asyncio.sleep(0)
        release.set()
        assert [(await task).status for task in (read, write, next_one)] == [200] * 3
        await upstream.aclose()

    assert {(r.name, r.getMessage()) for r in caplog.records if "limits" in r.name} == {
        ("ruckus.limits", "All connections to RUCKUS One are in use: calls are put off")
    }


async def test_a_connection_is_free_again_after_a_failure():
    async with vendor(hangs_up_after()) as it:
        upstream = Upstream(it.url, most_reads=1)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await exchange(upstream)
        await upstream.aclose()

    assert len(it.seen) == 3


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
async def test_a_want_of_files_is_not_the_vendor_s_fault(number, monkeypatch):
    def no_socket(*_, **__):
        raise OSError(number, "Too many open files")

    upstream = Upstream("http://127.0.0.1:9")
    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", no_socket)
        with pytest.raises(TooBusy) as caught:
            await exchange(upstream, "PUT")
    await upstream.aclose()

    assert caught.value.status is None


# The seam for tests


@pytest.mark.parametrize(
    ("raised", "reason", "sent"),
    [
        (httpx.ConnectError("x"), "refused", False),
        (httpx.ConnectTimeout("x"), "timeout", False),
        (httpx.PoolTimeout("x"), "timeout", False),
        (httpx.ReadTimeout("x"), "timeout", True),
        (TimeoutError(), "timeout", True),
        (httpx.ReadError("x"), "reset", True),
        (ConnectionResetError(), "reset", True),
        (aiohttp.ServerDisconnectedError(), "reset", True),
        (httpx.RemoteProtocolError("x"), "protocol", True),
        (httpx.UnsupportedProtocol("x"), "protocol", False),
        (httpx.DecodingError("x"), "body", True),
    ],
)
async def test_errors_of_any_transport_are_told_apart(raised, reason, sent):
    def handler(request):
        raise raised

    upstream = Upstream(transport=httpx.MockTransport(handler))
    with pytest.raises(Unavailable) as caught:
        await exchange(upstream, "PUT")

    assert (caught.value.reason, caught.value.maybe_written) == (reason, sent)


# Held writes


async def test_a_held_task_is_waited_for_and_then_forgotten():
    upstream = Upstream(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    release = asyncio.Event()
    done = []

    async def work():
        await release.wait()
        done.append(True)

    async def failing():
        await release.wait()
        raise Unavailable("anOperation", "timeout")

    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, what: complaints.append(what))
    upstream.hold(work())
    upstream.hold(failing())
    cancelled = upstream.hold(work())
    cancelled.cancel()
    asyncio.get_running_loop().call_soon(release.set)
    await upstream.drain()

    assert done == [True]
    assert not upstream._held
    await upstream.aclose()
    del cancelled
    gc.collect()
    assert complaints == []


# One for each event loop
