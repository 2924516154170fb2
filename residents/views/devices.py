"""The devices that joined with a passphrase, and removing one."""

import asyncio
from typing import Any, Literal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.home.devices import DeviceList, ShownDevice, fetch_devices, find
from residents.home.kind import Kind
from residents.home.people import Person, name_of
from residents.home.sections import TITLES, sort_key, title_of
from residents.views.errors import shows_form_again
from ruckus.errors import ApiError, NotAllowed, NotFound, NotSignedIn, Unavailable
from ruckus.resident import ResidentApi
from ruckus.resident_types import UnitUser


@require_safe
@signed_in
async def all_devices(request: ResidentRequest) -> HttpResponse:
    """Show the devices of the home and of its guests, and where those of each person are."""
    users, unit, guest = await asyncio.gather(
        request.api.fetch_unit_users(),
        list_or_error(request, Kind.UNIT),
        list_or_error(request, Kind.GUEST),
    )
    devices = {Kind.UNIT: unit, Kind.GUEST: guest}
    ordered = sorted(users, key=sort_key)
    lists = [list_of(user, devices[kind]) for user in ordered if (kind := Kind.of(user)) in devices]
    people = [Person(user) for user in ordered if Kind.of(user) is Kind.LINKED]
    return render(request, "devices.html", {"lists": lists, "people": people})


async def list_or_error(request: ResidentRequest, kind: Kind) -> list[ShownDevice] | ApiError:
    """Return the devices, or the error where the rest of the page can be shown without them."""
    try:
        return await fetch_devices(request.api, kind, "")
    except (NotSignedIn, NotAllowed):
        raise
    except ApiError as error:
        return error


def list_of(user: UnitUser, devices: list[ShownDevice] | ApiError) -> DeviceList:
    kind = Kind.of(user)
    title = title_of(user, kind)
    if isinstance(devices, ApiError):
        return DeviceList(title, kind, user.id, missing=True)
    return DeviceList(title, kind, user.id, devices)


@require_safe
@signed_in
async def device_list(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show the devices of one passphrase, newest first."""
    person = ""
    if kind is Kind.LINKED:
        devices, user = await asyncio.gather(
            fetch_devices(request.api, kind, user_id), request.api.fetch_unit_user(user_id)
        )
        person = name_of(user)
    else:
        devices = await fetch_devices(request.api, kind, user_id)
    lists = [DeviceList(person or str(TITLES[kind]), kind, user_id, devices)]
    return render(request, "devices.html", {"lists": lists, "person": person})


def back_to(kind: Kind, user_id: str) -> HttpResponse:
    """Return to the list that a device was removed from."""
    return redirect("devices", kind, user_id) if kind is Kind.LINKED else redirect("all-devices")


def same_device(request: ResidentRequest, **ids: str) -> tuple[str, dict[str, Any]]:
    return "remove.html", {**ids}


@require_http_methods(["GET", "HEAD", "POST"])
@shows_form_again(same_device)
@signed_in
async def remove(
    request: ResidentRequest, kind: Kind, user_id: str, device_id: str
) -> HttpResponse:
    """Ask, then remove the device; it is removed when the list, read again, no longer has it."""
    context: dict[str, Any] = {"kind": kind, "user_id": user_id, "device_id": device_id}
    if request.method != "POST":
        context["device"] = find(await fetch_devices(request.api, kind, user_id), device_id)
        if context["device"] is None:
            raise Http404
        return render(request, "remove.html", context)
    answer = await delete(request.api, kind, user_id, device_id)
    # A new deadline: an answer that was lost must not keep the truth from being read.
    api = request.home.api()
    try:
        left = find(await fetch_devices(api, kind, user_id), device_id)
        if left and answer == "unknown" and (other := left.other_id(device_id)):
            # Which of its two identifiers the vendor takes for a linked person's device is not known.
            answer = await delete(api, kind, user_id, other)
            left = find(await fetch_devices(api, kind, user_id), device_id)
    except ApiError:
        if answer == "unknown":
            raise
        # The next page says what is the matter; this one must not say that nothing was done.
        messages.warning(
            request, _("We don’t know yet if the device was removed. Check the list in a minute.")
        )
        return back_to(kind, user_id)
    if left is None:
        messages.success(request, _("Device removed."))
    elif answer == "taken":
        messages.info(request, _("The device is being removed. This can take a minute."))
    elif answer == "lost":
        messages.error(
            request,
            _("We can’t reach the Wi‑Fi system. The device is still there. Try again in a minute."),
        )
    else:
        messages.error(request, _("We couldn’t remove the device. Ask the building’s office."))
    return back_to(kind, user_id)


async def delete(
    api: ResidentApi, kind: Kind, user_id: str, device_id: str
) -> Literal["taken", "unknown", "lost"]:
    """Ask for the removal and return what came of it; "unknown" is a device without that id."""
    try:
        if kind is Kind.LINKED:
            await api.remove_user_device(user_id, device_id)
        else:
            await api.remove_unit_device(device_id)
    except NotFound:
        return "unknown"
    except Unavailable as error:
        if not error.maybe_written:
            raise
        return "lost"
    return "taken"
