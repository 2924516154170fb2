"""What is to be done with the homes that were selected."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from staff.door.signed_in import property_page
from staff.links import selection
from staff.models import Property
from staff.request import StaffRequest
from staff.views import email, export, letters, ruckus_message

PAGES = {
    "letters": letters.ask_letters,
    "cards": letters.ask_cards,
    "csv": export.ask,
    "email": email.ask,
    "ruckus": ruckus_message.ask,
}


@require_POST
@property_page
async def selected(request: StaffRequest, property: Property) -> HttpResponse:
    """Show the page of an action, which asks before it does anything."""
    ask = PAGES.get(request.POST.get("do", ""))
    if ask is None:
        raise BadRequest
    homes = await selection.read(property, request.POST)
    if not homes:
        messages.warning(request, _("Tick at least one home."))
        return redirect("staff:homes", property.id)
    return await ask(request, property, homes)
