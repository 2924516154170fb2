"""Which properties are known to exist: those of the settings, and those where somebody signed in.

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

signed_in: set[str] = set()
read_again_at = 0.0


async def is_known(property_id: str) -> bool:
    """Return whether the property is one of this portal's; nearly always without a query."""
    global read_again_at  # noqa: PLW0603  (one table, one copy of it, per process)
    bare = bare_id(property_id)
    if bare in signed_in or bare in served.named():
        return True
    now = time.monotonic()
    if now >= read_again_at:
        if signed_in:
            # Nobody waits for another's query, but at the start, when nothing is known yet.
            read_again_at = now + READ_EVERY
        # Welcome pages are shown while the database is down.
        with suppress(DatabaseError):
            signed_in.update(await sync_to_async(stored)())
        read_again_at = now + READ_EVERY
    return bare in signed_in


def stored() -> list[str]:
    """Return what the database has."""
    return list(KnownProperty.objects.values_list("id", flat=True))


async def remember(property_id: str) -> None:
    """Write down that somebody has signed in to a home of the property."""
    bare = bare_id(property_id)
    if bare not in signed_in:
        await KnownProperty.objects.aget_or_create(id=bare)
        signed_in.add(bare)


def forget() -> None:
    """Know nothing but what is stored, as a new process does."""
    global read_again_at  # noqa: PLW0603
    signed_in.clear()
    read_again_at = 0.0
