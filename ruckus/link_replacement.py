"""A home's link, replaced by whoever has the present one, and what is known of it afterwards.

The vendor tells nobody whether the reset took place, what the new link is, or when the old one stops
working. So each of these is a fact of its own, found out by asking again.

    old = await links.prove(venue_id, unit)     # or made from a link that somebody pasted
    found = await replace_link(resident_api, old, links, venue_id=venue_id)
    found.taken, found.new, found.old_refused

It sends once, and never again. That nobody starts it twice is for the caller to see to.
"""

import asyncio
from asyncio import sleep
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from .authorization import UnitToken
from .errors import ApiError, NotSignedIn, Rejected, Unavailable
from .management_types import ManagedUnit
from .resident import ResidentApi
from .unit_links import UnitLink, UnitLinks, same_id

PATIENCE = 20.0
"""Seconds, at most, in which is looked for what came of it."""

WAITS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0)
"""Seconds before each look."""

ApiOf = Callable[[str, UnitToken | None], ResidentApi]
"""Gives a client for a property, with a token for a unit of it, and a whole deadline before it."""


class OtherUnit(Exception):
    """The present link opens another unit than the one whose link is to be replaced. Nothing was sent."""


@dataclass(frozen=True)
class Replacement:
    """What is known of a link that was to be replaced. Each of the facts is told for itself.

    `taken` says that the vendor took the reset, `accepted` that it does so later (202). Otherwise `failure`
    is what the call ended with, and the reset may have taken place all the same. `new` is the new link,
    which signs in and is not the old one; None as long as that is not proved, or no links can be read.
    `old_refused` says that the old link was refused after the reset; until then it may still work.
    """

    taken: bool = False
    accepted: bool = False
    failure: ApiError | None = None
    new: UnitLink | None = field(default=None, repr=False)
    old_refused: bool = False

    @property
    def proved(self) -> bool:
        """Return whether the link was replaced for certain, whatever the vendor said."""
        return self.new is not None or self.old_refused


async def replace_link(
    api_of: ApiOf,
    old: UnitLink,
    links: UnitLinks | None = None,
    *,
    venue_id: str = "",
    patience: float = PATIENCE,
) -> Replacement:
    """Replace the link of a unit, given the present one with its code, and return what is known of it.

    `links` reads the new link, of the unit of this venue; leave it out where the vendor gives none. All
    looks together take `patience` seconds at most, and end as soon as there is nothing left to find out.
    Raise ApiError or OtherUnit where nothing was sent.
    """
    code = old.code or ""
    login = await api_of(old.property_id, None).log_in(code)
    if not same_id(login.unit_id, old.other_unit_id or old.unit_id):
        raise OtherUnit
    token = UnitToken(login.token)
    # Only a read finds out in which style the token is taken: a write is never sent again.
    await api_of(old.property_id, token).fetch_unit()
    taken, accepted, failure = False, False, None
    try:
        written = await api_of(old.property_id, token).replace_link()
    except ApiError as error:
        if not error.maybe_written:
            raise
        failure = error
    else:
        taken, accepted = True, written.accepted
    new, old_refused = None, False
    # Of what was refused, no more is to be expected than a second look shows.
    waits = WAITS if failure is None or isinstance(failure, Unavailable) else WAITS[:2]
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            for wait in waits:
                await sleep(wait)
                if new is None and links is not None:
                    with suppress(ApiError):
                        new = await _new_link(links, venue_id, old)
                if not old_refused:
                    with suppress(ApiError):
                        old_refused = await is_refused(api_of, old.property_id, code)
                if old_refused and (new is not None or links is None):
                    break
    return Replacement(taken, accepted, failure, new, old_refused)


async def is_refused(api_of: ApiOf, property_id: str, code: str) -> bool:
    """Return whether an access code opens nothing, for a link that somebody pastes later. Raise ApiError where nobody can tell."""
    try:
        await api_of(property_id, None).log_in(code)
    except (NotSignedIn, Rejected):
        return True
    return False


async def _new_link(links: UnitLinks, venue_id: str, old: UnitLink) -> UnitLink | None:
    unit = ManagedUnit(id=old.unit_id)
    # Without a sign-in as long as it is the old one.
    likeliest = await links.find(venue_id, unit)
    if likeliest.code in (None, old.code):
        return None
    link = await links.prove(venue_id, unit)
    return link if link.proved and link.code != old.code else None
