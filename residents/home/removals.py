"""Removals that were taken and did not show: a device that stays is not "being removed" for ever.

The session keeps the moment of each, by the id of the device's removal page.
"""

import time
from collections.abc import Iterable

from common.request import ResidentRequest
from residents.home.devices import ShownDevice

MOST = 20
# Seconds that a removal may take, and after which it is forgotten.
PATIENCE, FORGET = 60, 3600


async def taken(request: ResidentRequest) -> dict[str, float]:
    """Return when a removal was taken, for each device that was still there."""
    return dict(await request.session.aget("removals", {}))


async def remember(request: ResidentRequest, device_id: str, *, stays: bool) -> None:
    """Remember that the device stays although its removal was taken, or that it does not."""
    known = await taken(request)
    was_known = known.pop(device_id, None) is not None
    if stays:
        known[device_id] = time.time()
    if stays or was_known:
        await request.session.aset("removals", dict(list(known.items())[-MOST:]))


async def overdue(request: ResidentRequest, devices: Iterable[ShownDevice]) -> list[ShownDevice]:
    """Return those of the listed devices that should be gone by now."""
    known, now = await taken(request), time.time()
    return [
        shown
        for shown in devices
        if PATIENCE < now - known.get(shown.removal_id or "", now) < FORGET
    ]
