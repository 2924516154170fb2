"""The vendor's API with this portal's settings: one Upstream for each event loop, and clients that use it."""

import asyncio
from weakref import WeakKeyDictionary

from django.conf import settings

from common import redis
from common.file_limit import shares
from ruckus.authorization import TokenStyle, UnitToken
from ruckus.resident import ResidentApi
from ruckus.wire import Upstream

_upstreams: WeakKeyDictionary[asyncio.AbstractEventLoop, Upstream] = WeakKeyDictionary()


def make_upstream() -> Upstream:
    """Return what `upstream` gives to a new event loop. A test puts its own in place of it."""
    style = settings.RUCKUS_TOKEN_STYLE
    files = shares()
    return Upstream(
        settings.RUCKUS_API_URL,
        deadline=settings.RUCKUS_DEADLINE,
        connect_timeout=settings.RUCKUS_CONNECT_TIMEOUT,
        evaluate=redis.evaluate if settings.REDIS_URL else None,
        breaker=settings.RUCKUS_BREAKER,
        most_reads=files.reads,
        most_writes=files.writes,
        token_style=None if style == "auto" else TokenStyle(style),
    )


def upstream() -> Upstream:
    """Return the Upstream of the running event loop, made at first use."""
    loop = asyncio.get_running_loop()
    found = _upstreams.get(loop)
    if found is None:
        found = _upstreams[loop] = make_upstream()
    return found


async def close_upstream() -> None:
    """Let writes come to their end, then close the Upstream of the running event loop, if any."""
    found = _upstreams.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.aclose()


def resident_api(
    property_id: str, token: UnitToken | None = None, *, known: bool = True
) -> ResidentApi:
    """Return a client with a whole deadline before it; `known` as common.property.known has it."""
    deadline = asyncio.get_running_loop().time() + settings.RUCKUS_DEADLINE
    return ResidentApi(
        upstream(), property_id=property_id, token=token, deadline=deadline, known=known
    )
