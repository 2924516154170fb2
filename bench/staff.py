"""What staff do with a building, with the portal's own code; its worker does the rest.

`python -m bench.staff` reads `{"do": ..., "homes": n}` from standard input. `connect` stores an account
with a property and has its homes read, `check` has all their links checked, `look` tells how far that
is, on standard output.
"""

import asyncio
import json
import sys
from typing import Any

import django

django.setup()

from bench import data


async def connect() -> None:
    from staff.accounts.api import seal
    from staff.homes import jobs
    from staff.models import Property, RuckusAccount

    account = await RuckusAccount.objects.acreate(
        name="Sample Homes", region="na", tenant_id="tenant", encrypted=seal("client", "secret")
    )
    place = await Property.objects.acreate(
        id=data.VENUE, account=account, venue_id=data.VENUE, name="Sample Court"
    )
    await jobs.start(place, jobs.Kind.READ_HOMES, None)


async def check() -> None:
    from staff.homes import jobs
    from staff.models import Property

    place = await Property.objects.aget()
    homes = [home async for home in place.homes.all()]
    await jobs.start(place, jobs.Kind.CHECK_LINKS, None, homes)


async def look() -> dict[str, Any]:
    from staff.models import Home, Job

    job = await Job.objects.afirst()
    assert job
    took = (job.ended - job.started).total_seconds() if job.ended else None
    ready = await Home.objects.filter(link=Home.Link.READY).acount()
    homes = await Home.objects.acount()
    return {"state": job.state, "took": took, "homes": homes, "ready": ready}


def main() -> None:
    work = {"connect": connect, "check": check, "look": look}[json.load(sys.stdin)["do"]]
    json.dump(asyncio.run(work()), sys.stdout)


if __name__ == "__main__":
    main()
