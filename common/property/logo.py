"""The logo of a property, drawn anew."""

from common.homes import Home
from common.property import images
from common.property.cache import PropertyCache

logos: PropertyCache[bytes] = PropertyCache(300)


async def logo_of(home: Home, patience: float | None = None) -> bytes | None:
    """Return the property's logo as a small PNG, or None when there is none to be had.

    `patience` is how many seconds to wait for it at the most, without end if None.
    """

    async def fetch() -> bytes:
        data = await home.api().fetch_file("logo")
        return await images.drawn(data, 480, 144) or b""

    return await logos.get(home.property_id, fetch, patience)
