"""The homes of a property as RUCKUS One lists them: read 100 a call, kept until they are read again."""

import re
from collections.abc import Sequence

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from common import keys
from common.homes import home_mark
from ruckus.management_types import ManagedUnit
from ruckus.resident_types import Listed
from staff.accounts.api import management_api
from staff.models import Home, Property

_NUMBER = re.compile("[0-9]+")
# Digits of a number that sort; 12 are more than any home has.
_DIGITS = 12
_LONGEST_KEY = 400


async def read_homes(property: Property, *, bulk: bool = False) -> None:
    """Read the property's homes from RUCKUS One and keep them. Raise ApiError."""
    api = management_api(property.account, bulk=bulk)
    units = await api.fetch_units(property.venue_id)
    await keys.ready()
    await sync_to_async(keep)(property, units)


def keep(property: Property, units: Listed[ManagedUnit]) -> None:
    """Keep what was listed. A home is removed only where a whole list does not have it.

    A list of nothing is not believed of a property that had homes: an answer that could not be
    understood looks the same.
    """
    complete = units.complete and (bool(units) or not property.homes.exists())
    with transaction.atomic():
        known = {home.unit_id: home for home in property.homes.all()}
        rows = [_row(property, unit) for unit in units]
        _save([row for row in rows if not _is_same(known.get(row.unit_id), row)])
        if complete:
            gone = known.keys() - {row.unit_id for row in rows}
            property.homes.filter(pk__in=[known[unit_id].pk for unit_id in gone]).delete()
        property.homes_read, property.homes_complete = timezone.now(), complete
        property.save(update_fields=["homes_read", "homes_complete"])


def _row(property: Property, unit: ManagedUnit) -> Home:
    return Home(
        property=property,
        unit_id=unit.id,
        mark=home_mark(property.id, unit.id),
        name=unit.name,
        sort_key=sort_key(unit.name),
        status=Home.Status.SUSPENDED if unit.is_suspended else Home.Status.ACTIVE,
    )


def _is_same(known: Home | None, row: Home) -> bool:
    # Marks change where keys were lost and made anew.
    told = ("name", "status", "sort_key", "mark")
    return known is not None and all(getattr(known, each) == getattr(row, each) for each in told)


def _save(rows: Sequence[Home]) -> None:
    # Two may read the same property at once: the later one's word counts.
    Home.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["property", "unit_id"],
        update_fields=["name", "sort_key", "status", "mark"],
    )


def sort_key(name: str) -> str:
    """Return the name in a form that sorts 2 before 10, whatever stands around the number."""
    padded = _NUMBER.sub(lambda digits: digits[0].zfill(_DIGITS), name.casefold())
    return padded[:_LONGEST_KEY]
