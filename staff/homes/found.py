"""Homes by what staff look for: a search, a filter, a page of 50, a selection."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.http import urlencode

from staff.models import Home, HomeQuerySet, Property

PAGE = 50
LONGEST_SEARCH = 255

ALL = "all"
FILTERS: Mapping[str, Q] = {
    ALL: Q(),
    "not-handed-out": Q(handed_out__isnull=True),
    "never-opened": Q(opened__isnull=True),
    "no-link": Q(link__in=(Home.Link.MISSING, Home.Link.REFUSED, Home.Link.UNREADABLE)),
    "suspended": Q(status=Home.Status.SUSPENDED),
}


@dataclass(frozen=True)
class Wanted:
    """What is looked for: part of a home's name, and one of the filters."""

    q: str = ""
    filter: str = ALL

    @classmethod
    def of(cls, data: QueryDict) -> "Wanted":
        """Return what a form or an address asks for; a filter that is none is that of all homes."""
        chosen = data.get("filter", ALL)
        q = data.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
        return cls(q, chosen if chosen in FILTERS else ALL)

    def address(self, **other: str | int) -> str:
        """Return the query string that asks for it."""
        asked = {"q": self.q, "filter": self.filter if self.filter != ALL else "", **other}
        kept = {name: value for name, value in asked.items() if value}
        return f"?{urlencode(kept)}" if kept else "?"


def searched(place: Property, q: str) -> HomeQuerySet:
    """Return the property's homes whose name has this in it, in their order, with `opened`."""
    found = place.homes.all().with_opened()
    return found.filter(name__icontains=q) if q else found


def homes(place: Property, wanted: Wanted) -> HomeQuerySet:
    """Return the homes that are wanted, in their order, with `opened`."""
    return searched(place, wanted.q).filter(FILTERS[wanted.filter])


async def counts(place: Property, q: str = "") -> dict[str, int]:
    """Return how many homes each filter leaves of those with this in their name."""
    each = {name: Count("pk", filter=condition) for name, condition in FILTERS.items() if condition}
    found: dict[str, int] = await searched(place, q).aaggregate(**{ALL: Count("pk")}, **each)
    return found


async def page_of(
    place: Property, wanted: Wanted, number: str, count: int
) -> tuple[Page[int], list[Home]]:
    """Return one page of the homes that are wanted, given how many there are: the nearest there is."""
    page = Paginator(range(count), PAGE).get_page(number)
    start = max(page.start_index() - 1, 0)
    found = homes(place, wanted).select_related("handed_out_by")[start : start + PAGE]
    return page, [home async for home in found]


def chosen(place: Property, data: QueryDict) -> HomeQuerySet:
    """Return the homes that a form has chosen: all that were looked for, or those that were ticked."""
    if data.get("all"):
        return homes(place, Wanted.of(data))
    return homes(place, Wanted()).filter(unit_id__in=data.getlist("unit"))
