"""What a property shows to strangers: how its welcome page looks before anybody has signed in."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from django.utils.safestring import SafeString, mark_safe

from common.counts import Count
from common.property import colours, images, styles
from common.property.cache import PATIENCE, Incomplete, PropertyCache
from common.property.known import is_known
from common.upstream import resident_api
from ruckus.errors import ApiError, NotFound
from ruckus.resident import ResidentApi
from ruckus.resident_types import Access

T = TypeVar("T")


@dataclass(frozen=True)
class PublicBrand:
    """The looks of a property's welcome page; all of it may be empty."""

    login_text: str = ""
    style: SafeString = SafeString()  # noqa: RUF009, an empty one is as good as another
    theme: str = ""
    icon: bytes = b""


NO_PUBLIC_BRAND = PublicBrand()

# That there is nothing to show is remembered longer: it is so for whatever is made up.
NONE_SECONDS = 600.0

# Strangers fill tables of their own, so that they push out nothing of a resident's, and what they
# make up fills one that holds none of the portal's properties, asked for a few at a time.
public_brands: PropertyCache[PublicBrand] = PropertyCache(1000, none_seconds=NONE_SECONDS)
newcomers: PropertyCache[PublicBrand] = PropertyCache(1000, at_once=8, none_seconds=NONE_SECONDS)

# Calls that an address may cause for properties that are not known, within ten minutes.
looks = Count("looks", most=60, seconds=600)
CALLS = 3


async def fetch_public_brand(api: ResidentApi) -> PublicBrand:
    """Ask for access, styles and favicon at once.

    Raise NotFound where there is none of them, and Incomplete where one could not be had.
    """

    errors: list[ApiError] = []

    async def or_nothing(call: Awaitable[T]) -> T | None:
        try:
            return await call
        except ApiError as error:
            errors.append(error)
            return None

    access, css, icon = await asyncio.gather(
        or_nothing(api.fetch_access()),
        or_nothing(api.fetch_styles()),
        or_nothing(api.fetch_favicon()),
    )
    failed = [error for error in errors if not isinstance(error, NotFound)]
    if len(errors) == CALLS and not failed:
        raise errors[0]
    main, accent = await asyncio.to_thread(styles.two_colours, css or "")
    small = await images.drawn(icon, 64, 64) if icon else None
    brand = PublicBrand(
        login_text=((access or Access()).login_text or "").strip(),
        style=mark_safe(colours.style(main, accent)),  # noqa: S308
        theme=colours.theme(main, accent),
        icon=small or b"",
    )
    if failed:
        raise Incomplete(brand)
    return brand


async def public_brand_of(
    property_id: str, address: str, *, patience: float = PATIENCE
) -> PublicBrand:
    """Return the looks of the welcome page; plain ones when they can't be had in time.

    A client's address has plain ones, too, when it has asked for many properties that are not known.
    """
    known = await is_known(property_id)
    table = public_brands if known else newcomers

    async def fetch() -> PublicBrand:
        return await fetch_public_brand(resident_api(property_id, known=known))

    if not known and not table.is_fresh(property_id) and not await looks.take(address, CALLS):
        return table.peek(property_id) or NO_PUBLIC_BRAND
    return await table.get(property_id, fetch, patience) or NO_PUBLIC_BRAND
