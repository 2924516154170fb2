"""Emails with links: the addresses are shown, and what was confirmed goes out in the background."""

from collections.abc import Sequence

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.drawing import draw
from common.languages import chosen, languages
from staff.door.signed_in import property_page
from staff.homes import jobs
from staff.links import selection
from staff.links.email import latest, planned, start
from staff.models import Home, Property
from staff.request import StaffRequest


async def ask(
    request: StaffRequest, property: Property, homes: Sequence[Home], problem: str = ""
) -> HttpResponse:
    """Return who would get an email, at which address."""
    if not settings.EMAIL_URL:
        return render(request, "staff/email.html", {"property": property, "place": "homes"})
    again = "again" in request.POST
    plan = await planned(property, homes, again=again)
    context = {
        "property": property,
        "place": "homes",
        "problem": problem,
        "plan": plan,
        "again": again,
        "homes": selection.written(homes),
        "languages": languages(property.venue_id),
        "language": chosen(request.POST.get("language"), property.language),
        "sender": settings.DEFAULT_FROM_EMAIL,
    }
    status = 409 if problem else 200
    return await draw(request, "staff/email.html", context, len(plan.to), status)


@require_http_methods(["GET", "HEAD", "POST"])
@property_page
async def emails(request: StaffRequest, property: Property) -> HttpResponse:
    """Show how far the latest emails are, or send what was confirmed."""
    if request.method == "POST":
        return await send(request, property)
    sending = await latest(property)
    context = {"property": property, "place": "homes", "sending": sending}
    template = "staff/emails.html#sending" if request.htmx else "staff/emails.html"
    return await draw(request, template, context, len(sending.items) if sending else 0)


async def send(request: StaffRequest, property: Property) -> HttpResponse:
    """Send what was confirmed, unless an address is another one since."""
    if not settings.EMAIL_URL:
        raise Http404
    homes = await selection.read(property, request.POST)
    plan = await planned(property, homes, again="again" in request.POST)
    if not plan.to or request.POST.get("confirmed") != plan.mark:
        return await ask(request, property, homes, _("Look again: this list has changed."))
    language = chosen(request.POST.get("language"), property.language)
    if not await start(request.member.user, plan, property, language):
        return await ask(
            request, property, homes, _("Emails are still going out. Wait until they’re done.")
        )
    return redirect("staff:email", property.id)


@require_POST
@property_page
async def stop(request: StaffRequest, property: Property) -> HttpResponse:
    """Stop after the email that is being sent."""
    sending = await latest(property)
    if sending is not None:
        await jobs.stop(sending.job)
    return redirect("staff:email", property.id)
