"""Checking all links of a property: one call a home, at the pace of bulk reads, in the background."""

from django.utils import timezone

from common import diary
from common.homes import link_mark
from ruckus.errors import ApiError, NotFound, NotSignedIn
from ruckus.unit_links import UnitLink, UnitLinks
from staff import audit
from staff.accounts.api import management_api, save_shape, unit_links
from staff.homes import jobs
from staff.homes.reading import read_homes
from staff.models import Home, JobItem

PROVED_OF = 50
"""Of so many homes one is signed in to."""

MOST_UNPROVED = 3
"""At so many homes it is tried to find out what the account's links look like."""

MOST_FAILURES = 5
"""After so many homes in a row without an answer there is none to be had."""

NO_ANSWER = "no answer"
GONE = "gone"


@jobs.work(jobs.Kind.READ_HOMES)
async def read(run: jobs.Run) -> None:
    """Read the homes of a property that is new here."""
    await read_homes(run.job.property, bulk=True)


@jobs.work(jobs.Kind.CHECK_LINKS)
async def check(run: jobs.Run) -> None:
    """Look at the link of each home, and prove some of them by a sign-in. Raise ApiError."""
    account = run.job.property.account
    links = unit_links(account, bulk=True)
    failures = unproved = 0
    async for item in run.items():
        unsure = links.shape is None and unproved < MOST_UNPROVED
        prove = item.home.status == Home.Status.ACTIVE and (unsure or item.pk % PROVED_OF == 0)
        try:
            await check_one(run, item, links, prove=prove)
        except NotSignedIn:
            raise
        except NotFound:
            await run.done(item, GONE, failed=True)
        except ApiError as error:
            failures += 1
            if failures >= MOST_FAILURES:
                raise
            await run.done(item, error.reason if error.status else NO_ANSWER, failed=True)
            continue
        failures = 0
        unproved += prove and links.shape is None
        await save_shape(account, links)


async def check_one(run: jobs.Run, item: JobItem, links: UnitLinks, *, prove: bool) -> None:
    """Write down how a home's link is. Raise ApiError."""
    place, home = run.job.property, item.home
    unit = await management_api(place.account, bulk=True).fetch_unit(place.venue_id, home.unit_id)
    if not unit.href:
        link, proved = Home.Link.MISSING, False
    else:
        if prove:
            await audit.note(
                run.job.by, audit.What.LINK_TESTED, property=place, home=home, detail="check"
            )
        found = await (links.prove if prove else links.find)(place.venue_id, unit)
        if prove:
            await tell_tested(home, found.code)
        link, proved = state_of(found), found.proved
    await Home.objects.filter(pk=home.pk).aupdate(
        link=link, link_proved=proved, link_checked=timezone.now()
    )
    await run.done(item, link)


async def tell_tested(home: Home, code: str | None) -> None:
    """Write in the home's diary that its link was tried, under the link if its access code is known."""
    if code:
        await diary.write(link_mark(home.mark, code), diary.Event.STAFF_TESTED_LINK)
    else:
        await diary.write_for_home(home.mark, diary.Event.STAFF_TESTED_LINK)


def state_of(found: UnitLink) -> Home.Link:
    """Return what is known of a link that there is. One that opens another home is not to be used."""
    if found.refused or found.other_unit_id:
        return Home.Link.REFUSED
    return Home.Link.READY if found.code else Home.Link.UNREADABLE
