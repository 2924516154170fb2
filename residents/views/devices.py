"""The devices that joined with a passphrase, and removing one."""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.diary import Event
from common.drawing import draw
from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.home import checklists, device_names, removals
from residents.home.checklists import Checklist
from residents.home.device_kinds import maker_of
from residents.home.device_names import fetch_named
from residents.home.devices import DeviceList, ShownDevice, fetch_devices, find, was_listed
from residents.home.doings import note
from residents.home.guard import open_user
from residents.home.identity import read_user
from residents.home.kind import Kind
from residents.home.people import Person, name_of
from residents.home.sections import own_of, sort_key, title_of
from residents.views.errors import shows_form_again
from ruckus.errors import ApiError, NotAllowed, NotFound, NotSignedIn, Rejected, Unavailable
from ruckus.resident import ResidentApi
from ruckus.resident_types import Listed, UnitUser

Answer = Literal["taken", "unknown", "lost"]
# "gone" and "there" are what a list says that was read again; "unclear" one that can't tell.
Outcome = Literal["gone", "there", "unclear"]


@require_safe
@signed_in
async def all_devices(request: ResidentRequest) -> HttpResponse:
    """Show the devices of the home and of its guests, and where those of each person are."""
    users, unit, guest, names, checks = await asyncio.gather(
        request.api.fetch_unit_users(),
        read_or_none(request, Kind.UNIT),
        read_or_none(request, Kind.GUEST),
        device_names.read(request.home),
        checklists.read(request.home),
    )
    devices = {Kind.UNIT: names.given_to(unit), Kind.GUEST: names.given_to(guest)}
    ordered = sorted(users, key=sort_key)
    lists = [
        await list_of(request, Kind.of(user), user, devices[Kind.of(user)], checks)
        for user in own_of(ordered)
    ]
    people = [Person(user) for user in ordered if Kind.of(user) is Kind.LINKED]
    rows = sum(len(each.devices) for each in lists) + len(people)
    context = {"lists": lists, "people": people, "incomplete": not users.complete}
    return await draw(request, "devices.html", context, rows)


async def read_or_none(request: ResidentRequest, kind: Kind) -> Listed[ShownDevice]:
    """Return the devices, or a list that lacks all where the page can be shown without them."""
    try:
        return await fetch_devices(request, kind, "")
    except (NotSignedIn, NotAllowed):
        raise
    except ApiError:
        return Listed(complete=False)


async def list_of(
    request: ResidentRequest,
    kind: Kind,
    user: UnitUser,
    devices: Listed[ShownDevice],
    checks: Mapping[str, Checklist],
) -> DeviceList:
    check = checklists.counting(request.home, user, checks)
    check = check and check.seen(request.home, devices)
    return DeviceList(
        title_of(user, kind),
        kind,
        user.id,
        devices,
        missing=not devices and not devices.complete,
        cut=bool(devices) and not devices.complete,
        overdue=await removals.overdue(request, devices),
        back=(len(check.back), check.total) if check and check.missing else None,
    )


@require_safe
@signed_in
async def device_list(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show the devices of one passphrase, newest first."""
    # The vendor's list of the home and of its guests asks for no id, and would say yes to any.
    devices, user, checks = await asyncio.gather(
        fetch_named(request, kind, user_id),
        read_user(request, kind, user_id),
        checklists.read(request.home),
    )
    person = name_of(user) if kind is Kind.LINKED else ""
    lists = [await list_of(request, kind, user, devices, checks)]
    context = {"lists": lists, "person": person}
    return await draw(request, "devices.html", context, len(devices))


def back_to(kind: Kind, user_id: str) -> HttpResponse:
    """Return to the list that the device is, or was, in."""
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
    devices, _user = await asyncio.gather(
        fetch_named(request, kind, user_id), open_user(request, kind, user_id)
    )
    device = find(devices, device_id)
    if device is None:
        if not was_listed(request.home.mark, device_id):
            raise Http404
        if request.method == "POST":
            tell(request, "taken", "gone" if devices.complete else "unclear")
        return back_to(kind, user_id)
    page_id = str(device.removal_id)
    if request.method != "POST":
        context = {"kind": kind, "user_id": user_id, "device_id": page_id, "device": device}
        return render(request, "remove.html", context)
    answer, outcome = await remove_and_look(request, user_id, device)
    again = page_id in await removals.taken(request)
    stays = answer == "taken" and outcome == "there"
    await removals.remember(request, page_id, stays=stays)
    if outcome == "gone" or answer == "taken":
        await note(
            request,
            Event.DEVICE_REMOVED,
            device=device.stored_title,
            maker=maker_of(device.device.mac_address) or "",
            unproved="" if outcome == "gone" else "1",
        )
    tell(request, answer, outcome, again=again)
    return back_to(kind, user_id)


async def remove_and_look(
    request: ResidentRequest, user_id: str, device: ShownDevice
) -> tuple[Answer, Outcome]:
    """Ask for the removal by one identifier after the other, until the list lacks the device."""
    answer: Answer = "unknown"
    outcome: Outcome = "there"
    api = request.api
    for identifier in device.vendor_ids:
        try:
            said = await delete(api, device.kind, user_id, identifier)
            answer = said if answer == "unknown" else answer
            # A new deadline: an answer that was lost must not keep the truth from being read.
            api = request.home.api()
            outcome = look(await fetch_devices(request, device.kind, user_id, api), device)
        except ApiError:
            if answer == "unknown":
                raise
            # The next page says what is the matter; this one must not say that nothing was done.
            return answer, "unclear"
        # Which identifier the vendor takes for a linked person's device is not known. Nor is it
        # whether one that it does not take is refused.
        if (
            outcome == "gone"
            or said == "lost"
            or (said == "taken" and device.kind is not Kind.LINKED)
        ):
            break
    return answer, outcome


def look(devices: Listed[ShownDevice], device: ShownDevice) -> Outcome:
    """Return whether the device is in the list; one that was cut can't tell that it is not."""
    if any(device.may_be(other) for other in devices):
        return "there"
    return "gone" if devices.complete else "unclear"


def tell(
    request: ResidentRequest, answer: Answer, outcome: Outcome, *, again: bool = False
) -> None:
    """Say what came of a removal, and no more than was read."""
    if outcome == "gone":
        messages.success(request, _("Device removed."))
    elif outcome == "unclear":
        messages.warning(
            request, _("We don’t know yet if the device was removed. Check the list in a minute.")
        )
    elif answer == "taken" and again:
        messages.warning(
            request,
            _(
                "The device is still here. It may have rejoined. To keep it out, reset the "
                "passphrase too, or ask the building’s office."
            ),
        )
    elif answer == "taken":
        messages.info(request, _("The device is being removed. This can take a minute."))
    elif answer == "lost":
        messages.error(
            request,
            _("We can’t reach the Wi‑Fi system. The device is still there. Try again in a minute."),
        )
    else:
        messages.error(request, _("We couldn’t remove the device. Ask the building’s office."))


async def delete(api: ResidentApi, kind: Kind, user_id: str, identifier: str) -> Answer:
    """Ask for the removal and return what came of it; "unknown" is a device without that id."""
    try:
        if kind is Kind.LINKED:
            await api.remove_user_device(user_id, identifier)
        else:
            await api.remove_unit_device(identifier)
    except (NotFound, Rejected):
        # Nobody says how an identifier of the other kind is refused.
        return "unknown"
    except Unavailable as error:
        if not error.maybe_written:
            raise
        return "lost"
    return "taken"
