"""The identity that an address names."""

import msgspec

from common.request import ResidentRequest
from residents.home.kind import Kind
from ruckus.errors import NotFound
from ruckus.resident_types import UnitUser


async def read_user(request: ResidentRequest, kind: Kind, user_id: str) -> UnitUser:
    """Return the user of an address, read now.

    Raise NotFound for one of another home, or of another kind than the address says.
    """
    user: UnitUser = await request.api.fetch_unit_user(user_id)
    if user.type and Kind.of(user) is not kind:
        raise NotFound("getUnitUser")
    return user if user.id == user_id else msgspec.structs.replace(user, id=user_id)
