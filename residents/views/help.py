"""Help."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.request import ResidentRequest
from residents.door.signed_in import signed_in


@require_safe
@signed_in
async def help_page(request: ResidentRequest) -> HttpResponse:
    """Show what to do when the Wi-Fi stopped working, and whom to call."""
    return render(request, "help.html")
