"""What a view of staff's is given, and who is kept out of it."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any

from django.contrib.auth import aget_user
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase

from common.homes import home_mark
from common.property.ids import bare_id
from common.property.public_brand import public_brand_of
from ruckus.links import property_id as dashed
from staff.models import Home, Property
from staff.request import Member, StaffRequest

NEVER_STORE = "no-store, private"
# Seconds that a page waits for its colors, without which it is as good.
PATIENCE = 0.1
OWNER, MANAGER = "owner", "manager"

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


class NotSignedIn(Exception):
    """Nobody is signed in with both factors; the middleware leads to the sign-in."""


async def member_of(request: StaffRequest) -> Member | None:
    """Return who is signed in with both factors, or None."""
    if not request.session.session_key or not await request.session.aget("second_factor"):
        return None
    user: Any = await aget_user(request)
    if not user.is_authenticated or not user.is_active:
        return None
    groups = {group async for group in user.groups.values_list("name", flat=True)}
    return Member(user, OWNER in groups) if groups & {OWNER, MANAGER} else None


def staff_page(view: View) -> View:
    """Give the view `request.member`, and its page `no-store`. Raise NotSignedIn."""

    @functools.wraps(view)
    async def wrapped(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        member = await member_of(request)
        if member is None:
            raise NotSignedIn
        request.member = member
        response = await view(request, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = NEVER_STORE
        return response

    return wrapped


def owner_page(view: View) -> View:
    """As `staff_page`, for owners. Raise Http404 for others, who need not know what is there."""

    @functools.wraps(view)
    async def wrapped(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.member.is_owner:
            raise Http404
        return await view(request, *args, **kwargs)

    return staff_page(wrapped)


def properties_of(member: Member) -> QuerySet[Property]:
    """Return the properties that the member may work with."""
    allowed = Property.objects.select_related("account")
    return allowed if member.is_owner else allowed.filter(managers=member.user)


async def allowed_property(member: Member, property_id: str) -> Property:
    """Return the property if the member may work with it. Raise Http404."""
    found = await properties_of(member).filter(id=bare_id(property_id)).afirst()
    if found is None:
        raise Http404
    return found


def property_page(view: View) -> View:
    """As `staff_page`; the view gets the property in place of its id. Raise Http404."""

    @functools.wraps(view)
    async def wrapped(
        request: StaffRequest, property_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        found = await allowed_property(request.member, property_id)
        request.public_brand = await public_brand_of(dashed(found.venue_id), "", patience=PATIENCE)
        return await view(request, found, *args, **kwargs)

    return staff_page(wrapped)


def home_page(view: View) -> View:
    """As `property_page`; the view gets property and home in place of their ids. Raise Http404."""

    @functools.wraps(view)
    async def wrapped(
        request: StaffRequest, property: Property, unit_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        home = await Home.objects.with_opened().filter(property=property, unit_id=unit_id).afirst()
        if home is None:
            raise Http404
        # Where keys were made anew the stored one is another until the homes are read again, and
        # by it nobody would be signed out.
        home.mark = home_mark(property.id, home.unit_id)
        return await view(request, property, home, *args, **kwargs)

    return property_page(wrapped)
