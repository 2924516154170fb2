"""When a resident first signed in to a home: whether a link that was handed out has arrived."""

from contextlib import suppress

from django.db import DatabaseError

from common.models import OpenedHome


async def remember(home: str) -> None:
    """Write down the first sign-in to a home, given its keyed hash, if the database lets us."""
    # Nobody's sign-in is to fail for the sake of a mark.
    with suppress(DatabaseError):
        await OpenedHome.objects.abulk_create([OpenedHome(home=home)], ignore_conflicts=True)
