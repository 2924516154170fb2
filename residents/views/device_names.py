"""The name of a device."""

import asyncio
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.diary import Event
from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.forms import DeviceNameForm
from residents.home import device_names
from residents.home.devices import find, was_listed
from residents.home.doings import note
from residents.home.identity import read_user
from residents.home.kind import Kind
from residents.views.devices import back_to
from residents.views.errors import shows_form_again


def typed_name(request: ResidentRequest, **ids: str) -> tuple[str, dict[str, Any]]:
    return "name.html", {
        **ids,
        "form": DeviceNameForm(initial={"name": request.POST.get("name")}),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@shows_form_again(typed_name)
@signed_in
async def name(request: ResidentRequest, kind: Kind, user_id: str, device_id: str) -> HttpResponse:
    """Show and save what the home calls a device; nothing of it is sent to RUCKUS."""
    if not request.home.link:
        raise Http404
    devices, _user = await asyncio.gather(
        device_names.fetch_named(request, kind, user_id), read_user(request, kind, user_id)
    )
    device = find(devices, device_id)
    if device is None:
        if not was_listed(request.home.mark, device_id):
            raise Http404
        if request.method == "POST":
            messages.warning(
                request,
                _("The device isn’t in the list right now, so its name stays as it was."),
            )
        return back_to(kind, user_id)
    typed = request.POST if request.method == "POST" else None
    form = DeviceNameForm(typed, initial={"name": device.name})
    context = {
        "kind": kind,
        "user_id": user_id,
        "device_id": device.removal_id,
        "device": device,
        "form": form,
    }
    if typed is None:
        return render(request, "name.html", context)
    if not form.is_valid():
        return render(request, "name.html", context, status=422)
    if given := form.cleaned_data["name"]:
        await device_names.give(request.home, device, given)
        messages.success(request, _("Name saved."))
    else:
        await device_names.take_away(request.home, device)
        messages.success(request, _("Name removed."))
    if given != device.name:
        await note(request, Event.DEVICE_RENAMED, device=device.stored_title, name=given)
    return back_to(kind, user_id)
