"""Which properties are known to exist: those of the settings, those where somebody signed in, and those
of accounts that staff connected, whose region is the account's.

Whatever else a stranger asks for may be made up, and shares what RUCKUS One is asked for it with all
that others make up.
"""

import time
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from common.models import KnownProperty
from common.property import served
from common.property.ids import bare_id

# Seconds until a property becomes known in other processes than the one that signed somebody in.
READ_EVERY = 10.0

# Bare ids with the region that their calls go to, "" where the settings say it.
regions: dict[str, str] = {}
was_read = False
read_again_at = 0.0


async def ready() -> None:
    """Return once `region_of` can be asked. Raise DatabaseError."""
    if not was_read:
        await read()


async def read() -> None:
    global was_read  # noqa: PLW0603  (one table, one copy of it, per process)
    regions.update(await sync_to_async(stored)())
    was_read = True


def region_of(property_id: str) -> str:
    """Return the region of the account that a property belongs to, "" where it belongs to none."""
    return regions.get(bare_id(property_id), "")


def regions_in_use() -> set[str]:
    """Return the regions of the accounts that properties belong to."""
    return set(regions.values()) - {""}


async def is_known(property_id: str) -> bool:
    """Return whether the property is one of this portal's; nearly always without a query."""
    global read_again_at  # noqa: PLW0603  (one table, one copy of it, per process)
    bare = bare_id(property_id)
    if bare in regions or bare in served.named():
        return True
    now = time.monotonic()
    if now >= read_again_at:
        if regions:
            # Nobody waits for another's query, but at the start, when nothing is known yet.
            read_again_at = now + READ_EVERY
        # Welcome pages are shown while the database is down.
        with suppress(DatabaseError):
            await read()
        read_again_at = now + READ_EVERY
    return bare in regions


def stored() -> dict[str, str]:
    """Return what the database has."""
    return dict(KnownProperty.objects.values_list("id", "region"))


async def remember(property_id: str) -> None:
    """Write down that somebody has signed in to a home of the property."""
    bare = bare_id(property_id)
    if bare not in regions:
        known, _ = await KnownProperty.objects.aget_or_create(id=bare)
        regions[bare] = known.region


async def remember_region(property_id: str, region: str) -> None:
    """Write down that the property belongs to an account of this region."""
    bare = bare_id(property_id)
    await KnownProperty.objects.aupdate_or_create(id=bare, defaults={"region": region})
    regions[bare] = region


def forget() -> None:
    """Know nothing but what is stored, as a new process does."""
    global read_again_at, was_read  # noqa: PLW0603
    regions.clear()
    was_read = False
    read_again_at = 0.0
