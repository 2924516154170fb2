"""The portal under gunicorn, as an installation runs it, for tests that need a real browser."""

import contextlib
import os
import re
import secrets
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from sandbox.seeds import Home
from tests.faults.waiting import PATIENCE

ROOT = Path(__file__).resolve().parent.parent.parent
# Seconds for one request's calls: short, so that a silent vendor does not hold up the tests.
DEADLINE = 3


class PortalProcess:
    """gunicorn on a free port with a database of its own, for as long as the context lasts.

    `url` is its address; `folder` has the database, the static files and the log.
    """

    url: str

    def __init__(self, folder: Path, api_url: str) -> None:
        self.folder = folder
        self.log = folder / "portal.log"
        self.database = folder / "portal.sqlite3"
        self.environment = {
            # Nothing that is set for an installation may reach this one.
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
            "STATIC_ROOT": str(folder / "static"),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "off",
            "LINK_RESET": "on",
            "RUCKUS_API_URL": api_url,
            "RUCKUS_DEADLINE": str(DEADLINE),
            # Outages are ordered on purpose here, and the tests that follow would meet an open
            # breaker; it has tests of its own.
            "RUCKUS_BREAKER": "off",
            # What a property is called is asked once: a fault of one test never reaches the next.
            "PROPERTY_CACHE_SECONDS": "3600",
            "PORT": "0",
            "WEB_CONCURRENCY": "1",
        }

    def manage(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        jobs = [self.manage("migrate", "-v0"), self.manage("collectstatic", "--noinput")]
        if failed := [job.args for job in jobs if job.wait(PATIENCE)]:
            raise RuntimeError(f"These failed: {failed}")
        self.start()
        return self

    def start(self) -> None:
        """Start gunicorn, and return once it answers."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        """Until a worker answers: the port is bound long before one can."""
        end = time.monotonic() + PATIENCE
        while True:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The portal did not start:\n{self.log.read_text()}")
            if found := re.search(r"Listening at: (http://127\.[\d.]+:\d+)", self.log.read_text()):
                self.url = found[1]
                try:
                    if httpx.get(f"{self.url}/healthz/", trust_env=False).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
            time.sleep(0.05)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends gunicorn and its workers."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def visit(self, home: Home) -> None:
        """Sign in to the home as a browser without anything would, and look at it."""
        with httpx.Client(base_url=self.url, trust_env=False, follow_redirects=True) as client:
            address = f"/p/{home.property_id}/"
            form = re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get(address).text)
            assert form is not None
            values = {"csrfmiddlewaretoken": form[1], "secret": home.secret}
            client.post(address, data=values, headers={"Origin": self.url})
            answer = client.get("/")
            assert "/sign-out/" in answer.text, answer.text

    def forget(self) -> None:
        """Forget the writes that an earlier test awaits, and what its residents left."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as database, database:
            for table in ("awaitedwrite", "devicename", "linkhold", "diaryentry", "checklist"):
                database.execute(f"DELETE FROM common_{table}")

    def kept(self) -> dict[str, bytes]:
        """What the portal has written to the disk: its log and its database, by file name."""
        files = [self.log, *self.folder.glob("portal.sqlite3*")]
        return {file.name: file.read_bytes() for file in files}
