"""Wrong passwords and codes make the next attempt wait, at an address and at an account.

A browser that was signed in to the account before is told apart by a signed cookie and counted by
itself: nobody who knows an email address can keep its owner waiting.
"""

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from common import throttle
from common.client_address import client_address
from common.keys import digest

PASSWORDS, CODES = "staff", "codes of staff"
KNOWN_SALT = "staff"
KNOWN_FOR = 365 * 24 * 3600

Counts = list[tuple[str, str]]


def account_mark(email: str) -> str:
    return digest("account of staff", email.lower())


def of_password(request: HttpRequest, email: str) -> Counts:
    """Return with what an attempt at a password is counted, whether there is such an account or not."""
    mark = account_mark(email)
    if is_known(request, email):
        return [(f"known {mark}", PASSWORDS)]
    return [(client_address(request), PASSWORDS), (mark, PASSWORDS)]


def is_known(request: HttpRequest, email: str) -> bool:
    """Return whether the browser was signed in to the account before."""
    known = request.get_signed_cookie(
        settings.STAFF_KNOWN_COOKIE_NAME, None, salt=KNOWN_SALT, max_age=KNOWN_FOR
    )
    return bool(known == account_mark(email))


def of_code(user: User) -> Counts:
    """Return with what an attempt at a code is counted: who gets there has the password."""
    return [(account_mark(user.username), CODES)]


async def start(counts: Counts) -> int:
    """Count an attempt and return 0, or the seconds to wait before it may be made."""
    for number, count in enumerate(counts):
        if wait := await throttle.start_attempt(*count):
            await take_back(counts[:number])
            return wait
    return 0


async def take_back(counts: Counts) -> None:
    """Take back the count of an attempt that was right, or was not made."""
    for count in counts:
        await throttle.discount_attempt(*count)


def remember(response: HttpResponse, user: User) -> None:
    """Let the browser show from now on that it was once signed in to the account."""
    response.set_signed_cookie(
        settings.STAFF_KNOWN_COOKIE_NAME,
        account_mark(user.username),
        salt=KNOWN_SALT,
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
