"""What every page is given: nothing here calls the API."""

from typing import Any

from django.http import HttpRequest

from residents.properties import NO_BRAND, NO_DRESS


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the home, the brand as far as it is known, and whether only a part is wanted."""
    htmx: Any = getattr(request, "htmx", None)
    return {
        "home": getattr(request, "home", None),
        "brand": getattr(request, "brand", NO_BRAND),
        "dress": getattr(request, "dress", NO_DRESS),
        # htmx puts a page's main part into the page that is there; going back asks for all of it.
        "fragment": bool(htmx) and not htmx.history_restore_request,
    }
