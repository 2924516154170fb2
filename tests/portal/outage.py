"""The portal while its database is out of order, told as JSON: one line of what each step came to.

`python -m tests.portal.outage silent` or another of the functions below. A process of its own, for
settings are read once, and for the portal's own thread. The tests around it know what to expect.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django
import httpx

BASE = "http://wifi.example.org"


class Resident:
    """A browser."""

    def __init__(self) -> None:
        from portal.asgi import application

        wire = httpx.ASGITransport(application)
        self.client = httpx.AsyncClient(transport=wire, base_url=BASE, timeout=None)

    async def ask(self, path: str = "/", **data: str) -> dict[str, Any]:
        """Return what the answer was, and how long it took."""
        began = time.monotonic()
        headers = {"Referer": f"{BASE}/"} if data else {}
        answer = await self.client.request(
            "POST" if data else "GET", path, data=data or None, headers=headers
        )
        return {
            "status": answer.status_code,
            "seconds": time.monotonic() - began,
            "retry": answer.headers.get("retry-after"),
            "words": re.sub("<[^>]+>|\\s+", " ", answer.text),
        }

    async def sign_in(self) -> dict[str, Any]:
        from sandbox import seeds

        home = seeds.homes()[0]
        link = f"/p/{home.property_id}/{quote(home.secret, safe='')}/"
        page = (await self.client.get(link)).text
        token = re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
        return await self.ask(
            f"/p/{home.property_id}/", csrfmiddlewaretoken=token, secret=home.secret
        )

    async def until_well(self) -> dict[str, Any]:
        """Return the answer to the first of a hundred attempts that gets a page."""
        for _ in range(100):
            found = await self.ask()
            if found["status"] == 200:
                break
            await asyncio.sleep(0.2)
        return found


@contextmanager
def frozen() -> Iterator[None]:
    """Let PostgreSQL stand still: it accepts connections, and says nothing."""
    first = Path(os.environ["PG_DATA"], "postmaster.pid").read_text().split()[0]
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    for process in (first, *children):
        os.kill(int(process), signal.SIGSTOP)
    try:
        yield
    finally:
        for process in (first, *children):
            os.kill(int(process), signal.SIGCONT)


def control(*what: str) -> None:
    command = [*json.loads(os.environ["PG_CONTROL"]), *what]
    # The server would hold our output open.
    subprocess.run(
        command, check=True, cwd="/", stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )


def threads() -> list[int | None]:
    return [thread.ident for thread in threading.enumerate() if thread.name == "database"]


def fill(path: Path) -> None:
    """Write to a file until there is no more room."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


def empty(path: Path) -> None:
    path.unlink()


def remount(how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", os.environ["DISK"]], check=True)


async def silent() -> dict[str, Any]:
    """PostgreSQL stands still; of three sessions Redis holds one, a spare copy of one, and nothing."""
    from django.conf import settings

    from common import redis
    from common.sessions import copy_key, hashed, spare_key
    from residents.door import session
    from tests.security.redis import RedisProcess

    # Each page has something to write down.
    session.SEEN_EVERY = -1
    held, spared, other, stranger = Resident(), Resident(), Resident(), Resident()
    with RedisProcess(Path(tempfile.mkdtemp())) as server:
        settings.REDIS_URL = server.url
        steps: dict[str, Any] = {}
        keys = []
        for resident in (held, spared, other):
            await resident.sign_in()
            steps["before"] = await resident.ask()
            keys.append(hashed(resident.client.cookies[settings.SESSION_COOKIE_NAME]))
        with frozen():
            server.client.delete(copy_key(keys[1]), copy_key(keys[2]), spare_key(keys[2]))
            both = await asyncio.gather(
                *(held.ask() for _ in range(10)), *(other.ask() for _ in range(10))
            )
            steps["held"], steps["others"] = both[:10], both[10:]
            steps["held again"] = [await held.ask() for _ in range(3)]
            steps["spared"] = [await spared.ask() for _ in range(3)]
            steps["stranger"] = await stranger.sign_in()
            # Past the rest, it is tried once more.
            await asyncio.sleep(2.5)
            steps["others again"] = [await other.ask() for _ in range(3)]
        steps["after"] = await other.until_well()
        for _ in range(100):
            if len(threads()) > 1:
                await asyncio.sleep(0.1)
        steps["threads"] = len(threads())
        await redis.close()
    return steps


async def stopped() -> dict[str, Any]:
    """PostgreSQL is started again between two requests, then down for a while."""
    resident = Resident()
    await resident.sign_in()
    steps: dict[str, Any] = {"before": await resident.ask()}
    control("-m", "fast", "restart")
    steps["restarted"] = await resident.ask()
    control("-m", "fast", "stop")
    try:
        steps["down"] = [await resident.ask() for _ in range(5)]
        steps["nothing there"] = await resident.ask("/nothing/")
    finally:
        control("start")
    steps["after"] = await resident.until_well()
    return steps


async def locked() -> dict[str, Any]:
    """A query waits for a lock of somebody else's."""
    import psycopg

    resident = Resident()
    await resident.sign_in()
    steps: dict[str, Any] = {"before": await resident.ask()}
    before = threads()
    with psycopg.connect(os.environ["DATABASE_URL"].replace("postgres:", "postgresql:")) as other:
        other.execute("LOCK TABLE residents_session")
        steps["locked"] = await resident.ask()
        other.rollback()
        steps["after"] = await resident.ask()
    steps["same thread"] = threads() == before
    return steps


async def full() -> dict[str, Any]:
    """SQLite's disk is full, then has room again."""
    from residents.door import session

    session.SEEN_EVERY = -1
    resident, newcomer = Resident(), Resident()
    await resident.sign_in()
    steps: dict[str, Any] = {"before": await resident.ask()}
    ballast = Path(os.environ["DISK"], "ballast")
    fill(ballast)
    steps["looks"] = await resident.ask()
    steps["comes"] = await newcomer.sign_in()
    empty(ballast)
    steps["came"] = await newcomer.sign_in()
    steps["after"] = await newcomer.ask()
    return steps


async def read_only() -> dict[str, Any]:
    """SQLite's disk becomes read-only, then writable again."""
    from asgiref.sync import sync_to_async
    from django.db import connections

    from common.database import use_thread

    use_thread()
    resident, newcomer = Resident(), Resident()
    await resident.sign_in()
    steps: dict[str, Any] = {"before": await resident.ask()}
    # No disk becomes so while somebody writes to it.
    await sync_to_async(connections.close_all)()
    remount("ro")
    steps["looks"] = await resident.ask()
    steps["comes"] = await newcomer.sign_in()
    remount("rw")
    steps["after"] = await resident.until_well()
    steps["came"] = await newcomer.sign_in()
    return steps


async def told(what: Any) -> dict[str, Any]:
    from common import upstream
    from ruckus.wire import Upstream
    from sandbox.app import create_app
    from sandbox.state import State

    app = create_app(State())
    upstream.make_upstream = lambda: Upstream("http://sandbox", transport=httpx.ASGITransport(app))
    steps: dict[str, Any] = await what()
    await upstream.close_upstream()
    return steps


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    # The names that collectstatic gives are another test's.
    storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {"staticfiles": {"BACKEND": storage}}
    call_command("migrate", interactive=False, verbosity=0)
    # This thread's; the portal's has its own.
    connections.close_all()
    what = {each.__name__: each for each in (silent, stopped, locked, full, read_only)}
    json.dump(asyncio.run(told(what[sys.argv[1]])), sys.stdout)


if __name__ == "__main__":
    main()
