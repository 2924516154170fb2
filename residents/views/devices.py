"""The devices that joined with a passphrase, and removing one."""

from typing import Any, Literal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.home.devices import fetch_devices, find
from residents.home.kind import Kind
from residents.views.errors import shows_form_again
from residents.views.panels import panel
from ruckus.errors import ApiError, NotFound, Unavailable
from ruckus.resident import ResidentApi


@require_safe
@signed_in
async def device_list(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show the devices, newest first."""
    devices = await fetch_devices(request.api, kind, user_id)
    context = {"kind": kind, "user_id": user_id, "devices": devices}
    return render(request, panel(request, "devices.html"), context)


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
        messages.warning(request, _("It is not known yet whether the device is removed."))
        return redirect("devices", kind, user_id)
    if left is None:
        messages.success(request, _("Device removed."))
    elif answer == "taken":
        messages.info(request, _("The device is being removed. It can take a minute."))
    elif answer == "lost":
        messages.error(
            request,
            _("RUCKUS gave no usable answer. The device is still there: try again in a minute."),
        )
    else:
        messages.error(request, _("The device could not be removed. Ask your property for help."))
    return redirect("devices", kind, user_id)


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
