"""The devices that have to join again with a new passphrase."""

import asyncio
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.property.ids import bare_id
from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.home import checklists, device_names
from residents.home.checklists import Checklist
from residents.home.devices import fetch_devices
from residents.home.identity import read_user
from residents.home.kind import Kind
from residents.home.sections import title_of
from ruckus.errors import ApiError, NotAllowed, NotSignedIn

PART = "components/checklist.html"


@require_safe
@signed_in
async def checklist(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show which devices are back, as the Wi-Fi system has it now."""
    home = request.home
    known, names, user = await asyncio.gather(
        known_list(request, kind, user_id),
        device_names.read(home),
        read_user(request, kind, user_id),
    )
    context: dict[str, Any] = {"kind": kind, "user_id": user_id, "title": title_of(user, kind)}
    if known and known.counts(home, user):
        context["checklist"] = (await looked_at(request, known)).named(names)
    return render(request, PART if is_part(request) else "checklist.html", context)


@require_POST
@signed_in
async def tick(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Tick a device by hand; nothing is asked of RUCKUS."""
    home = request.home
    known = await known_list(request, kind, user_id)
    if known:
        known = await checklists.tick(home, known, request.POST.get("device", ""))
    if not is_part(request):
        return redirect("checklist", kind, user_id)
    named = known and known.named(await device_names.read(home))
    return render(request, PART, {"kind": kind, "user_id": user_id, "checklist": named})


@require_POST
@signed_in
async def done(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Close the list."""
    if known := await known_list(request, kind, user_id):
        await checklists.close(request.home, known)
    return redirect("wifi", kind, user_id) if kind is Kind.LINKED else redirect("home")


async def known_list(request: ResidentRequest, kind: Kind, user_id: str) -> Checklist | None:
    """Return the list of an address, if there is one."""
    known = (await checklists.read(request.home)).get(bare_id(user_id))
    return known if known and known.kind is kind else None


def is_part(request: ResidentRequest) -> bool:
    """Return whether htmx asks for the list alone."""
    return bool(request.htmx) and request.htmx.target == "checklist"


async def looked_at(request: ResidentRequest, known: Checklist) -> Checklist:
    """Return the list with what the Wi-Fi system has seen, or as it is where that can't be read."""
    try:
        devices = await fetch_devices(request, known.kind, known.user_id)
    except (NotSignedIn, NotAllowed):
        raise
    except ApiError:
        return known
    return await checklists.look(request.home, known, devices)
