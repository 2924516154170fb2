"""Signing in and out: the only code that touches the unit token."""

import functools
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from residents import session_store
from residents.api import Home
from residents.converters import bare_id, checked_property
from residents.crypto import digest
from residents.properties import NO_BRAND, brands
from residents.ruckus.errors import NotSignedIn
from residents.ruckus.types import Login

SEEN_EVERY = 300
NEVER_STORE = "no-store, private"

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def ends_at(expires: datetime | None) -> float:
    """Return when a session ends (seconds since the epoch): with its token, or by our limit."""
    limit: float = time.time() + settings.SESSION_HOURS * 3600
    return min(limit, expires.timestamp()) if expires else limit


def home_mark(property_id: str, unit_id: str) -> str:
    """Return a home's keyed hash, which is the same however its ids were spelled in the link."""
    return digest("home", bare_id(property_id), bare_id(unit_id))


async def sign_in(request: HttpRequest, property_id: str, login: Login) -> Home:
    """Start a new session for the home that the token opens, leaving nothing of an earlier one."""
    session: Any = request.session
    # Loaded before it is flushed: this deletes the earlier home's session in the store, too.
    await session.aget("home")
    await session.aflush()
    # A unit that the vendor leaves without an id must not be taken for another such unit.
    unit_id = login.unit_id or digest("unit", login.token)
    mark = home_mark(property_id, unit_id)
    ends = ends_at(login.expires_at)
    values = {
        "home": mark,
        "property": property_id,
        "unit": unit_id,
        "token": login.token,
        "ends": ends,
        "seen": time.time(),
    }
    for name, value in values.items():
        await session.aset(name, value)
    # A moment, not a number of seconds: saving the session must not make it longer.
    await session.aset_expiry(datetime.fromtimestamp(ends, UTC))
    await session_store.sweep()
    return Home(property_id, unit_id, mark, login.token)


async def sign_out(request: Any) -> None:
    """End this browser's session on the server."""
    await request.session.aget("home")
    await request.session.aflush()


async def sign_out_everywhere(request: Any) -> None:
    """End every session of the home that this browser is signed in to."""
    await session_store.end_all(request.home.mark)
    await sign_out(request)


async def current_home(request: HttpRequest) -> Home | None:
    """Return the home of this browser's session, or None when there is none or it has ended."""
    session: Any = request.session
    if not session.session_key:
        return None
    token = await session.aget("token")
    if not token:
        return None
    now = time.time()
    seen = await session.aget("seen")
    if now >= await session.aget("ends") or now - seen > settings.SESSION_IDLE_MINUTES * 60:
        return None
    property_id, unit_id = await session.aget("property"), await session.aget("unit")
    mark = home_mark(property_id, unit_id)
    # With another SECRET_KEY homes have other marks: an older session would be missed when the home
    # signs out everywhere.
    if await session.aget("home") != mark or not is_served(property_id):
        return None
    if now - seen > SEEN_EVERY:
        await session.aset("seen", now)
    return Home(property_id, unit_id, mark, token)


def is_served(property_id: str) -> bool:
    """Return whether this portal still serves a property whose residents it once let in."""
    try:
        checked_property(property_id)
    except ValueError:
        return False
    return True


def signed_in(view: View) -> View:
    """Give the view `request.home`, `request.api` and `request.brand`, and its page `no-store`.

    Raises NotSignedIn without a session, which the middleware turns into a page. A form that was
    made while the browser was signed in to another home is refused, and a property that has shut
    its portal gets a page that says so.
    """

    @functools.wraps(view)
    async def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.home = await current_home(request)
        if request.home is None:
            raise NotSignedIn("session")
        request.api = request.home.api()
        request.brand = brands.peek(request.home.property_id) or NO_BRAND
        response: HttpResponseBase
        if not request.brand.api_allowed:
            response = render(request, "closed.html", status=403)
        elif request.method == "POST" and request.POST.get("home") != request.home.mark:
            response = render(request, "other_home.html", status=409)
        else:
            response = await view(request, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = NEVER_STORE
        return response

    return wrapped
