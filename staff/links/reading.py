"""The link of a home: read when it is needed, and gone with the page that it was read for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from common import languages
from common.links import in_language, portal_links
from common.property.served import portal_url_of
from ruckus import links as found_links
from ruckus.errors import NotAllowed, NotFound, NotSignedIn, Rejected
from ruckus.management_types import ManagedUnit, UnitResident
from ruckus.unit_links import MOST_SIGN_INS, UnitLink
from staff.accounts.api import management_api, save_shape, sign_in_to, unit_links
from staff.models import Home, Property


@dataclass(frozen=True)
class StaffLink:
    """What was found for a home. Without a `url` there is nothing to hand out, and `state` says why.

    `proved` says that a sign-in opened the home with it, `other` is the home of the property that it
    opened instead, and `is_strange` that it opened one that is not listed: ids may differ, so
    people have to look.
    """

    home: Home
    state: Home.Link
    code: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    # Who lives there, as RUCKUS One has it now; None where it wasn't asked.
    resident: UnitResident | None = None
    proved: bool = False
    other: Home | None = None
    is_strange: bool = False


async def link_of(
    property: Property, home: Home, *, prove: bool = True, bulk: bool = False
) -> StaffLink:
    """Return the link that RUCKUS One gives for the home now, and who lives there. Raise ApiError.

    It is proved by a sign-in as well where nobody knows yet how the account's links look. No
    session is kept of a sign-in, and it does not count as opening the home.
    """
    account, venue = property.account, property.venue_id
    unit = await management_api(account, bulk=bulk).fetch_unit(venue, home.unit_id)
    if not unit.href:
        return await remembered(StaffLink(home, Home.Link.MISSING, resident=unit.resident))
    links = unit_links(account, bulk=bulk)
    if prove or links.shape is None:
        found = await links.prove(venue, unit)
        await save_shape(account, links)
    else:
        found = await links.find(venue, unit)
    return await remembered(await judged(property, home, unit, found))


async def judged(property: Property, home: Home, unit: ManagedUnit, found: UnitLink) -> StaffLink:
    """Return what is to be thought of a link that was found."""
    if found.code is None:
        state = Home.Link.REFUSED if found.refused else Home.Link.UNREADABLE
        return StaffLink(home, state, resident=unit.resident)
    return await opening(
        property,
        home,
        found.code,
        proved=found.proved,
        other_unit_id=found.other_unit_id,
        resident=unit.resident,
    )


async def opening(
    property: Property,
    home: Home,
    code: str,
    *,
    proved: bool = False,
    other_unit_id: str | None = None,
    resident: UnitResident | None = None,
) -> StaffLink:
    """Return the link with this code, unless it opens another home of the property."""
    if other_unit_id:
        other = await property.homes.filter(unit_id=other_unit_id).afirst()
        if other is not None:
            return StaffLink(home, Home.Link.REFUSED, resident=resident, other=other)
    try:
        url = portal_links(portal_url_of(property.id), property.venue_id, code)[1]
    except ValueError:
        return StaffLink(home, Home.Link.UNREADABLE, resident=resident)
    return StaffLink(
        home,
        Home.Link.READY,
        code,
        url,
        resident,
        proved=proved,
        is_strange=bool(other_unit_id),
    )


def url_in(language: str, property: Property, link: StaffLink) -> str:
    """Return the link for who reads it in this language; in the property's own it says no more."""
    usual = languages.chosen(property.language)
    return link.url if language == usual else in_language(link.url, language)


async def remembered(link: StaffLink) -> StaffLink:
    """Keep what is known of the home's link, which is not the link itself."""
    known: dict[str, Any] = {"link": link.state, "link_checked": timezone.now()}
    if link.proved or not link.url:
        known["link_proved"] = link.proved
    for name, value in known.items():
        setattr(link.home, name, value)
    await Home.objects.filter(pk=link.home.pk).aupdate(**known)
    return link


async def links_of(property: Property, homes: Sequence[Home]) -> list[StaffLink]:
    """Return the links of many homes, at the pace of bulk reads. Raise ApiError.

    One is proved by a sign-in, and until one is, the next as well. A suspended home tells nothing:
    its link may well be right.
    """
    links: list[StaffLink] = []
    proved = False
    for home in homes:
        prove = not proved and home.status != Home.Status.SUSPENDED
        try:
            link = await link_of(property, home, prove=prove, bulk=True)
        except NotFound:
            # It was deleted at RUCKUS One since the homes were read.
            link = StaffLink(home, Home.Link.MISSING)
        proved = proved or link.proved
        links.append(link)
    return links


def codes_in(property: Property, text: str, unit_id: str = "") -> tuple[str, ...]:
    """Return the readings of the access code in what somebody pasted, the likeliest first.

    None are those of a link of ours that is another property's.
    """
    found = found_links.find(text, known_ids=[property.venue_id, unit_id])
    own = found_links.property_id(property.venue_id)
    return () if found.ours and found.property_id != own else found.codes


async def link_from(property: Property, home: Home, codes: Sequence[str]) -> StaffLink:
    """Return the link with the first of these codes that a sign-in proves. Raise ApiError."""
    for code in codes[:MOST_SIGN_INS]:
        try:
            login = await sign_in_to(property.venue_id, code)
        except (NotSignedIn, NotAllowed, NotFound, Rejected):
            continue
        other = None if login.unit_id in ("", home.unit_id) else login.unit_id
        return await opening(property, home, code, proved=True, other_unit_id=other)
    return StaffLink(home, Home.Link.REFUSED if codes else Home.Link.UNREADABLE)


async def links_from(
    property: Property, given: Sequence[tuple[Home, tuple[str, ...]]]
) -> list[StaffLink]:
    """Return the links of homes whose codes are given. Raise ApiError.

    One is proved by a sign-in, and every one whose code can be read in several ways.
    """
    links: list[StaffLink] = []
    proved = False
    for home, codes in given:
        is_certain = len(codes) == 1 and (proved or home.status == Home.Status.SUSPENDED)
        if is_certain:
            link = await opening(property, home, codes[0])
        else:
            link = await link_from(property, home, codes)
        proved = proved or link.proved
        links.append(link)
    return links
