"""Work on many homes that goes on in the background, on the task queue in the database.

A task is a slice of a job and names the job alone. A job belongs to whoever has last moved its
`seen`: a worker that has ended stops moving it, and another takes the job up where it was.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from common import asides, keys, redis
from common.upstream import close_upstream
from ruckus.errors import ApiError, NotSignedIn
from staff.models import Home, Job, JobItem, Property

log = logging.getLogger("staff")

Kind = Job.Kind
State = Job.State

AT_WORK = (State.WAITING, State.RUNNING)
ABANDONED = timedelta(seconds=60)
"""After so long without a beat the worker of a job has ended."""

BEAT_SECONDS = 15.0
SLICE_HOMES = 100
SLICE_SECONDS = 20.0
KEPT = timedelta(days=1)
"""How long results of tasks are kept, which tell less than the job does."""


class Ending:
    """Whether this process is to end, so that a slice ends after the home that it is at."""

    asked = False


class Lost(Exception):
    """The job was stopped, or belongs to another worker."""


class Run:
    """A job that belongs to this worker."""

    def __init__(self, job: Job, seen: datetime) -> None:
        self.job = job
        self._seen = seen
        self._turn = asyncio.Lock()
        self._ends = time.monotonic() + SLICE_SECONDS

    async def beat(self) -> None:
        """Show that the worker is alive. Raise Lost."""
        async with self._turn:
            now = timezone.now()
            mine = Job.objects.filter(pk=self.job.pk, state=State.RUNNING, seen=self._seen)
            if not await mine.aupdate(seen=now):
                raise Lost
            self._seen = now

    async def keep_beating(self) -> None:
        """Show so for as long as one home may take."""
        with suppress(Lost):
            while True:
                await asyncio.sleep(BEAT_SECONDS)
                with suppress(DatabaseError):
                    await self.beat()

    async def items(self) -> AsyncIterator[JobItem]:
        """Return the homes of this slice that still wait, each of them once it is sure to be ours. Raise Lost."""
        waiting = self.waiting().select_related("home")[:SLICE_HOMES]
        for item in [each async for each in waiting]:
            if Ending.asked or time.monotonic() > self._ends:
                return
            await self.beat()
            yield item

    def waiting(self) -> models.QuerySet[JobItem]:
        """Return the homes that still wait."""
        return self.job.items.filter(state=JobItem.State.WAITING).order_by("pk")

    async def done(self, item: JobItem, result: str, *, failed: bool = False) -> None:
        """Write down what came of a home."""
        state = JobItem.State.FAILED if failed else JobItem.State.DONE
        # It may have gone meanwhile, with its home.
        found = JobItem.objects.filter(pk=item.pk)
        await found.aupdate(state=state, at=timezone.now(), result=result)

    async def end(self, state: State, reason: str = "") -> None:
        """Write down that the job has ended. Raise Lost."""
        await self.beat()
        self.job.state, self.job.reason, self.job.ended = state, reason, timezone.now()
        await self.job.asave(update_fields=["state", "reason", "ended"])

    async def hand_on(self) -> None:
        """Let the next worker that is free go on. Raise Lost."""
        await self.beat()
        await Job.objects.filter(pk=self.job.pk, seen=self._seen).aupdate(seen=None)
        await run.aenqueue(self.job.pk)


Work = Callable[[Run], Awaitable[None]]
_works: dict[str, Work] = {}


def work(kind: Kind) -> Callable[[Work], Work]:
    """Register what does a slice of each job of a kind.

    It may raise ApiError, which ends the job, and goes on in another slice while homes wait.
    """

    def register(function: Work) -> Work:
        _works[kind] = function
        return function

    return register


@task()
async def run(job_id: int) -> None:
    """Do a slice of a job: the task."""
    try:
        await go_on(job_id)
    finally:
        # Each task has an event loop of its own.
        await asyncio.gather(*asides.under_way)
        await close_upstream()
        await redis.close()


async def go_on(job_id: int) -> None:
    """Do a slice of a job, unless it has ended or is another worker's."""
    await keys.ready()
    mine = await claim(job_id)
    if mine is None:
        return
    beating = asyncio.create_task(mine.keep_beating())
    try:
        await slice_of(mine)
    except Lost:
        log.info("A job was stopped or taken over", extra={"job": job_id})
    finally:
        beating.cancel()
        await asyncio.wait({beating})


async def slice_of(mine: Run) -> None:
    """Do a slice, then end the job or hand it on. Raise Lost."""
    try:
        await _works[mine.job.kind](mine)
    except (Lost, DatabaseError):
        # Without a database nothing can be written down: the job is taken up again later.
        raise
    except NotSignedIn:
        await mine.end(State.FAILED, "account")
    except ApiError:
        await mine.end(State.FAILED, "outage")
    except Exception:
        log.exception("A job failed", extra={"job": mine.job.pk})
        await mine.end(State.FAILED, "mistake")
    else:
        if await mine.waiting().aexists():
            await mine.hand_on()
        else:
            await mine.end(State.DONE)


async def claim(job_id: int) -> Run | None:
    """Return the job as this worker's, or None where it has ended or somebody is at it."""
    now = timezone.now()
    free = Q(seen__isnull=True) | Q(seen__lt=now - ABANDONED)
    found = Job.objects.filter(free, pk=job_id, state__in=AT_WORK)
    if not await found.aupdate(state=State.RUNNING, seen=now):
        return None
    job = await Job.objects.select_related("property__account", "by").aget(pk=job_id)
    return Run(job, now)


async def start(
    place: Property,
    kind: Kind,
    by: User | None,
    homes: Iterable[Home] = (),
    *,
    language: str = "",
) -> Job:
    """Start a job, and return it.

    Where one of its kind is at work already, return that: nothing is added to it.
    """
    return await sync_to_async(_start)(place, kind, by, list(homes), language)


def _start(place: Property, kind: Kind, by: User | None, homes: list[Home], language: str) -> Job:
    try:
        with transaction.atomic():
            job = Job.objects.create(property=place, kind=kind, by=by, language=language)
            JobItem.objects.bulk_create(JobItem(job=job, home=home) for home in homes)
            run.enqueue(job.pk)
    except IntegrityError:
        at_work = place.jobs.filter(kind=kind, state__in=AT_WORK).first()
        # It may have ended in between.
        return at_work or _start(place, kind, by, homes, language)
    if kind != Kind.EMAIL:
        # What they tell is told of the homes; of emails each one is remembered.
        place.jobs.filter(kind=kind).exclude(pk=job.pk).delete()
    return job


async def stop(job: Job) -> bool:
    """Stop a job after the home that it is at; return whether it was at work."""
    found = Job.objects.filter(pk=job.pk, state__in=AT_WORK)
    return bool(await found.aupdate(state=State.STOPPED, ended=timezone.now()))


async def latest(place: Property, kind: Kind) -> Job | None:
    """Return the latest job of this kind, at work or not."""
    return await place.jobs.filter(kind=kind).afirst()


def look_after() -> None:
    """Take up again what was abandoned, and delete results of tasks that have ended."""
    now = timezone.now()
    alone = Q(seen__lt=now - ABANDONED) | Q(seen__isnull=True, started__lt=now - ABANDONED)
    queued = {each.args_kwargs["args"][0] for each in DBTaskResult.objects.ready()}
    for job in Job.objects.filter(alone, state__in=AT_WORK).exclude(pk__in=queued):
        log.warning("A job is taken up again", extra={"job": job.pk})
        run.enqueue(job.pk)
    # One that is still running after so long was cut off.
    old = Q(finished_at__lt=now - KEPT) | Q(
        status=TaskResultStatus.RUNNING, started_at__lt=now - KEPT
    )
    DBTaskResult.objects.filter(old).delete()
