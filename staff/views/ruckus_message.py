"""RUCKUS One's own message to the contacts of homes, sent once more."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ruckus.management import MOST_RESENT
from staff import audit
from staff.accounts.api import management_api
from staff.audit import What
from staff.door.signed_in import property_page
from staff.homes.marks import mark_handed_out
from staff.links import selection
from staff.models import Home, Property
from staff.request import StaffRequest


async def ask(request: StaffRequest, property: Property, homes: Sequence[Home]) -> HttpResponse:
    """Return what says whose message it is before it is asked for."""
    context = {
        "property": property,
        "place": "homes",
        "count": len(homes),
        "homes": selection.written(homes),
    }
    return render(request, "staff/ruckus_message.html", context)


@require_POST
@property_page
async def send(request: StaffRequest, property: Property) -> HttpResponse:
    """Ask RUCKUS One for its message, 100 homes a call, and say what it answered.

    A refusal after the first call is an error page's; what was sent before it is in the audit log.
    """
    homes = await selection.read(property, request.POST)
    api = management_api(property.account)
    later = False
    for start in range(0, len(homes), MOST_RESENT):
        part = homes[start : start + MOST_RESENT]
        await audit.note_all(request.member, What.RUCKUS_MESSAGE, property, part)
        change = await api.resend_notifications(property.venue_id, [home.unit_id for home in part])
        await mark_handed_out(part, Home.Way.RUCKUS, request.member)
        later = later or change.accepted
    asked = ngettext(
        "RUCKUS One was asked to send its message to %(count)d home.",
        "RUCKUS One was asked to send its message to %(count)d homes.",
        len(homes),
    ) % {"count": len(homes)}
    if later:
        so_far = _("It accepted that for later and doesn’t say when, or whether it arrived.")
    else:
        so_far = _("It doesn’t say whether it arrived.")
    messages.success(request, f"{asked} {so_far}")
    return redirect("staff:homes", property.id)
