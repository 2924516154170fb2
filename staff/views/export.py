"""All links of a selection as a file: for owners, who give their password again."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from staff.door.password_again import asks_password_again
from staff.door.signed_in import NEVER_STORE, property_page
from staff.links import selection
from staff.links.export import rows
from staff.models import Home, Property
from staff.request import StaffRequest


async def ask(request: StaffRequest, property: Property, homes: Sequence[Home]) -> HttpResponse:
    """Return what says what the file holds before it is made. Raise Http404 for managers."""
    if not request.member.is_owner:
        raise Http404
    context = {
        "property": property,
        "place": "homes",
        "count": len(homes),
        "homes": selection.written(homes),
        "minutes": -(-len(homes) // 240),
    }
    return render(request, "staff/export.html", context)


@require_POST
@property_page
@asks_password_again
async def download(request: StaffRequest, property: Property) -> HttpResponseBase:
    """Send the file as it is made. Raise Http404 for managers."""
    if not request.member.is_owner:
        raise Http404
    homes = await selection.read(property, request.POST)
    return StreamingHttpResponse(
        rows(request.member, property, homes),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="links-{property.id}.csv"',
            "Cache-Control": NEVER_STORE,
        },
    )
