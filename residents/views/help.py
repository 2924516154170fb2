"""Help, and what is to be known of these pages."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.property import served
from common.request import ResidentRequest
from residents.door.signed_in import signed_in


@require_safe
@signed_in
async def help_page(request: ResidentRequest) -> HttpResponse:
    """Show what to do when the Wi-Fi stopped working, and whom to call."""
    return render(request, "help.html")


@require_safe
@signed_in
async def privacy(request: ResidentRequest) -> HttpResponse:
    """Show what is stored of a home, for how long, and who can see it."""
    context = {
        "session_hours": round(settings.SESSION_HOURS) or 1,
        "diary_days": settings.DIARY_DAYS,
        "link_reset": served.allows_link_reset(request.home.property_id),
    }
    return render(request, "privacy.html", context)


@require_safe
@signed_in
async def accessibility(request: ResidentRequest) -> HttpResponse:
    """Show what was tested for people with disabilities, and what was not."""
    return render(request, "accessibility.html")
