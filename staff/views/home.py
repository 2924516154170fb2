"""One home: its link, which is shown, sent or tested at a press, and what was done with it."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.diary import Event
from common.languages import chosen, languages
from common.qr import text_svg
from ruckus.errors import ApiError
from ruckus.management_types import UnitResident
from staff import audit
from staff.accounts.api import management_api
from staff.audit import What
from staff.door.signed_in import home_page
from staff.links import handing_out
from staff.links.diary import tell
from staff.links.handing_out import write_down
from staff.links.messages import mailto, sms, usable_address, usable_number
from staff.links.reading import StaffLink, codes_in, link_from, link_of, url_in
from staff.models import AuditEntry, Home, Property
from staff.request import StaffRequest
from staff.views.audit import ICONS

# Entries of the history.
LATEST = 20

DEEDS = {
    "show": handing_out.SHOW,
    "copy": handing_out.COPY,
    "qr": handing_out.SHOW,
    "email": handing_out.EMAIL,
    "text": handing_out.TEXT,
    # Pasting shows it at once.
    "paste": handing_out.SHOW,
}
# A sign-in is what is to be noted of these, and it comes with reading the link.
NOTED_EARLY = {"test": What.LINK_TESTED, "paste": What.LINK_PASTED}


@dataclass(frozen=True)
class Shown:
    """What a press has put on the page: the link in some form. It is gone with the page."""

    do: str
    link: StaffLink
    # It was pasted: RUCKUS One doesn't give it, so that the page's forms carry the code along.
    pasted: bool = False
    href: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


@require_safe
@home_page
async def one_home(request: StaffRequest, property: Property, home: Home) -> HttpResponse:
    """Show the home; its link is masked, and not even read."""
    return await page(request, property, home)


@require_POST
@home_page
async def link(request: StaffRequest, property: Property, home: Home) -> HttpResponse:
    """Do what was asked with the link: it is written down first."""
    do = request.POST.get("do", "")
    if do not in DEEDS and do not in NOTED_EARLY:
        raise BadRequest
    if do in NOTED_EARLY:
        await audit.note(request.member, NOTED_EARLY[do], property=property, home=home)
    found = await read(request, property, home)
    if do == "test":
        return await tested(request, property, home, found)
    if found.url:
        await write_down(request.member, property, DEEDS[do], [found])
    if do == "copy" and request.headers.get("Accept") == "text/plain":
        status = 200 if found.url else 409
        url = found.url and url_in(language_of(request, property), property, found)
        return HttpResponse(url, content_type="text/plain; charset=utf-8", status=status)
    if "pasted" in request.POST:
        found = replace(found, resident=await resident_of(property, home))
    return await page(request, property, home, shown(request, property, do, found))


async def read(request: StaffRequest, property: Property, home: Home) -> StaffLink:
    """Return the link of RUCKUS One, or the one that was pasted. Both are proved by a sign-in."""
    if "pasted" in request.POST:
        codes = codes_in(property, request.POST["pasted"], home.unit_id)
        return await link_from(property, home, codes)
    return await link_of(property, home)


async def tested(
    request: StaffRequest, property: Property, home: Home, found: StaffLink
) -> HttpResponse:
    """Say which home a sign-in has opened."""
    await tell(home, Event.STAFF_TESTED_LINK, found.code)
    if found.proved and not found.is_strange:
        messages.success(request, _("The link works: it opened Unit %(home)s.") % {"home": home})
    else:
        messages.warning(request, problem(found))
    return redirect("staff:one-home", property.id, home.unit_id)


def problem(found: StaffLink) -> str:
    """Return why a link can't be handed out, or what is odd about it."""
    if found.is_strange:
        return _(
            "The link works, but RUCKUS One named another home than this one. Open it yourself "
            "before you hand it out."
        )
    if found.other is not None:
        return _("The link opens Unit %(home)s instead. Don’t hand it out.") % {"home": found.other}
    if found.state == Home.Link.REFUSED:
        return _("The Wi‑Fi system refuses this link. The home may be suspended.")
    if found.state == Home.Link.MISSING:
        return _("RUCKUS One gives no link for this home. Paste it here if you have it.")
    return _("There’s no access code in this that we can read.")


def shown(request: StaffRequest, property: Property, do: str, found: StaffLink) -> Shown:
    """Return what the page is to show of the link."""
    pasted = "pasted" in request.POST
    if not found.url:
        return Shown(do, found, pasted)
    language = language_of(request, property)
    resident = found.resident or UnitResident()
    href = code = ""
    url = url_in(language, property, found)
    if do == "qr":
        code = text_svg(url)
    elif do == "email":
        href = mailto(property, found, language, usable_address(resident.email))
    elif do == "text":
        href = sms(property, found, language, usable_number(resident.phone_number))
    return Shown(do, replace(found, url=url), pasted, href, code)


def language_of(request: StaffRequest, property: Property) -> str:
    """Return the language that staff chose for whom the link is meant."""
    return chosen(request.POST.get("language"), property.language)


async def page(
    request: StaffRequest, property: Property, home: Home, shown: Shown | None = None
) -> HttpResponse:
    """Return the page of a home, with what was asked for."""
    resident = shown.link.resident if shown else await resident_of(property, home)
    failed = shown is not None and not shown.link.url
    context: dict[str, Any] = {
        "property": property,
        "place": "homes",
        # Not `home`: the frame of all pages takes that for a resident's.
        "one": home,
        "shown": shown,
        "problem": problem(shown.link)
        if shown is not None and (failed or shown.link.is_strange)
        else "",
        "resident": resident,
        "address": usable_address(resident.email) if resident else "",
        "number": usable_number(resident.phone_number) if resident else "",
        "history": await history(property, home),
        "languages": languages(property.venue_id),
        "language": chosen(
            request.POST.get("language") or request.GET.get("language"), property.language
        ),
    }
    return render(request, "staff/home.html", context, status=422 if failed else 200)


async def resident_of(property: Property, home: Home) -> UnitResident | None:
    """Return who lives there as RUCKUS One has it now, or None if it can't be read."""
    try:
        unit = await management_api(property.account).fetch_unit(property.venue_id, home.unit_id)
    except ApiError:
        return None
    return unit.resident


@dataclass(frozen=True)
class Past:
    """An entry of a home's history."""

    entry: AuditEntry

    @property
    def words(self) -> str:
        """Return what was done, in the words of the audit log."""
        known = dict(What.choices)
        return str(known.get(self.entry.what, self.entry.what))

    @property
    def icon(self) -> str:
        """Return the name of an icon."""
        return ICONS.get(self.entry.what, "history")

    @property
    def failed(self) -> bool:
        """Return whether the entry tells of something that did not work."""
        return self.entry.what == What.EMAIL_FAILED


async def history(property: Property, home: Home) -> list[Past]:
    """Return the latest entries of the audit log about the home."""
    entries = AuditEntry.objects.filter(property_id=property.id, unit_id=home.unit_id)
    return [Past(entry) async for entry in entries[:LATEST]]
