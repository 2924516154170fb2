"""Browsers that were signed in before.

One is told apart by a signed cookie, and its wrong codes are counted with the home that it was
signed in to: no neighbour behind the same address can keep it waiting, and signing in over and over
gives nobody more attempts.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.client_address import client_address
from common.property.ids import bare_id

KNOWN_FOR = 365 * 24 * 3600


def who_asks(request: HttpRequest, property_id: str) -> str:
    """Return whose attempts to count together: a home that this browser knows, else an address."""
    home: str | None = request.get_signed_cookie(
        settings.KNOWN_COOKIE_NAME, None, salt=bare_id(property_id), max_age=KNOWN_FOR
    )
    return home or client_address(request)


def remember(response: HttpResponse, property_id: str, home: str) -> None:
    """Let the browser show from now on that it was once signed in to the home with this mark."""
    response.set_signed_cookie(
        settings.KNOWN_COOKIE_NAME,
        home,
        salt=bare_id(property_id),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
