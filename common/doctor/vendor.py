"""What this installation is set to ask of the vendor, and whether that works."""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from common.property import served
from common.property.ids import served_property
from ruckus import regions
from ruckus.authorization import TokenStyle
from ruckus.doctor import Report, examine
from ruckus.doctor.finding import Finding, to_do
from ruckus.doctor.home import PROPERTY
from ruckus.doctor.way_in import Configured
from ruckus.links import find, property_id
from ruckus.wire import Upstream
from ruckus.words import say, together

SECONDS = 5.0
"""What one call may take."""

CONNECT_SECONDS = 3.0

ADD_PROPERTY = say(
    "Add --property and the venue's id, which stands in the address bar when you open the venue "
    "in RUCKUS One."
)


class UnfitLink(ValueError):
    """What came on standard input is no use, for the reason that the message gives."""


def configured(*, loaded: bool, property_id: str = "") -> Configured:
    """Return what the settings say or, where they could not be loaded, what stands in the environment.

    Without a property it is the address of them all, or of any where each has its own.
    """
    if loaded:
        url = served.api_url_of(property_id) or next(iter(served.api_urls()))
        region = next((name for name in regions.REGIONS if regions.REGIONS[name] == url), "")
        if url == settings.RUCKUS_API_URL:
            region = settings.RUCKUS_REGION
        style = settings.RUCKUS_TOKEN_STYLE
    else:
        region = os.environ.get("RUCKUS_REGION", "")
        url = os.environ.get("RUCKUS_API_URL", "").rstrip("/") or regions.REGIONS.get(region, "")
        style = os.environ.get("RUCKUS_TOKEN_STYLE", "auto")
        if os.environ.get("RUCKUS_API_URL"):
            region = ""
    if not url:
        return Configured()
    setting, value = ("RUCKUS_REGION", region) if region else ("RUCKUS_API_URL", url)
    fixed = TokenStyle(style) if style in list(TokenStyle) else None
    return Configured(url, setting, value, fixed)


@dataclass(frozen=True)
class Link:
    """A property, the readings of an access code, and whether the property is a guess."""

    property_id: str = ""
    codes: tuple[str, ...] = field(default=(), repr=False)
    guessed: bool = False


NO_LINK = Link()


def read_link(text: str, wanted: str, names: Sequence[str]) -> Link:
    """Return what a text is about.

    `wanted` is the id that was given beside the text, if any. Raise UnfitLink.
    """
    try:
        known = property_id(wanted) if wanted else ""
    except ValueError:
        raise UnfitLink(
            "--property takes the id of a venue: 32 digits and letters a to f."
        ) from None
    found = find(text, known_ids=[known])
    if not found.codes:
        raise UnfitLink("There is no access code in this. Paste all of a resident's link.")
    guess = found.property_id or ""
    if not known and found.ours:
        known = guess
    if not known and len(names) == 1:
        known = names[0]
    # Other links than ours may name the unit where one would look for the property.
    if not known and not guess:
        raise UnfitLink(f"This link does not name its property. {ADD_PROPERTY}")
    return Link(property_id(known or guess), found.codes, guessed=not known)


def ask_vendor(current: Configured, link: Link = NO_LINK) -> Report:
    """Return what is found at the vendor's, with a link or without."""
    if current.setting == "RUCKUS_API_URL":
        addresses = [current.address]
    elif current.address or link.codes:
        addresses = regions.addresses(current.value)
    else:
        return Report([])
    report = asyncio.run(_examine(current, addresses, link))
    if link.guessed and not report.home:
        guess = say("It is a guess which id in the link is that of the property.")
        again = together(say("Try again."), ADD_PROPERTY)
        report.reach.append(to_do(PROPERTY, guess, again))
    return report


async def _examine(current: Configured, addresses: list[str], link: Link) -> Report:
    async with contextlib.AsyncExitStack() as stack:

        def connect(address: str, style: TokenStyle | None) -> Upstream:
            # Without Redis, where calls are counted, and without a breaker: nothing is written,
            # and what is wrong is seen as it is.
            upstream = Upstream(
                address,
                deadline=SECONDS,
                connect_timeout=CONNECT_SECONDS,
                breaker=False,
                token_style=style,
            )
            stack.push_async_callback(upstream.aclose)
            return upstream

        return await examine(
            connect, current, addresses, property_id=link.property_id, codes=link.codes
        )


def check_served(known: str) -> list[Finding]:
    """Return what to do where the settings leave this property out."""
    try:
        served_property(known)
    except ValueError:
        name = "PROPERTIES_FILE" if settings.PROPERTIES_FILE else "ALLOWED_PROPERTIES"
        left_out = say(
            "{setting} leaves out the link's property, so its residents can't sign in.",
            setting=name,
        )
        advice = say("Add the property's id there, or take another link.")
        return [to_do(PROPERTY, left_out, advice)]
    return []
