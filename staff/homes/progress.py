"""How far the work on a property's homes is."""

import math
from dataclasses import dataclass

from django.db.models import Count

from ruckus.pace import BULK
from staff.homes import jobs
from staff.models import Home, Job, JobItem, Property


@dataclass(frozen=True)
class Progress:
    """A job as a page shows it; `found` counts the homes by what came of them."""

    job: Job
    total: int = 0
    done: int = 0
    failed: int = 0
    ready: int = 0
    missing: int = 0
    refused: int = 0
    unreadable: int = 0

    @property
    def at_work(self) -> bool:
        """Return whether it goes on."""
        return self.job.state in jobs.AT_WORK

    @property
    def seconds_left(self) -> int:
        """Return about how long it will yet take, at the pace of bulk reads."""
        return math.ceil((self.total - self.done) / BULK.per_second)


async def reading(place: Property) -> Progress | None:
    """Return the reading of homes that is at work, or has failed and was not made good; or None."""
    job = await jobs.latest(place, jobs.Kind.READ_HOMES)
    if job is None or job.state in (jobs.State.DONE, jobs.State.STOPPED):
        return None
    made_good = place.homes_read is not None and place.homes_read > job.started
    return Progress(job) if job.state in jobs.AT_WORK or not made_good else None


async def check(place: Property) -> Progress | None:
    """Return how far the latest check of all links is, or None where there was none."""
    job = await jobs.latest(place, jobs.Kind.CHECK_LINKS)
    if job is None:
        return None
    rows = job.items.values_list("state", "result").annotate(Count("pk"))
    found = [row async for row in rows]
    of_link = dict.fromkeys(Home.Link.values, 0)
    for state, result, count in found:
        if state == JobItem.State.DONE:
            of_link[result] += count
    return Progress(
        job,
        total=sum(count for _, _, count in found),
        done=sum(count for state, _, count in found if state != JobItem.State.WAITING),
        failed=sum(count for state, _, count in found if state == JobItem.State.FAILED),
        ready=of_link[Home.Link.READY],
        missing=of_link[Home.Link.MISSING],
        refused=of_link[Home.Link.REFUSED],
        unreadable=of_link[Home.Link.UNREADABLE],
    )
