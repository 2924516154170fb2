"""Links for homes for which RUCKUS One gives none, from a file. They are gone with the page."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.drawing import draw
from staff import audit
from staff.audit import What
from staff.door.signed_in import property_page
from staff.links import from_file
from staff.links.handing_out import SHOW, write_down
from staff.links.reading import links_from
from staff.models import Property
from staff.request import StaffRequest
from staff.views import letters

KINDS = {"letters": letters.LETTERS, "cards": letters.CARDS}
LONGEST_NAME = 60


@require_http_methods(["GET", "HEAD", "POST"])
@property_page
async def upload(request: StaffRequest, property: Property) -> HttpResponse:
    """Ask for a file, check it, and do with its links what is asked for."""
    if request.method != "POST":
        return page(request, property)
    if "given" not in request.POST:
        return await look(request, property)
    try:
        given = await from_file.read(property, request.POST["given"])
    except ValueError:
        raise BadRequest from None
    do = request.POST.get("do", "")
    if kind := KINDS.get(do):
        return await printed(request, property, given, kind)
    if do == "show":
        links = await links_from(property, given)
        await write_down(request.member, property, SHOW, [link for link in links if link.url])
        return await ready(request, property, given, links=links)
    return await ready(request, property, given)


async def look(request: StaffRequest, property: Property) -> HttpResponse:
    """Check a file. Nothing is done with it while it has a problem, unless its rows are left out."""
    file: Any = request.FILES.get("file")
    if file is None:
        return page(request, property, error=_("Choose a file."), status=422)
    try:
        found = await from_file.checked(property, file.read())
    except from_file.Unreadable as error:
        return page(request, property, error=str(error), status=422)
    homes = [home for home, _codes in found.ready]
    await audit.note_all(request.member, What.LINK_PASTED, property, homes, "file")
    name = str(file.name)[:LONGEST_NAME]
    if found.problems or not found.ready:
        context = {
            "checked": found,
            "file": name,
            "given": from_file.written(found.ready),
        }
        return page(request, property, status=422, **context)
    return await ready(request, property, found.ready, file=name)


async def ready(
    request: StaffRequest, property: Property, given: list[from_file.Given], **more: Any
) -> HttpResponse:
    """Return the page of what can be handed out."""
    context = {
        "property": property,
        "place": "homes",
        "ready": [home for home, _codes in given],
        "given": from_file.written(given),
        **letters.choices(request, property),
        **more,
    }
    return await draw(request, "staff/from_file.html", context, len(given))


async def printed(
    request: StaffRequest, property: Property, given: list[from_file.Given], kind: letters.Kind
) -> HttpResponse:
    """Return a batch of letters or cards with these links."""
    number, part = letters.batch(request, given, kind)
    links = await links_from(property, part)
    kept = {"given": from_file.written(given), "do": kind.name}
    return await letters.sheets(
        request, property, kind, links, number=number, count=len(given), kept=kept
    )


def page(
    request: StaffRequest, property: Property, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"property": property, "place": "homes", **more}
    return render(request, "staff/from_file.html", context, status=status)
