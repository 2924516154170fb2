"""Ways to get a device onto the Wi-Fi: QR code, large letters, steps, profiles and cards."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.languages import chosen, languages
from common.qr import qr_svg
from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.home.guides import guides_for
from residents.home.kind import Kind
from residents.home.letters import groups_of
from residents.home.passphrase_changes import State
from residents.home.profile import TYPE, profile
from residents.home.sections import Section, own_of, section_of, sort_key, title_of
from residents.views.wifi import number_in, read_section
from ruckus.resident_types import UnitUser


@dataclass(frozen=True)
class Way:
    """A passphrase and one of the networks that it opens; no network where there is nothing yet."""

    section: Section
    network: str
    number: int

    @property
    def code(self) -> SafeString:
        # segno writes nothing but a drawing.
        svg = qr_svg(self.network, self.section.user.passphrase or "")
        return mark_safe(svg)  # noqa: S308


def way_of(request: ResidentRequest, section: Section) -> Way:
    """Return the way to the network that the address names by its number, else to the first."""
    number = number_in(request, "network") or 1
    networks = section.brand.ssids if section.has_code else ()
    if number > len(networks):
        number = 1
    return Way(section, networks[number - 1] if networks else "", number)


async def read_way(request: ResidentRequest, kind: Kind, user_id: str) -> Way:
    return way_of(request, await read_section(request, kind, user_id))


@require_safe
@signed_in
async def qr(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show the QR code of one network; a home's page leads to that of its guests and back."""
    others: list[dict[str, str]] = []
    user = None
    if kind is not Kind.LINKED:
        users = sorted(await request.api.fetch_unit_users(), key=sort_key)
        own = own_of(users)
        user = next((each for each in own if (each.id, Kind.of(each)) == (user_id, kind)), None)
        others = [switch_to(each) for each in own]
    if user is None:
        way = await read_way(request, kind, user_id)
    else:
        way = way_of(request, await section_of(request, user, kind=kind))
    context = {
        "section": way.section,
        "network": way.network,
        "networks": way.section.brand.ssids,
        "users": others,
        "code": way.code if way.network else "",
    }
    return render(request, "qr.html", context)


def switch_to(user: UnitUser) -> dict[str, str]:
    kind = Kind.of(user)
    return {"id": user.id, "kind": kind, "title": title_of(user, kind)}


@require_safe
@signed_in
async def letters(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show the passphrase so that it can be read from a sofa, each character with its name."""
    section = await read_section(request, kind, user_id)
    passphrase = "" if section.state is State.WAITING else section.user.passphrase
    context = {"section": section, "groups": groups_of(passphrase or "")}
    return render(request, "letters.html", context)


@require_safe
@signed_in
async def connect(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show how to connect this device, and every other kind."""
    way = await read_way(request, kind, user_id)
    this, others = guides_for(request.headers.get("User-Agent", ""), way.network)
    context = {
        "section": way.section,
        "network": way.network,
        "number": way.number,
        "this": this,
        "others": others,
    }
    return render(request, "connect.html", context)


@require_safe
@signed_in
async def apple_profile(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Return the profile that connects an iPhone, iPad or Mac."""
    way = await read_way(request, kind, user_id)
    if not way.network:
        raise Http404
    body = profile(request.home.mark, way.network, way.section.user.passphrase or "")
    headers = {"Content-Disposition": 'attachment; filename="wifi.mobileconfig"'}
    return HttpResponse(body, content_type=TYPE, headers=headers)


@require_safe
@signed_in
async def cards(request: ResidentRequest, kind: Kind, user_id: str) -> HttpResponse:
    """Show cards with the QR code to print, and what to send to a guest."""
    way = await read_way(request, kind, user_id)
    clear = request.GET.get("clear") != "no"
    language = chosen(request.GET.get("language"), get_language())
    with override(language):
        message = _("Wi‑Fi network: %(network)s\nPassphrase: %(passphrase)s") % {
            "network": way.network,
            "passphrase": way.section.user.passphrase or "",
        }
    context = {
        "section": way.section,
        "network": way.network,
        "code": way.code if way.network else "",
        "message": message,
        "clear": clear,
        "languages": languages(),
        "language": language,
        "cards": range(1 if request.GET.get("count") == "1" else 8),
    }
    return render(request, "cards.html", context)
