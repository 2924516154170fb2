"""A home signed in to with its link, as its residents do, for as long as a request takes."""

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from common.homes import link_mark
from common.keys import ready
from common.upstream import upstream
from ruckus.authorization import UnitToken
from ruckus.errors import ApiError, Unavailable
from ruckus.link_replacement import ApiOf
from ruckus.links import property_id as dashed
from ruckus.resident import ResidentApi
from ruckus.resident_types import Written
from ruckus.unit_links import same_id
from staff.accounts.api import sign_in_to, upstream_for
from staff.links.reading import StaffLink, codes_in, link_from, link_of
from staff.models import Home, Property

T = TypeVar("T")


class NotOpened(Exception):
    """The home has no link that opens it; `link` says what was found instead."""

    def __init__(self, link: StaffLink) -> None:
        super().__init__(link.state)
        self.link = link


@dataclass(frozen=True)
class OpenHome:
    """A home that its link has opened. `given` says that RUCKUS One gave the link."""

    place: Property
    home: Home
    given: bool
    # As the sign-in names it.
    unit_id: str
    code: str = field(repr=False)
    token: UnitToken = field(repr=False)

    @property
    def mark(self) -> str:
        """Return the keyed hash of the home and this link."""
        return link_mark(self.home.mark, self.code)

    def api(self) -> ResidentApi:
        """Return a client for the home, with a whole deadline for each call."""
        return api_of(self.place)(dashed(self.place.venue_id), self.token)


def api_of(property: Property) -> ApiOf:
    """Return what makes clients for homes of the property, at its account's region."""

    def make(property_id: str, token: UnitToken | None) -> ResidentApi:
        http = upstream_for(property.account.region)
        return ResidentApi(http, property_id=property_id, token=token)

    return make


async def open_home(property: Property, home: Home, pasted: str = "") -> OpenHome:
    """Open the home with the link that was pasted, else with the one that RUCKUS One gives.

    Raise NotOpened or ApiError.
    """
    await ready()
    if pasted:
        found = await link_from(property, home, codes_in(property, pasted, home.unit_id))
    else:
        found = await link_of(property, home)
    if not found.code:
        raise NotOpened(found)
    login = await sign_in_to(property.venue_id, found.code)
    token = UnitToken(login.token)
    opened = OpenHome(property, home, not pasted, login.unit_id, found.code, token)
    if not same_id(login.unit_id, home.unit_id):
        # Both APIs may have ids of their own. What can't be undone needs the number at least.
        unit = await opened.api().fetch_unit()
        if unit.number.strip() != home.name.strip():
            raise NotOpened(found)
    return opened


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Run what must not be cut short, even if the browser hangs up, and return its result."""
    task = upstream().hold(work)
    # Waiting for it cancels nothing.
    await asyncio.wait({task})
    return task.result()


async def was_refused(write: Awaitable[Written]) -> bool:
    """Send a change, and return whether it was refused. Raise ApiError where nothing was sent.

    Neither answer proves anything: only a read does.
    """
    try:
        await write
    except ApiError as error:
        if not error.maybe_written:
            raise
        return not isinstance(error, Unavailable)
    return False
