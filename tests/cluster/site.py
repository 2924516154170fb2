"""Two hosts that serve the portal, with all that they share: a database, a Redis, a balancer, a vendor."""

import datetime
import os
import socket
import ssl
import subprocess
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Self

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox import seeds
from sandbox.management import building
from sandbox.seeds import Home
from tests.browser.portal import PortalProcess
from tests.faults.waiting import PATIENCE
from tests.postgres import PostgresProcess
from tests.security.redis import RedisProcess
from tests.servers import ROOT, SandboxProcess

WORKERS = 2
# Residents, and how many of them have a home to themselves in one large property. All sixty there would
# ask for more than the calls of one property.
RESIDENTS = 60
HOMES = 30


def certificate(folder: Path) -> Path:
    """A file with a certificate for localhost and its key, which nobody else trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "localhost.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


class Host(PortalProcess):
    """gunicorn at an address of its own, as on a machine of its own."""

    def __init__(self, folder: Path, address: str, api_url: str, **shared: str) -> None:
        folder.mkdir()
        super().__init__(folder, api_url)
        self.environment |= {
            "BIND": address,
            "PORT": str(free_port(address)),
            "WEB_CONCURRENCY": str(WORKERS),
            "ALLOWED_HOSTS": f"localhost,{address}",
            "HTTPS": "on",
            # The address from which the balancer asks.
            "TRUSTED_PROXIES": "127.0.0.0/8",
            "RUCKUS_DEADLINE": "8",
            "RUCKUS_BREAKER": "on",
            **shared,
        }

    @property
    def address(self) -> str:
        return f"{self.environment['BIND']}:{self.environment['PORT']}"

    @property
    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        master = self.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill(self) -> None:
        """End master and workers at once, as a loss of power would."""
        for pid in (self.process.pid, *self.workers):
            os.kill(pid, 9)
        self.process.wait()


class Balancer:
    """HAProxy with the settings that deploy/ recommends; `url` is where residents come."""

    def __init__(self, folder: Path, *hosts: Host) -> None:
        self.folder = folder
        self.pem = certificate(folder)
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        a, b = hosts
        self.environment = {
            "PATH": os.environ["PATH"],
            "CERTIFICATE": str(self.pem),
            "HTTP": f"127.0.0.1:{free_port()}",
            "HTTPS": f"127.0.0.1:{self.port}",
            "PORTAL_A": a.address,
            "PORTAL_B": b.address,
        }
        self.log = folder / "haproxy.log"

    def trusting(self) -> ssl.SSLContext:
        """What a browser of these residents trusts."""
        return ssl.create_default_context(cafile=str(self.pem))

    def __enter__(self) -> Self:
        command = ["haproxy", "-W", "-db", "-f", str(ROOT / "deploy" / "haproxy.cfg")]
        environment = {**self.environment, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while True:
            assert self.process.poll() is None, self.log.read_text()
            try:
                answer = httpx.get(f"{self.url}/healthz/", verify=self.trusting(), trust_env=False)
                if answer.status_code == 200:
                    return self
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)


class Site:
    """All of it, for as long as the context lasts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        self.vendor = SandboxProcess().__enter__()
        plan = {"homes": HOMES, "without_link": 0, "suspended": 0}
        self.vendor.management("POST", "building", json=plan)
        self.redis = RedisProcess(self.folder).__enter__()
        self.postgres = PostgresProcess().__enter__()
        shared = {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "SECRET_KEY": "a key that both hosts have, and nobody else",
        }
        self.a = Host(self.folder / "a", "127.0.0.2", self.vendor.url, **shared)
        self.b = Host(self.folder / "b", "127.0.0.3", self.vendor.url, **shared)
        self.a.__enter__()
        self.b.__enter__()
        self.balancer = Balancer(self.folder, self.a, self.b).__enter__()
        return self

    @property
    def homes(self) -> list[Home]:
        """The homes of the residents: those of a building, then a few of other properties again and again."""
        shown = [
            home
            for home in seeds.homes()
            if home.unit.status == "ENABLED"
            and home.shows not in ("portal API not allowed", "no users at all", "45 users")
        ]
        built = [Home("", "", unit) for unit in building.units(HOMES, suspended=0)]
        return built + list(islice(cycle(shown), RESIDENTS - HOMES))

    def __exit__(self, *_: object) -> None:
        self.balancer.__exit__()
        self.a.stop()
        self.b.stop()
        self.postgres.__exit__()
        self.redis.__exit__()
        self.vendor.__exit__(None, None, None)
