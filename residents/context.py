"""What every page is given: nothing here calls the API."""

from typing import Any

from django.http import HttpRequest

from common.property.brand import NO_BRAND
from common.property.public_brand import NO_PUBLIC_BRAND


def place_of(path: str) -> str:
    """Return which of the three places a page belongs to."""
    if "/devices/" in path:
        return "devices"
    return "help" if path.startswith(("/help/", "/diary/", "/privacy/")) else "wifi"


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the home, the brand as far as it is known, and whether only a part is wanted."""
    # A request that was refused early, such as for its Host, has none of these yet.
    htmx: Any = getattr(request, "htmx", None)
    return {
        "place": place_of(request.path),
        "home": getattr(request, "home", None),
        "brand": getattr(request, "brand", NO_BRAND),
        "public_brand": getattr(request, "public_brand", NO_PUBLIC_BRAND),
        # htmx puts a page's main part into the page that is there; going back asks for all of it.
        "fragment": bool(htmx) and not htmx.history_restore_request,
    }
