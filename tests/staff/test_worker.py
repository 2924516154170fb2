"""The worker of the queue: in this process, and as real processes that are killed."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django_tasks_db.models import DBTaskResult

from sandbox.management import building as made_up
from sandbox.management.accounts import ADMINISTRATOR
from staff.homes import jobs
from staff.management.commands import staff_worker
from staff.management.commands.staff_worker import StaffWorker
from staff.models import Job
from tests.portal.test_databases import postgres  # noqa: F401
from tests.servers import SandboxProcess

ROOT = Path(__file__).resolve().parents[2]
HOMES = 24

# Run by `manage.py shell`: connects the account, reads the homes, starts the check.
BEGIN = f"""
import asyncio
from staff.accounts.api import seal
from staff.homes import jobs
from staff.homes.reading import read_homes
from staff.models import Job, Property, RuckusAccount

async def begin():
    account = await RuckusAccount.objects.acreate(
        name="A", region="na", tenant_id={ADMINISTRATOR.tenant_id!r},
        encrypted=seal({ADMINISTRATOR.client_id!r}, {ADMINISTRATOR.client_secret!r}),
    )
    place = await Property.objects.acreate(
        id=VENUE, account=account, venue_id=VENUE, name="Thistle Gardens"
    )
    await read_homes(place)
    homes = [home async for home in place.homes.all()]
    await jobs.start(place, Job.Kind.CHECK_LINKS, None, homes)

asyncio.run(begin())
"""
LOOK = """
import json
from django_tasks_db.models import DBTaskResult
from staff.models import Job
job = Job.objects.get()
states = list(job.items.values_list("state", flat=True))
ready = job.property.homes.filter(link="ready").count()
everything = str(list(DBTaskResult.objects.values())) + str(list(job.items.values()))
print(json.dumps([job.state, states.count("done"), ready, everything]))
"""
STAND_STILL = """
from datetime import timedelta
from django.utils import timezone
from staff.models import Job
Job.objects.update(seen=timezone.now() - timedelta(seconds=61))
"""


@pytest.fixture
def unchanged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither signals nor the wish to end outlive a test."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)
    handlers = {number: signal.getsignal(number) for number in numbers}
    monkeypatch.setattr(jobs.Ending, "asked", False)
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


async def begun(building):
    homes = [home async for home in building.property.homes.all()[:5]]
    return await jobs.start(building.property, Job.Kind.CHECK_LINKS, None, homes)


def test_the_worker_does_what_waits(building, unchanged):
    from asgiref.sync import async_to_sync

    async_to_sync(begun)(building)
    call_command("staff_worker", until_idle=True)
    assert Job.objects.get().state == "done"
    assert [task.status for task in DBTaskResult.objects.all()] == ["SUCCESSFUL"]


def test_the_worker_waits_for_more(db, unchanged, monkeypatch):
    waits = []

    def slept(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(staff_worker.time, "sleep", slept)
    with pytest.raises(KeyboardInterrupt):
        call_command("staff_worker", interval=0.5)
    assert waits == [0.5, 0.5]


def test_the_worker_outlives_a_database_that_is_down(db, unchanged, monkeypatch, caplog):
    answers = iter([DatabaseError("it is down"), True])

    def step(worker):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        worker.running = False
        return answer

    monkeypatch.setattr(StaffWorker, "step", step)
    monkeypatch.setattr(staff_worker, "PAUSE_SECONDS", 0.0)
    call_command("staff_worker")
    assert "The database does not answer: it is down" in caplog.text


def test_a_signal_ends_the_slice_and_then_the_worker(unchanged):
    worker = StaffWorker()
    worker.running_task = True
    worker.shutdown(signal.SIGTERM, None)
    assert jobs.Ending.asked
    assert not worker.running


def test_without_staff_there_is_no_worker(settings):
    settings.STAFF = False
    with pytest.raises(CommandError, match="STAFF=on"):
        call_command("staff_worker")


class Installation:
    """A portal with a database of its own, whose worker runs as processes."""

    def __init__(self, sandbox: SandboxProcess, database: str, **more: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "off",
            "DATABASE_URL": database,
            "RUCKUS_API_URL": sandbox.url,
            "STAFF": "on",
            **more,
        }
        self.sandbox = sandbox
        self.processes: list[subprocess.Popen[bytes]] = []

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-v0", "-c", code)

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def begin(self) -> None:
        self.manage("migrate", "-v0")
        plan = {"homes": HOMES, "without_link": 2, "suspended": 1}
        venue = self.sandbox.management("POST", "building", json=plan)["property_id"]
        bare = venue.replace("-", "")
        self.shell(BEGIN.replace("VENUE", repr(bare)))

    def look(self) -> tuple[str, int, int, str]:
        state, done, ready, everything = json.loads(self.shell(LOOK))
        return state, done, ready, everything

    def fetched(self) -> int:
        return len(self.sandbox.calls("fetchUnit"))


def until(reached: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "It took too long"
        time.sleep(0.1)


@contextlib.contextmanager
def installed(database: str, **more: str) -> Iterator[Installation]:
    with SandboxProcess() as sandbox:
        installation = Installation(sandbox, database, **more)
        try:
            yield installation
        finally:
            for process in installation.processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.communicate()


def killed_and_resumed(installation: Installation) -> None:
    """A job that two workers compete for outlives one of them and is done once."""
    installation.begin()
    worker = ("manage.py", "staff_worker", "--interval", "0.2")
    first = installation.start(*worker)
    until(lambda: installation.fetched() >= 6)
    first.kill()
    first.wait()
    assert installation.look()[0] == "running"

    second, third = installation.start(*worker), installation.start(*worker)
    time.sleep(3)
    before = installation.fetched()
    assert before <= HOMES / 2, "it was taken from a worker that may be alive"
    installation.shell(STAND_STILL)
    until(lambda: installation.look()[0] == "done")
    _, done, ready, everything = installation.look()
    assert (done, ready) == (HOMES, HOMES - 2)
    # The home at which the first was killed may have been asked for once more.
    assert installation.fetched() in (HOMES, HOMES + 1)
    for unit in made_up.units(HOMES, suspended=1):
        assert unit.access_code not in everything
    assert ADMINISTRATOR.client_secret not in everything

    for process in (second, third):
        process.terminate()
        assert process.wait(15) == 0
        lines = process.stderr.read().decode().splitlines() if process.stderr else []
        assert "The worker has started" in [json.loads(line)["message"] for line in lines]


def test_a_worker_that_is_killed_is_followed_by_another(tmp_path):
    with installed(f"sqlite:///{tmp_path}/portal.sqlite3") as installation:
        killed_and_resumed(installation)


@pytest.mark.xdist_group("postgres")
def test_a_worker_that_is_killed_is_followed_by_another_on_postgresql(postgres):  # noqa: F811
    with installed(postgres.url) as installation:
        killed_and_resumed(installation)


def workers_of(master: int) -> list[int]:
    """The processes of staff's worker that a master has started, directly or not."""
    found, family = [], {master}
    for pid in sorted(int(path.name) for path in Path("/proc").glob("[0-9]*")):
        with contextlib.suppress(OSError):
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            if parent in family:
                family.add(pid)
                if b"staff_worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
    return found


@contextlib.contextmanager
def portal_of(folder: Path, **more: str) -> Iterator[Installation]:
    """An installation that gunicorn can serve."""
    served = {"PORT": "0", "WEB_CONCURRENCY": "1", "STATIC_ROOT": str(folder / "static")}
    with installed(f"sqlite:///{folder}/portal.sqlite3", **served, **more) as installation:
        installation.manage("collectstatic", "--noinput", "-v0")
        yield installation


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_portal_brings_its_worker_and_takes_it_along(tmp_path, number):
    with portal_of(tmp_path) as installation:
        installation.begin()
        portal = installation.start("-m", "gunicorn", "-c", "gunicorn.conf.py")
        until(lambda: workers_of(portal.pid))
        until(lambda: installation.fetched() >= 2)
        (first,) = workers_of(portal.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: workers_of(portal.pid) not in ([], [first]))
        (second,) = workers_of(portal.pid)
        portal.send_signal(number)
        portal.wait(30)
        until(lambda: is_gone(second))


@pytest.mark.parametrize("more", [{"STAFF": "off"}, {"STAFF_WORKER": "off"}])
def test_a_portal_without_staff_or_whose_worker_is_elsewhere_brings_none(tmp_path, more):
    with portal_of(tmp_path, **more) as installation:
        installation.manage("migrate", "-v0")
        portal = installation.start("-m", "gunicorn", "-c", "gunicorn.conf.py")
        assert portal.stderr is not None
        for line in portal.stderr:
            if b"Booting worker" in line:
                break
        time.sleep(1)
        assert workers_of(portal.pid) == []
