"""Who lives in the homes of a page: read when a page shows it, never stored."""

from collections.abc import Sequence

from ruckus.management import PAGE_SIZE
from ruckus.management_types import UnitResident
from staff.accounts.api import management_api
from staff.models import Home, Property


async def residents_of(place: Property, homes: Sequence[Home]) -> dict[str, UnitResident]:
    """Return the residents of so many homes as fit on a page, by unit, after one call. Raise ApiError.

    One who is not in the answer is not known: names are what is asked for, and a name need not be
    of one home alone.
    """
    names = list(dict.fromkeys(home.name for home in homes if home.name))
    if not names:
        return {}
    api = management_api(place.account)
    page = await api.query_units(place.venue_id, page_size=PAGE_SIZE, names=names)
    wanted = {home.unit_id for home in homes}
    return {unit.id: unit.resident for unit in page.items.values() if unit.id in wanted}
