"""Help, the logo, and what machines ask for."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from residents.properties import GRACE, brand_of, logo_of
from residents.session import signed_in


@require_safe
@signed_in
async def help_page(request: Any) -> HttpResponse:
    """Show what to do when the Wi-Fi stopped working, and whom to call."""
    request.brand = await brand_of(request.home, GRACE)
    return render(request, "help.html")


@require_safe
@signed_in
async def logo(request: Any, name: str) -> HttpResponse:
    """Return the logo of the resident's property; the name changes when the file does."""
    image = await logo_of(request.home)
    if not image:
        raise Http404
    return HttpResponse(
        image,
        content_type="image/png",
        headers={"Cache-Control": "private, max-age=604800, immutable"},
    )


@require_safe
async def health(request: HttpRequest) -> HttpResponse:
    """Answer that this worker serves, without asking anybody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
async def robots(request: HttpRequest) -> HttpResponse:
    """Keep search engines out: links hold secrets."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
