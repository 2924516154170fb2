"""Properties, and the homes of one: what is known of their links, and checking all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from common.languages import in_order
from ruckus.errors import ApiError
from ruckus.management_types import UnitResident
from staff import audit
from staff.door.signed_in import properties_of, property_page, staff_page
from staff.homes import found, jobs, marks, progress
from staff.homes.reading import read_homes
from staff.homes.residents import residents_of
from staff.links.email import outcome
from staff.models import Home, Property, RuckusAccount
from staff.request import StaffRequest

READ_AT_ONCE = 500
"""So many homes are read while somebody waits; more are read in the background."""

FILTERS = {
    found.ALL: gettext_lazy("All"),
    "not-handed-out": gettext_lazy("Not handed out"),
    "never-opened": gettext_lazy("Never opened"),
    "no-link": gettext_lazy("No link"),
    "suspended": gettext_lazy("Suspended"),
}


@dataclass(frozen=True)
class Filter:
    """A filter as the page shows it."""

    label: str
    count: int
    address: str
    is_current: bool


@dataclass(frozen=True)
class Row:
    """A home as the page shows it; `resident` is None where nobody knows who lives there."""

    home: Home
    way: str
    who: str
    resident: UnitResident | None


@require_http_methods(["GET", "HEAD"])
@staff_page
async def start(request: StaffRequest) -> HttpResponse:
    """List the properties; straight on to the one where there is only one."""
    waiting = Count("homes", filter=Q(homes__handed_out__isnull=True))
    allowed = properties_of(request.member).annotate(number=Count("homes"), waiting=waiting)
    properties = in_order([each async for each in allowed.order_by("id")])
    if len(properties) == 1:
        return redirect("staff:homes", properties[0].id)
    context = {
        "properties": properties,
        "connected": await RuckusAccount.objects.aexists(),
        "place": "homes",
    }
    return render(request, "staff/properties.html", context)


@require_http_methods(["GET", "HEAD"])
@property_page
async def homes(request: StaffRequest, property: Property) -> HttpResponse:
    """List the homes from the database; names of residents only where they are asked for."""
    wanted = found.Wanted.of(request.GET)
    numbers = await found.counts(property, wanted.q)
    page, listed = await found.page_of(
        property, wanted, request.GET.get("page", ""), numbers[wanted.filter]
    )
    residents = None
    if request.GET.get("names"):
        residents = await residents_of(property, listed)
    everything = numbers if not wanted.q else await found.counts(property)
    context = {
        "property": property,
        "place": "homes",
        "several": await properties_of(request.member).acount() > 1,
        "total": everything[found.ALL],
        "opened": everything[found.ALL] - everything["never-opened"],
        "wanted": wanted,
        "filters": filters(wanted, numbers),
        "rows": rows(listed, residents),
        "names_shown": residents is not None,
        "names_address": wanted.address(page=page.number, names=1),
        "page": page,
        "pages": pages(page, wanted),
        "next": wanted.address(page=page.next_page_number()) if page.has_next() else "",
        "all": bool(request.GET.get("all")),
        "all_address": wanted.address(page=page.number, all=1),
        "none_address": wanted.address(page=page.number),
        "number": numbers[wanted.filter],
        "reading": await progress.reading(property),
        "check": await progress.check(property),
        "emails": await outcome(property),
    }
    return render(request, "staff/homes.html", context)


def filters(wanted: found.Wanted, numbers: dict[str, int]) -> list[Filter]:
    """Return the filters with what each of them leaves."""
    return [
        Filter(
            str(label),
            numbers[name],
            found.Wanted(wanted.q, name).address(),
            name == wanted.filter,
        )
        for name, label in FILTERS.items()
    ]


def rows(homes: Sequence[Home], residents: dict[str, UnitResident] | None) -> list[Row]:
    """Return the homes as the page shows them."""
    made = []
    for home in homes:
        way = marks.WAYS[Home.Way(home.handed_out_how)] if home.handed_out_how else ""
        by = home.handed_out_by
        who = (by.first_name or by.get_username()) if by else ""
        resident = None if residents is None else residents.get(home.unit_id)
        made.append(Row(home, str(way), who, resident))
    return made


def pages(page: Any, wanted: found.Wanted) -> list[tuple[int | None, str]]:
    """Return the numbers of pages with their addresses; None stands for those that are left out."""
    if page.paginator.num_pages == 1:
        return []
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [
        (number, wanted.address(page=number)) if isinstance(number, int) else (None, "")
        for number in numbers
    ]


@require_http_methods(["GET", "HEAD"])
@property_page
async def residents(request: StaffRequest, property: Property) -> HttpResponse:
    """Return who lives in the homes of a page, for where the page has left room for them."""
    wanted = found.Wanted.of(request.GET)
    count = await found.homes(property, wanted).acount()
    page, listed = await found.page_of(property, wanted, request.GET.get("page", ""), count)
    try:
        people = await residents_of(property, listed)
    except ApiError:
        # The page is of use without them, and has a link to ask for them again.
        people = None
    context = {
        "property": property,
        "rows": rows(listed, people),
        "unread": people is None,
        "names_address": wanted.address(page=page.number, names=1),
    }
    return render(request, "staff/homes.html#residents", context)


@require_POST
@property_page
async def read(request: StaffRequest, property: Property) -> HttpResponse:
    """Read the homes again from RUCKUS One."""
    await audit.note(request.member, audit.What.HOMES_READ, property=property)
    if await property.homes.acount() > READ_AT_ONCE:
        await jobs.start(property, jobs.Kind.READ_HOMES, request.member.user)
    else:
        await read_homes(property)
    return redirect("staff:homes", property.id)


@require_http_methods(["GET", "HEAD", "POST"])
@property_page
async def check(request: StaffRequest, property: Property) -> HttpResponse:
    """Start checking all links, or show how far that is."""
    if request.method == "POST":
        await audit.note(request.member, audit.What.CHECK_STARTED, property=property)
        every = [home async for home in property.homes.all()]
        await jobs.start(property, jobs.Kind.CHECK_LINKS, request.member.user, every)
        return redirect("staff:homes", property.id)
    if not request.htmx:
        return redirect("staff:homes", property.id)
    context = {
        "property": property,
        "reading": await progress.reading(property),
        "check": await progress.check(property),
        "fragment": True,
    }
    return render(request, "staff/homes.html#task", context)


@require_POST
@property_page
async def stop(request: StaffRequest, property: Property) -> HttpResponse:
    """Stop checking links after the home that it is at."""
    job = await jobs.latest(property, jobs.Kind.CHECK_LINKS)
    if job is not None and await jobs.stop(job):
        await audit.note(request.member, audit.What.CHECK_STOPPED, property=property)
    return redirect("staff:homes", property.id)
