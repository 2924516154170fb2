"""The home page: the unit, and the Wi-Fi of each of its identities."""

import asyncio
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from residents.properties import Brand, with_brand
from residents.ruckus.errors import ApiError, NotAllowed, NotSignedIn
from residents.ruckus.types import Unit, UnitUser
from residents.sections import section_of, sort_key
from residents.session import current_home, signed_in


@require_safe
async def home(request: Any) -> HttpResponseBase:
    """Show the home, or to who is not signed in, how to get in."""
    if await current_home(request) is None and not request.session.get("token"):
        return render(request, "start.html")
    return await signed_in_home(request)


@signed_in
async def signed_in_home(request: Any) -> HttpResponse:
    unit, users, request.brand = await read_home(request)
    if not request.brand.api_allowed:
        return render(request, "closed.html", status=403)
    sections = [
        await section_of(request, user, suspended=unit.status == "DISABLED")
        for user in sorted(users or (), key=sort_key)
    ]
    return render(
        request,
        "home.html",
        {"unit": unit, "sections": sections, "missing": users is None},
    )


async def read_home(request: Any) -> tuple[Unit, tuple[UnitUser, ...] | None, Brand]:
    """Ask for the unit, its users and, where it isn't known, the brand, all at the same moment.

    Users are None when they can't be read but the unit can. Raises the error of the unit, and of
    the users when it says that the session is over.
    """
    unit: Unit | BaseException
    users: tuple[UnitUser, ...] | BaseException | None
    both = asyncio.gather(
        request.api.fetch_unit(), request.api.fetch_unit_users(), return_exceptions=True
    )
    (unit, users), brand = await with_brand(request.home, both)
    if isinstance(unit, BaseException):
        raise unit
    if isinstance(users, BaseException):
        if isinstance(users, (NotSignedIn, NotAllowed)) or not isinstance(users, ApiError):
            raise users
        users = None
    return unit, users, brand
