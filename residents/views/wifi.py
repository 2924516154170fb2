"""The Wi-Fi of one identity: its passphrase, and a new one."""

import asyncio
import re
from functools import partial
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.diary import Event
from common.drawing import draw
from common.property.ids import bare_id
from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.forms import PassphraseForm
from residents.home import checklists, device_names, passphrase_changes
from residents.home.awaited_writes import Expects, passphrase_mark, shows
from residents.home.device_names import fetch_named
from residents.home.devices import DeviceList, ShownDevice
from residents.home.doings import note
from residents.home.guard import Claim, claimed_user, took_place, writable_user
from residents.home.identity import read_user
from residents.home.kind import Kind
from residents.home.passphrase_changes import State
from residents.home.phrases import easy_phrase
from residents.home.sections import Section, section_of
from residents.views.errors import shows_form_again
from ruckus.errors import ApiError, NotAllowed, NotSignedIn, Rejected, Unavailable
from ruckus.resident_types import UnitUser


def number_in(request: ResidentRequest, name: str) -> int:
    """Return the number that an address holds under this name, 0 where it holds none."""
    value = request.GET.get(name, "")
    return int(value) if re.fullmatch("[0-9]{1,9}", value) else 0


async def read_section(
    request: ResidentRequest, kind: Kind, user_id: str, **options: Any
) -> Section:
    """Return the section of a user who is read now."""
    user = await read_user(request, kind, user_id)
    return await section_of(request, user, kind=kind, **options)


async def changeable(request: ResidentRequest, kind: Kind, user: UnitUser) -> Section:
    """Return the section of a user that the guard has let through. Raise Http404 if guests share."""
    found = await section_of(request, user, kind=kind)
    if found.is_fixed:
        raise Http404
    return found


@require_safe
@signed_in
async def section(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show one section; while a new passphrase is not confirmed, this is what looks again."""
    found = await read_section(
        request,
        kind,
        user_id,
        look=number_in(request, "look"),
        shown="show" in request.GET,
    )
    fragment = request.htmx and request.htmx.target == f"wifi-{user_id}"
    confirmed = found.state is State.CONFIRMED
    checklist = None
    if confirmed or not fragment:
        checklist = await checklists.read_one(request.home, found.user)
    if fragment:
        response = render(request, "components/wifi_section.html", {"section": found})
        if checklist:
            # The page fetches the list, which it has a place for.
            response.headers["HX-Trigger"] = "passphrase-changed"
        return response
    if checklist and confirmed:
        checklist = checklist.named(await device_names.read(request.home))
    return render(request, "wifi.html", {"section": found, "checklist": checklist})


def same_reset(request: ResidentRequest, **ids: str) -> tuple[str, dict[str, Any]]:
    return "reset.html", {**ids}


@require_http_methods(["GET", "HEAD", "POST"])
@shows_form_again(same_reset)
@signed_in
async def reset(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Ask, naming the devices that will have to join again, then have a new passphrase made."""
    if request.method == "POST":
        return await write_passphrase(request, kind, user_id, "")
    user, devices = await asyncio.gather(
        writable_user(request, kind, user_id), devices_or_none(request, kind, user_id)
    )
    await checklists.rehearse(request, user_id, devices)
    context = {
        "section": await changeable(request, kind, user),
        "kind": kind,
        "user_id": user_id,
        **affected(kind, user_id, devices),
    }
    return await draw(request, "reset.html", context, len(devices or ()))


def affected(
    kind: Kind, user_id: str, devices: list[ShownDevice] | None
) -> dict[str, DeviceList | list[ShownDevice]]:
    """Return, for a template, which devices a new passphrase disconnects and which it doesn't."""
    dropping = [shown for shown in devices or () if not shown.by_address]
    return {
        "dropping": dropping and DeviceList("", kind, user_id, dropping, at_once=3),
        "staying": [shown for shown in devices or () if shown.by_address],
    }


async def devices_or_none(
    request: ResidentRequest, kind: Kind, user_id: str
) -> list[ShownDevice] | None:
    """Return the devices, or None when not all can be read: the question can be asked without."""
    try:
        devices = await fetch_named(request, kind, user_id)
    except (NotSignedIn, NotAllowed):
        raise
    except ApiError:
        return None
    return list(devices) if devices.complete else None


def typed_passphrase(request: ResidentRequest, **ids: str) -> tuple[str, dict[str, Any]]:
    return "choose.html", {
        **ids,
        "suggestion": easy_phrase(),
        "form": PassphraseForm(initial={"passphrase": request.POST.get("passphrase")}),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@shows_form_again(typed_passphrase)
@signed_in
async def choose(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Let the resident choose a passphrase, where the property allows it."""
    if not request.brand.known:
        raise Unavailable("residentFetchUiConfiguration", "not known")
    if not request.brand.own_passphrase:
        raise Http404
    context: dict[str, Any] = {
        "kind": kind,
        "user_id": user_id,
        "suggestion": easy_phrase(),
    }
    if request.method != "POST":
        user, devices = await asyncio.gather(
            writable_user(request, kind, user_id), devices_or_none(request, kind, user_id)
        )
        await checklists.rehearse(request, user_id, devices)
        initial = {"passphrase": easy_phrase()} if "suggest" in request.GET else {}
        context.update(
            section=await changeable(request, kind, user),
            form=PassphraseForm(initial=initial),
            **affected(kind, user_id, devices),
        )
        return render(request, "choose.html", context)
    form = context["form"] = PassphraseForm(request.POST)
    if not form.is_valid():
        return render(request, "choose.html", context, status=422)
    try:
        return await write_passphrase(request, kind, user_id, form.cleaned_data["passphrase"])
    except Rejected:
        form.refuse(
            _("That passphrase wasn’t accepted. Your building may ask for a longer one."),
            "passphrase",
        )
        return render(request, "choose.html", context, status=422)


async def write_passphrase(
    request: ResidentRequest, kind: Kind, user_id: str, wanted: str
) -> HttpResponse:
    """Read the user afresh, write it with the passphrase, and go where it is read back.

    Raise Rejected for a chosen passphrase that is not taken.
    """
    async with claimed_user(request, kind, user_id) as claim:
        await changeable(request, kind, claim.user)
        if wanted and wanted == claim.user.passphrase:
            messages.info(request, _("This is your passphrase already. Nothing was changed."))
            return redirect("wifi", kind, user_id)
        await expect(request, claim, wanted)
        new = msgspec.structs.replace(claim.user, passphrase=wanted)
        try:
            await request.api.update_unit_user(new)
        except ApiError as error:
            try:
                landed = await took_place(error, partial(has_landed, request, claim))
            except Unavailable:
                # The form is shown again as it was typed. The change may still come.
                if wanted:
                    raise
                await asked_for(request, kind, claim, wanted, proved=False)
                messages.warning(
                    request,
                    _(
                        "This is taking longer than usual. We’re checking whether your passphrase "
                        "changed."
                    ),
                )
                return redirect("wifi", kind, user_id)
            if not landed:
                await claim.give_up()
                await passphrase_changes.forget(request, user_id)
                raise
        else:
            await claim.promise()
    await asked_for(request, kind, claim, wanted)
    return redirect("wifi", kind, user_id)


async def asked_for(
    request: ResidentRequest, kind: Kind, claim: Claim, wanted: str, *, proved: bool = True
) -> None:
    """Write in the diary that a passphrase was reset, or chosen, and start the checklist."""
    await checklists.start(request, kind, claim.user.id, claim.write)
    event = Event.PASSPHRASE_CHOSEN if wanted else Event.PASSPHRASE_RESET
    user, unproved = bare_id(claim.user.id), "" if proved else "1"
    await note(request, event, kind=kind, user=user, unproved=unproved)


async def expect(request: ResidentRequest, claim: Claim, wanted: str) -> None:
    """Write down what will show that the write took place, for this browser and for the home."""
    if wanted:
        new = msgspec.structs.replace(claim.user, passphrase=wanted)
        await claim.expect(Expects.PASSPHRASE, passphrase_mark(request.home, new))
    else:
        old = passphrase_mark(request.home, claim.user)
        await claim.expect(Expects.OTHER_PASSPHRASE, old)
    try:
        await passphrase_changes.remember(request, claim.user.id, claim.write)
    except NotSignedIn:
        await claim.give_up()
        raise


async def has_landed(request: ResidentRequest, claim: Claim) -> bool | None:
    """Return whether RUCKUS, asked again, shows what is expected; None if that can't be read."""
    try:
        user = await request.home.api().fetch_unit_user(claim.user.id)
    except ApiError:
        return None
    user = msgspec.structs.replace(user, id=claim.user.id)
    return shows(request.home, user, claim.write.expects, claim.write.mark)
