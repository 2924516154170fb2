"""Where a sign-in may lead, and under which address staff reach these pages."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve, reverse


def own(address: str) -> str:
    """Return the address if it is that of one of staff's pages, else that of their first one."""
    try:
        parts = urlsplit(address)
        if not (parts.scheme or parts.netloc) and resolve(parts.path).app_name == "staff":
            return parts.path + (f"?{parts.query}" if parts.query else "")
    except (Resolver404, ValueError):
        pass
    return reverse("staff:home")


def absolute(path: str) -> str:
    """Return a whole address of a page of staff's, "" where nothing says on which host it is."""
    if settings.STAFF_HOST:
        # A port, if there is one, is the portal's.
        _, _, port = urlsplit(settings.PORTAL_URL).netloc.partition(":")
        host = settings.STAFF_HOST + (f":{port}" if port else "")
        return f"{'https' if settings.HTTPS else 'http'}://{host}{path}"
    return settings.PORTAL_URL.rstrip("/") + path if settings.PORTAL_URL else ""
