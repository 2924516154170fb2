"""The images of a property."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from common.client_address import client_address
from common.property.logo import logo_of
from common.property.public_brand import public_brand_of
from common.request import ResidentRequest
from residents.door.signed_in import signed_in


@require_safe
@signed_in
async def logo(request: ResidentRequest, name: str) -> HttpResponse:
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
async def icon(request: HttpRequest, property_id: str) -> HttpResponse:
    """Return the property's favicon, drawn anew."""
    found = await public_brand_of(property_id, client_address(request))
    if not found.icon:
        raise Http404
    return HttpResponse(
        found.icon,
        content_type="image/png",
        headers={"Cache-Control": f"public, max-age={int(settings.PROPERTY_CACHE_SECONDS) + 3600}"},
    )
