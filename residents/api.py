"""A home, and the client that speaks for it."""

import asyncio
from dataclasses import dataclass, field

from django.conf import settings

from residents.ruckus.client import ResidentApi
from residents.ruckus.http import upstream


@dataclass(frozen=True)
class Home:
    """The home that a browser is signed in to."""

    property_id: str
    unit_id: str
    # A keyed hash of the two: it says which home a form belongs to without naming it.
    mark: str
    token: str = field(repr=False)

    def api(self) -> ResidentApi:
        """Return a client for this home, with a whole deadline before it."""
        return api_of(self.property_id, self.token)


def api_of(property_id: str, token: str | None = None) -> ResidentApi:
    """Return a client with a whole deadline before it."""
    deadline = asyncio.get_running_loop().time() + settings.RUCKUS_DEADLINE
    return ResidentApi(upstream(), property_id=property_id, token=token, deadline=deadline)
