"""The proxies of deploy/, from Debian's packages, in front of a small stand-in for the portal."""

import contextlib
import getpass
import http.client
import http.server
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from tests.cluster.site import certificate, free_port

from .conftest import ROOT, wait_until

DEPLOY = ROOT / "deploy"
CODE = "c0dE-of-a-home"
PATH = f"{os.environ['PATH']}:/usr/sbin"

pytestmark = pytest.mark.slow


class Upstream:
    """A server that keeps what it was asked, and hangs up without an answer on /closes/."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.port = free_port()

    def __enter__(self) -> Self:
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked.append((self.command, self.path, self.headers))
                if self.path.startswith("/closes/"):
                    self.close_connection = True
                    return
                self.send_response(404 if self.path.startswith("/missing/") else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815, the library asks for this name

            def log_message(self, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def of_visitors(self) -> list[tuple[str, str, Any]]:
        """Return what was asked but for the proxy's own looks whether the host is ready."""
        return [
            (method, path, headers)
            for method, path, headers in list(self.asked)
            if "X-Forwarded-For" in headers
        ]


class Proxy(ABC):
    """One program with its file of deploy/, in which only names and addresses are replaced."""

    program: str

    def __init__(self, folder: Path, *portals: int) -> None:
        self.folder = folder
        self.portals = [f"127.0.0.1:{port}" for port in portals]
        self.pem = certificate(folder)
        self.http, self.https = free_port(), free_port()
        self.output = folder / "output"
        self.environment = {"PATH": PATH, "HOME": str(folder)}

    @abstractmethod
    def command(self) -> list[str]:
        """Return what starts it in the foreground."""

    def replaced(self, name: str, **places: str) -> str:
        """Return a file of deploy/ with each of these texts, which it must have, replaced."""
        text = (DEPLOY / name).read_text()
        for old, new in places.items():
            assert old in text, f"{name} has no {old}"
            text = text.replace(old, new)
        return text

    def __enter__(self) -> Self:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                self.command(), env=self.environment, stdout=output, stderr=output
            )
        try:
            wait_until(self.serves)
        except BaseException:
            self.__exit__()
            raise
        return self

    def serves(self) -> bool:
        """Return whether it answers by one of the hosts."""
        assert self.process.poll() is None, self.output.read_text()
        try:
            return self.ask("GET", "/").status == 200
        except OSError:
            return False

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def trusting(self) -> ssl.SSLContext:
        """Return what trusts this proxy's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.pem))

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        """Return the answer to one request over TLS, on a connection of its own."""
        connection = http.client.HTTPSConnection(
            "localhost", self.https, timeout=40, context=self.trusting()
        )
        with contextlib.closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Host": "localhost"} | named)
            answer = connection.getresponse()
            answer.read()
            return answer

    def say(self, text: bytes, *, encrypted: bool = True, port: int = 0) -> bytes:
        """Return what is answered to bytes that no browser would send."""
        line = socket.create_connection(("localhost", port or self.https), timeout=5)
        if encrypted:
            line = self.trusting().wrap_socket(line, server_hostname="localhost")
        with line, contextlib.suppress(OSError):
            line.sendall(text)
            return line.recv(65536)
        return b""

    def written(self) -> str:
        """Return all that it has said, and all that it has left in a file."""
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        return "\n".join(file.read_bytes().decode("latin-1") for file in files)


class Nginx(Proxy):
    """nginx with the file inside of what Debian has around it: a log of its own for each request."""

    program = "nginx"

    def command(self) -> list[str]:
        server = "server 127.0.0.1:8000 "
        text = self.replaced(
            "nginx.conf",
            **{
                # The rest of the line belongs to the last.
                server: "".join(f"server {at} max_fails=10;" for at in self.portals[:-1])
                + f"server {self.portals[-1]} ",
                "listen 80;": f"listen 127.0.0.1:{self.http};",
                "listen 443 ": f"listen 127.0.0.1:{self.https} ",
                "/etc/ssl/wifi.example.org.pem": str(self.pem),
                "/etc/ssl/wifi.example.org.key": str(self.pem),
                "wifi.example.org": "localhost",
                "/var/log/nginx": str(self.folder),
            },
        )
        (self.folder / "site.conf").write_text(text)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        (self.folder / "nginx.conf").write_text(f"""
user {getpass.getuser()};
daemon off;
pid {self.folder}/pid;
error_log {self.folder}/all-errors.log;
events {{}}
http {{
    {paths}
    access_log {self.folder}/all.log;
    include {self.folder}/site.conf;
}}
""")
        return ["nginx", "-e", "stderr", "-c", str(self.folder / "nginx.conf")]


class Haproxy(Proxy):
    """HAProxy with the file as it is: what differs is in its environment."""

    program = "haproxy"

    def command(self) -> list[str]:
        self.environment |= {
            "CERTIFICATE": str(self.pem),
            "HTTP": f"127.0.0.1:{self.http}",
            "HTTPS": f"127.0.0.1:{self.https}",
            "PORTAL_A": self.portals[0],
            "PORTAL_B": self.portals[-1],
        }
        return ["haproxy", "-W", "-db", "-f", str(DEPLOY / "haproxy.cfg")]


class Caddy(Proxy):
    """Caddy with a certificate that is there already, as no authority can reach this machine."""

    program = "caddy"

    def command(self) -> list[str]:
        text = self.replaced(
            "Caddyfile",
            **{
                "\tadmin off\n": f"\tadmin off\n\thttp_port {self.http}\n\thttps_port {self.https}\n",
                "{$SITE} {\n": f"{{$SITE}} {{\n\ttls {self.pem} {self.pem}\n",
            },
        )
        file = self.folder / "Caddyfile"
        file.write_text(text)
        self.environment |= {"SITE": "localhost", "PORTALS": " ".join(self.portals)}
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]


KINDS = [Nginx, Haproxy, Caddy]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """Return what stands behind every proxy."""
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module", params=KINDS, ids=[kind.program for kind in KINDS])
def proxy(
    request: pytest.FixtureRequest, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """Return one proxy after the other, before two hosts that are the same one."""
    kind: type[Proxy] = request.param
    assert shutil.which(kind.program, path=PATH), f"sh scripts/need.sh {kind.program}"
    folder = tmp_path_factory.mktemp(kind.program)
    with kind(folder, upstream.port, upstream.port) as proxy:
        yield proxy


@pytest.fixture
def asked(upstream: Upstream, proxy: Proxy) -> Upstream:
    """Return the upstream, having forgotten what it was asked."""
    upstream.asked.clear()
    return upstream


def test_residents_come_over_tls(proxy: Proxy, asked: Upstream) -> None:
    assert proxy.ask("GET", "/help/?page=2").status == 200
    [(method, path, headers)] = asked.of_visitors()
    assert (method, path) == ("GET", "/help/?page=2")
    assert headers["Host"].partition(":")[0] == "localhost"
    assert headers["X-Forwarded-Proto"] == "https"


def test_an_address_that_was_typed_without_https_is_led_to_it(
    proxy: Proxy, asked: Upstream
) -> None:
    text = f"GET /p/1/{CODE}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = proxy.say(text.encode(), encrypted=False, port=proxy.http).decode()
    assert answer.split()[1] == "308"
    assert re.search(rf"(?i)location: https://localhost(:\d+)?/p/1/{CODE}/\r\n", answer)
    assert asked.of_visitors() == []


def test_what_a_visitor_claims_of_where_they_come_from_is_dropped(
    proxy: Proxy, asked: Upstream
) -> None:
    proxy.ask("GET", "/", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="http")
    [(_, _, headers)] = asked.of_visitors()
    assert headers.get_all("X-Forwarded-For") == ["127.0.0.1"]
    assert headers.get_all("X-Forwarded-Proto") == ["https"]


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/metrics?x", "/%6Civez", "/%6d%65trics"]
)
def test_probes_and_metrics_are_for_inside(proxy: Proxy, asked: Upstream, path: str) -> None:
    assert proxy.ask("GET", path).status == 404
    assert asked.of_visitors() == []


def test_other_pages_with_such_a_name_are_shown(proxy: Proxy, asked: Upstream) -> None:
    assert proxy.ask("GET", "/help/metrics").status == 200


def test_a_post_is_never_sent_twice(proxy: Proxy, asked: Upstream) -> None:
    for _ in range(3):
        assert proxy.ask("POST", "/closes/", b"reset=yes").status in (502, 503)
    assert [method for method, _, _ in asked.of_visitors()] == ["POST"] * 3


def test_a_code_is_in_no_log(proxy: Proxy, asked: Upstream) -> None:
    codes = (f"/p/1/{CODE}/", f"/missing/{CODE}/", f"/closes/{CODE}/", f"/p/1/?auth={CODE}")
    statuses = [proxy.ask("GET", path, Referer=f"https://x/p/{CODE}/").status for path in codes]
    assert statuses[0] == statuses[3] == 200
    assert statuses[1] == 404
    assert statuses[2] in (502, 503)
    for path in (
        f"/{CODE}/" + 70_000 * "x",
        f"/{CODE} HTTP/9.9",
        f"/{CODE}/\x01",
        f"/{CODE}/%zz",
        f"/{CODE}/%00",
    ):
        proxy.say(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    for headers in ("no name\r\n", "Host: a\r\nHost: b\r\n", "", "Content-Length: x\r\n"):
        line = f"POST /p/1/{CODE}/ HTTP/1.1\r\n{headers}\r\n".encode()
        proxy.say(line)
        proxy.say(line, encrypted=False)
        proxy.say(line, encrypted=False, port=proxy.http)
    # They may be written a moment later.
    time.sleep(1)
    assert CODE not in proxy.written()


@pytest.mark.parametrize("kind", KINDS, ids=[kind.program for kind in KINDS])
def test_with_one_host_down_the_other_serves_and_with_both_no_code_is_written(
    kind: type[Proxy], tmp_path: Path
) -> None:
    with Upstream() as lives, kind(tmp_path, free_port(), lives.port) as proxy:
        for method in ("GET", "POST") * 5:
            assert proxy.ask(method, f"/p/1/{CODE}/", b"").status == 200
        assert len(lives.of_visitors()) >= 10
        lives.__exit__()
        assert proxy.ask("GET", f"/p/1/{CODE}/").status in (502, 503, 504)
        time.sleep(1)
        assert proxy.written().strip(), "it says nothing at all"
        assert CODE not in proxy.written()
        lives.__enter__()
