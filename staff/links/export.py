"""The table for a mail merge: a row a home, written as the links are read."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

from django.utils.translation import gettext as _

from common.csv_cells import harmless
from ruckus.errors import ApiError, NotFound
from ruckus.management_types import UnitResident
from staff.links.handing_out import EXPORT, write_down
from staff.links.reading import StaffLink, link_of
from staff.models import Home, Property
from staff.request import Member

# What tells Excel that it is UTF-8.
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# One in so many is proved by a sign-in.
PROVE_EVERY = 50


def line(cells: Sequence[str]) -> bytes:
    """Return a row as CSV."""
    text = io.StringIO()
    csv.writer(text).writerow([harmless(cell) for cell in cells])
    return text.getvalue().encode()


async def rows(member: Member, property: Property, homes: Sequence[Home]) -> AsyncIterator[bytes]:
    """Give the table piece by piece. What can't be read any more is named as such in its row."""
    yield MARK.encode() + line(
        [_("Home"), _("Name"), _("Email address"), _("Phone number"), _("Link"), _("State")]
    )
    unread = False
    for number, home in enumerate(homes):
        link = None
        if not unread:
            try:
                link = await link_of(property, home, prove=not number % PROVE_EVERY, bulk=True)
            except NotFound:
                link = StaffLink(home, Home.Link.MISSING)
            except ApiError:
                # The table has begun: its end says how far it goes.
                unread = True
        if link is not None and link.url:
            await write_down(member, property, EXPORT, [link])
        yield line([str(home), *cells(link)])


def cells(link: StaffLink | None) -> list[str]:
    """Return what a row says of a home beside its name."""
    if link is None:
        return ["", "", "", "", _("Not read: RUCKUS One didn’t answer")]
    who = link.resident or UnitResident()
    contact = [who.name or "", who.email or "", who.phone_number or ""]
    return [*contact, link.url, _("Ready") if link.url else _("No link")]
