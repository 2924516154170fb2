"""The devices that joined with a passphrase, and removing one."""

from typing import Any, Literal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from residents.devices import ShownDevice, shown_devices
from residents.properties import GRACE, brand_of
from residents.ruckus.client import ResidentApi
from residents.ruckus.errors import ApiError, NotFound, Unavailable
from residents.session import signed_in
from residents.views.errors import keeping


async def fetch_devices(api: ResidentApi, kind: str, user_id: str) -> list[ShownDevice]:
    """Return the devices of a user, newest first; one call."""
    if kind == "linked":
        return shown_devices(await api.fetch_user_devices(user_id), kind)
    return shown_devices(await api.fetch_unit_devices("UNIT" if kind == "unit" else "GUEST"), kind)


def find(devices: list[ShownDevice], device_id: str) -> ShownDevice | None:
    return next((device for device in devices if device.is_called(device_id)), None)


@require_safe
@signed_in
async def device_list(request: Any, kind: str, user_id: str) -> HttpResponse:
    """Show the devices, newest first."""
    request.brand = await brand_of(request.home, 0)
    devices = await fetch_devices(request.api, kind, user_id)
    inside = request.htmx and (request.htmx.target or "").startswith("panel-")
    template = "devices.html#panel" if inside else "devices.html"
    return render(request, template, {"kind": kind, "user_id": user_id, "devices": devices})


def same_device(request: Any, **ids: str) -> tuple[str, dict[str, Any]]:
    return "remove.html", {**ids}


@require_http_methods(["GET", "HEAD", "POST"])
@keeping(same_device)
@signed_in
async def remove(request: Any, kind: str, user_id: str, device_id: str) -> HttpResponse:
    """Ask, then remove the device; it is removed when the list, read again, no longer has it."""
    request.brand = await brand_of(request.home, GRACE)
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
    api: ResidentApi, kind: str, user_id: str, device_id: str
) -> Literal["taken", "unknown", "lost"]:
    """Ask for the removal and return what came of it; "unknown" is a device without that id."""
    try:
        if kind == "linked":
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
