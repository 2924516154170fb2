"""How a property looks on paper. Its profile and its logo are told to residents alone: so a link opens them."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop

from common import homes
from common.diary import Event
from common.property.brand import NO_BRAND, Brand, brand_of, brands
from common.property.logo import logo_of, logos
from ruckus.authorization import UnitToken
from ruckus.errors import ApiError
from ruckus.links import property_id as dashed
from staff import audit
from staff.accounts.api import sign_in_to
from staff.audit import What
from staff.links.diary import tell
from staff.links.reading import StaffLink, link_of
from staff.models import Home, Property
from staff.request import Member

# Seconds that a letter waits for the property's looks.
PATIENCE = 5.0
# What the audit log says beside the test of a link.
FOR_LOGO = gettext_noop("For the property’s logo")


async def opened(property: Property, link: StaffLink) -> homes.Home | None:
    """Return the home as its resident would open it, or None if the link doesn't."""
    try:
        login = await sign_in_to(property.venue_id, link.code)
    except ApiError:
        return None
    token = UnitToken(login.token)
    return homes.Home(dashed(property.venue_id), login.unit_id, link.home.mark, token)


async def brand_for(property: Property, links: Sequence[StaffLink]) -> Brand:
    """Return the property's looks, read with one of these links unless they are known."""
    key = dashed(property.venue_id)
    if not brands.is_fresh(key):
        usable = [link for link in links if link.home.status != Home.Status.SUSPENDED]
        home = await opened(property, usable[0]) if usable else None
        if home is not None:
            return await brand_of(home, PATIENCE)
    return brands.peek(key) or NO_BRAND


async def logo_for(member: Member, property: Property) -> bytes | None:
    """Return the property's logo. Where this process does not have it, any of its links opens it.

    That is a sign-in, so it is written down as one. Raise DatabaseError where it can't be.
    """
    known = logos.peek(dashed(property.venue_id))
    if known:
        return known
    ready = property.homes.filter(link=Home.Link.READY, status=Home.Status.ACTIVE)
    first = await ready.afirst()
    if first is None:
        return None
    await audit.note(member, What.LINK_TESTED, property=property, home=first, detail=FOR_LOGO)
    try:
        link = await link_of(property, first, prove=False)
    except ApiError:
        return None
    if not link.code:
        return None
    await tell(first, Event.STAFF_TESTED_LINK, link.code)
    home = await opened(property, link)
    return await logo_of(home, PATIENCE) if home else None
