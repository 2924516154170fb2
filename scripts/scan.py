"""Scan an installation of one's own for weaknesses: wapiti and MDN's HTTP Observatory.

    python3 -m venv build/scan && build/scan/bin/pip install wapiti3
    npm install --prefix build/scan --ignore-scripts @mdn/mdn-http-observatory
    .venv/bin/python scripts/scan.py [FOLDER of the reports]

Starts the sandbox, and the portal with the settings of production behind a proxy that speaks TLS
with a certificate of its own, all on free ports of this machine; nothing else is scanned.
"""

import asyncio
import contextlib
import json
import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "build" / "scan"
sys.path.insert(0, str(ROOT))

from sandbox import seeds  # noqa: E402  (its folder is not on the path of a script)

# Without those that look for other products' files, or need a server on the Internet. The
# certificate is ours to replace, so that ssl has nothing to say about the portal.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,https_redirect,ldap,methods,"
    "permanentxss,redirect,shellshock,sql,timesql,upload,xss"
)
OBSERVATORY = """
import { retrieve } from "TOOLS/src/retriever/retriever.js";
import { ALL_TESTS } from "TOOLS/src/constants.js";
import { getGradeForScore, getScoreModifier } from "TOOLS/src/grader/grader.js";
const port = Number(process.argv[2]);
const found = await retrieve("localhost", { httpPort: port, httpsPort: port });
let score = 100;
for (const test of ALL_TESTS) {
  const told = test(found);
  score += getScoreModifier(told.result);
  console.log(told.pass ? "pass" : "FAIL", told.constructor.name, told.result, getScoreModifier(told.result));
}
console.log("grade", getGradeForScore(score).grade, score);
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(*command: str, env: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


class Proxy(threading.Thread):
    """TLS and plain HTTP on one port, as the port 443 and 80 of a real one together."""

    def __init__(self, folder: Path, port: int, backend: int) -> None:
        super().__init__(daemon=True)
        self.port, self.backend = port, backend
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-keyout",
                str(key),
                "-out",
                str(certificate),
                *names,
            ],
            check=True,
            capture_output=True,
        )
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", port))

    def run(self) -> None:
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=asyncio.run, args=[self.serve(peer)], daemon=True).start()

    async def serve(self, peer: socket.socket) -> None:
        first = peer.recv(1, socket.MSG_PEEK)
        secure = first == b"\x16"
        reader = asyncio.StreamReader(limit=1 << 17)
        loop = asyncio.get_running_loop()
        protocol = asyncio.StreamReaderProtocol(reader)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, peer, ssl=self.tls if secure else None
            )
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            line, *fields = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[:-2]
            ours = (b"x-forwarded-", b"connection:")
            kept = [field for field in fields if not field.lower().startswith(ours)]
            scheme = b"https" if secure else b"http"
            kept += [b"X-Forwarded-Proto: " + scheme, b"X-Forwarded-For: 127.0.0.1"]
            behind, there = await asyncio.open_connection("127.0.0.1", self.backend)
            there.write(b"\r\n".join([line, *kept, b"Connection: close", b"", b""]))
            body = asyncio.create_task(pump(reader, there))
            await pump(behind, writer)
            body.cancel()
            writer.close()


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()


def wait_for(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, trust_env=False)
            return
        time.sleep(0.2)
    raise SystemExit(f"{url} does not answer")


def sign_in(url: str, home: seeds.Home, trust: ssl.SSLContext) -> str:
    """Return the cookies of somebody who is signed in."""
    with httpx.Client(base_url=url, verify=trust, trust_env=False) as client:
        path = f"/p/{home.property_id}/"
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get(path).text)
        values = {"csrfmiddlewaretoken": token and token[1], "secret": home.secret}
        client.post(path, data=values, headers={"Origin": url})
        if "/sign-out/" not in client.get("/").text:
            raise SystemExit("Signing in failed")
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


def wapiti(name: str, folder: Path, url: str, *options: str) -> int:
    report = folder / f"{name}.json"
    # In seconds: for finding pages, and for each module.
    bounds = ["--max-scan-time", "180", "--max-attack-time", "60", "--max-links-per-page", "60"]
    subprocess.run(
        [
            str(TOOLS / "bin" / "wapiti"),
            "-u",
            url,
            "-m",
            MODULES,
            "-f",
            "json",
            "-o",
            str(report),
            *bounds,
            "--flush-session",
            "--no-bugreport",
            "--verify-ssl",
            "0",
            "-v",
            "0",
            *options,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    )
    told = json.loads(report.read_text())
    found = {
        kind: entries
        for group in ("vulnerabilities", "anomalies")
        for kind, entries in told[group].items()
        if entries
    }
    pages = told["infos"].get("crawled_pages_nbr")
    print(f"wapiti, {name}: {pages} pages, {sum(map(len, found.values()))} findings")
    for kind, entries in found.items():
        for entry in entries:
            print(f"  {kind}: {entry['method']} {entry['path']} {entry['info']}")
    return len(found)


def observatory(folder: Path, port: int) -> bool:
    module = TOOLS / "node_modules" / "@mdn" / "mdn-http-observatory"
    script = folder / "observatory.mjs"
    script.write_text(OBSERVATORY.replace("TOOLS", str(module)))
    # The browsers' list of hosts that are never asked over plain HTTP: localhost is not on it.
    preload = module / "conf" / "hsts-preload.json"
    if not preload.exists():
        preload.write_text("{}")
    # A certificate that a browser would take is the installation's; this one is vouched for.
    trust = {"NODE_EXTRA_CA_CERTS": str(folder / "certificate.pem")}
    told = subprocess.run(
        ["node", str(script), str(port)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **trust},
    ).stdout
    print(told)
    return "grade A+" in told


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    front, back, vendor = free_port(), free_port(), free_port()
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "RUCKUS_API_URL": f"http://127.0.0.1:{vendor}",
        "TRUSTED_PROXIES": "127.0.0.1",
        "PORT": str(back),
    }
    python = sys.executable
    for job in ("migrate", "collectstatic"):
        subprocess.run(
            [python, "manage.py", job, "--noinput", "-v0"], cwd=ROOT, env=env, check=True
        )
    home, path = seeds.homes()[0], f"https://localhost:{front}/p/{seeds.homes()[0].property_id}/"
    with (
        running(python, "-m", "sandbox", "--port", str(vendor), env=env, log=folder / "vendor.log"),
        running(python, "-m", "gunicorn", "-c", "gunicorn.conf.py", env=env, log=folder / "p.log"),
    ):
        wait_for(f"http://127.0.0.1:{vendor}/openapi.json")
        wait_for(f"http://127.0.0.1:{back}/healthz/")
        httpx.patch(f"http://127.0.0.1:{vendor}/_sandbox/switches", json={"bucket": False})
        Proxy(folder, front, back).start()
        url = f"https://localhost:{front}"
        good = observatory(folder, front)
        link = f"{path}{quote(home.secret, safe='')}/"
        out = wapiti("signed-out", folder, f"{url}/", "-s", path, "-s", link, "-s", f"{path}?ended")
        # Not to be signed out on the way.
        ways_out = ["-x", f"{url}/sign-out/*", "-x", f"{url}/sign-out-everywhere/*"]
        trust = ssl.create_default_context(cafile=folder / "certificate.pem")
        cookies = sign_in(url, home, trust)
        headers = ["-H", f"Cookie: {cookies}", "-H", f"Origin: {url}"]
        inside = wapiti("signed-in", folder, f"{url}/", *headers, *ways_out)
        still = httpx.get(f"{url}/contact/", headers={"Cookie": cookies}, verify=trust).status_code
        print(f"still signed in afterwards: {still == 200}")
    faults = [line for line in (folder / "p.log").read_text().splitlines() if '"traceback"' in line]
    print(f"tracebacks in the log: {len(faults)}", *faults[:3], sep="\n")
    return 0 if good and not out + inside + len(faults) else 1


if __name__ == "__main__":
    sys.exit(main())
