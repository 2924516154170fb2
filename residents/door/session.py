"""Signing in and out: the only code that puts a unit's token into a session and takes it out again."""

import time
from datetime import UTC, datetime

from django.conf import settings

from common import sessions
from common.homes import Home, home_mark, link_mark
from common.keys import digest
from common.property import known
from common.property.ids import property_here
from common.request import ResidentRequest
from common.upstream import resident_api
from ruckus.authorization import TokenStyle, UnitToken
from ruckus.errors import NotAllowed, NotFound, NotSignedIn
from ruckus.resident_types import Login

SEEN_EVERY = 300


def ends_at(expires: datetime | None) -> float:
    """Return when a session ends (seconds since the epoch): with its token, or by our limit.

    An end that is past, of a token that was just taken, is of another clock and says nothing.
    """
    now = time.time()
    limit: float = now + settings.SESSION_HOURS * 3600
    return min(limit, expires.timestamp()) if expires and expires.timestamp() > now else limit


async def has_expired(property_id: str, login: Login) -> bool:
    """Return whether the token of a login is over already.

    Its date alone does not say so: the vendor's clock is not ours, and its dates may have another
    zone than they claim. So the token is tried; this raises ApiError when nobody can tell.
    """
    if login.expires_at is None or login.expires_at.timestamp() > time.time():
        return False
    try:
        await resident_api(property_id, UnitToken(login.token)).fetch_unit()
    except NotSignedIn:
        return True
    except (NotAllowed, NotFound):
        # What was refused is not the token.
        return False
    return False


async def sign_in(request: ResidentRequest, property_id: str, login: Login, code: str) -> Home:
    """Start a new session for the home that the token opens, leaving nothing of an earlier one.

    Of the access code only a keyed hash is kept.
    """
    session = request.session
    await session.aflush()
    # A unit that the vendor leaves without an id must not be taken for another such unit.
    unit_id = login.unit_id or digest("unit", login.token)
    mark = home_mark(property_id, unit_id)
    link = link_mark(mark, code)
    ends = ends_at(login.expires_at)
    values = {
        "home": mark,
        "property": property_id,
        "unit": unit_id,
        "link": link,
        "token": login.token,
        "ends": ends,
        "seen": time.time(),
    }
    for name, value in values.items():
        await session.aset(name, value)
    # A moment, not a number of seconds: saving the session must not make it longer.
    await session.aset_expiry(datetime.fromtimestamp(ends, UTC))
    await sessions.sweep()
    await known.remember(property_id)
    return Home(property_id, unit_id, mark, UnitToken(login.token), link)


async def sign_out(request: ResidentRequest) -> None:
    """End this browser's session on the server."""
    await request.session.aflush()


async def sign_out_everywhere(request: ResidentRequest) -> None:
    """End every session of the home that this browser is signed in to."""
    await sign_out(request)
    await sessions.end_all(request.home.mark)


async def former_property(request: ResidentRequest) -> str | None:
    """Return the property of a session that has ended here, or None if there was none."""
    try:
        return property_here(await request.session.aget("property", ""))
    except ValueError:
        return None


async def current_home(request: ResidentRequest) -> Home | None:
    """Return the home of this browser's session, or None when there is none or it has ended."""
    session = request.session
    if not session.session_key:
        return None
    token = await session.aget("token")
    if not token:
        return None
    now = time.time()
    seen = await session.aget("seen")
    if now >= await session.aget("ends") or now - seen > settings.SESSION_IDLE_MINUTES * 60:
        return None
    unit_id = await session.aget("unit")
    try:
        property_id = property_here(await session.aget("property"))
    except ValueError:
        # This portal does not serve the property any more.
        return None
    mark = home_mark(property_id, unit_id)
    # A session from before `rekey --anew` would be missed when the home signs out everywhere.
    if await session.aget("home") != mark:
        return None
    if now - seen > SEEN_EVERY:
        await session.aset("seen", now)
    style = await session.aget("style")
    link = await session.aget("link", "")
    return Home(property_id, unit_id, mark, UnitToken(token, style and TokenStyle(style)), link)


async def remember_token_style(request: ResidentRequest, home: Home) -> None:
    """Write down in which style the vendor took the token, when that has just been found out."""
    session, style = request.session, home.token.style
    # The view may have signed out, or in to another home.
    same = await session.aget("token") == home.token.value
    if same and style is not None and await session.aget("style") != style:
        await session.aset("style", style.value)
