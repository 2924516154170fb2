"""The home page: the unit, and the Wi-Fi of each of its identities."""

import asyncio

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from common.drawing import draw
from common.request import ResidentRequest
from residents.door.session import current_home
from residents.door.signed_in import signed_in
from residents.home.kind import Kind
from residents.home.people import people_of
from residents.home.sections import own_of, section_of, sort_key
from residents.views.sign_in import start
from ruckus.errors import ApiError, NotAllowed, NotSignedIn
from ruckus.resident import ResidentApi
from ruckus.resident_types import Listed, Unit, UnitUser


@require_safe
async def home(request: ResidentRequest) -> HttpResponseBase:
    """Show the home, or to who is not signed in, how to get in."""
    if await current_home(request) is None and not request.session.get("token"):
        return await start(request)
    return await signed_in_home(request)


@signed_in
async def signed_in_home(request: ResidentRequest) -> HttpResponse:
    unit, users = await read_home(request.api)
    ordered = sorted(users or (), key=sort_key)
    own = (user.passphrase for user in ordered if Kind.of(user) is Kind.UNIT)
    home_passphrase = next(own, None)
    sections = [
        await section_of(
            request,
            user,
            suspended=unit.status == "DISABLED",
            home_passphrase=home_passphrase,
        )
        for user in own_of(ordered)
    ]
    others = (user for user in ordered if Kind.of(user) is Kind.LINKED)
    context = {
        "unit": unit,
        "sections": sections,
        "people": people_of(others, request.GET.get("person", "")),
        "missing": users is None,
        "incomplete": users is not None and not users.complete,
    }
    return await draw(request, "home.html", context, len(ordered))


async def read_home(api: ResidentApi) -> tuple[Unit, Listed[UnitUser] | None]:
    """Ask for the unit and its users at the same moment.

    Users are None when they can't be read but the unit can. Raise the error of the unit, and of
    the users when it says that the session is over.
    """
    unit: Unit | BaseException
    users: Listed[UnitUser] | BaseException | None
    unit, users = await asyncio.gather(
        api.fetch_unit(), api.fetch_unit_users(), return_exceptions=True
    )
    if isinstance(unit, BaseException):
        raise unit
    if isinstance(users, BaseException):
        if isinstance(users, (NotSignedIn, NotAllowed)) or not isinstance(users, ApiError):
            raise users
        users = None
    return unit, users
