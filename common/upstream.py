"""The vendor's API with this portal's settings: one Upstream for each event loop and address, and clients."""

import asyncio
from weakref import WeakKeyDictionary

from django.conf import settings

from common import metrics, redis
from common.file_limit import shares
from common.property.known import region_of, regions_in_use
from common.property.served import api_url_of, api_urls, names_address
from ruckus.authorization import TokenStyle, UnitToken
from ruckus.regions import REGIONS
from ruckus.resident import ResidentApi
from ruckus.wire import Upstream

_upstreams: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Upstream]] = WeakKeyDictionary()


def make_upstream(url: str = "") -> Upstream:
    """Return what a new event loop gets, for the settings' address unless another is given.

    A test puts its own in place of it.
    """
    style = settings.RUCKUS_TOKEN_STYLE
    files = shares()
    # All addresses together may have as many connections as one alone.
    addresses = len({*api_urls(), *map(REGIONS.__getitem__, regions_in_use())})
    return Upstream(
        url or settings.RUCKUS_API_URL,
        deadline=settings.RUCKUS_DEADLINE,
        connect_timeout=settings.RUCKUS_CONNECT_TIMEOUT,
        evaluate=redis.evaluate if settings.REDIS_URL else None,
        breaker=settings.RUCKUS_BREAKER,
        most_reads=max(files.reads // addresses, 1),
        most_writes=max(files.writes // addresses, 1),
        observer=metrics.observer(),
        token_style=None if style == "auto" else TokenStyle(style),
    )


def upstream() -> Upstream:
    """Return the running event loop's Upstream of the settings' address, made at first use."""
    found = _upstreams.setdefault(asyncio.get_running_loop(), {})
    if "" not in found:
        found[""] = make_upstream()
    return found[""]


def upstream_at(url: str) -> Upstream:
    """Return the running event loop's Upstream of this address, made at first use."""
    if url == settings.RUCKUS_API_URL:
        return upstream()
    found = _upstreams.setdefault(asyncio.get_running_loop(), {})
    if url not in found:
        found[url] = make_upstream(url)
    return found[url]


async def close_upstream() -> None:
    """Let writes come to their end, then close every Upstream of the running event loop."""
    for made in _upstreams.pop(asyncio.get_running_loop(), {}).values():
        await made.aclose()


def address_of(property_id: str) -> str:
    """Return the address that a property's calls go to.

    The file of properties comes first, then the region of the account that staff connected. Where the
    settings name an address, and not a region, it is that of a deployment under test: it is every
    region's.
    """
    region = region_of(property_id)
    if names_address(property_id) or not region or has_one_address():
        return api_url_of(property_id)
    return REGIONS[region]


def has_one_address() -> bool:
    """Return whether the settings give an address, where a region or a file of properties could be."""
    return bool(settings.RUCKUS_API_URL) and not settings.RUCKUS_REGION


def resident_api(
    property_id: str, token: UnitToken | None = None, *, known: bool = True
) -> ResidentApi:
    """Return a client with a whole deadline before it; `known` as common.property.known has it."""
    deadline = asyncio.get_running_loop().time() + settings.RUCKUS_DEADLINE
    return ResidentApi(
        upstream_at(address_of(property_id)),
        property_id=property_id,
        token=token,
        deadline=deadline,
        known=known,
    )
