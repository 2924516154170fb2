"""What a property shows to strangers: how its welcome page looks before anybody has signed in."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from django.utils.safestring import SafeString, mark_safe

from common.property import colours, images, styles
from common.property.cache import PATIENCE, PropertyCache
from common.upstream import resident_api
from ruckus.errors import ApiError
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

# Strangers fill a table of their own, so that they push out nothing of a resident's, and made-up
# ids, each of which would have its own share of the vendor's calls, are asked for a few at a time.
public_brands: PropertyCache[PublicBrand] = PropertyCache(1000, at_once=8)


async def fetch_public_brand(property_id: str) -> PublicBrand:
    """Ask for access, styles and favicon at once; each may fail without the others."""

    async def or_nothing(call: Awaitable[T]) -> T | None:
        try:
            return await call
        except ApiError:
            return None

    api = resident_api(property_id)
    access, css, icon = await asyncio.gather(
        or_nothing(api.fetch_access()),
        or_nothing(api.fetch_styles()),
        or_nothing(api.fetch_favicon()),
    )
    main, accent = await asyncio.to_thread(styles.two_colours, css or "")
    small = await asyncio.to_thread(images.small_png, icon, 64, 64) if icon else None
    text = (access or Access()).login_text
    return PublicBrand(
        login_text=(text or "").strip(),
        style=mark_safe(colours.style(main, accent)),  # noqa: S308
        theme=colours.theme(main, accent),
        icon=small or b"",
    )


async def public_brand_of(property_id: str) -> PublicBrand:
    """Return the looks of the welcome page; plain ones when they can't be had in time."""

    async def fetch() -> PublicBrand:
        return await fetch_public_brand(property_id)

    return await public_brands.get(property_id, fetch, PATIENCE) or NO_PUBLIC_BRAND
