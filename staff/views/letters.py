"""Links on paper: welcome letters, a sheet a home, and door cards, eight a sheet.

They are made in batches, which can be printed as they come; nothing of them is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from common.drawing import in_thread
from common.languages import chosen, languages
from common.property.served import phone_region_of, portal_url_of
from common.qr import text_svg
from staff.door.signed_in import property_page
from staff.links import selection
from staff.links.branding import brand_for, logo_for
from staff.links.handing_out import CARD, LETTER, Deed, write_down
from staff.links.reading import StaffLink, link_from, links_of, url_in
from staff.models import Home, Property
from staff.request import StaffRequest

# Where paper is 8.5 by 11 inches.
LETTER_REGIONS = {"US", "CA", "MX", "PH", "CL", "CO", "VE", "PR"}
PAPERS = {"a4": "A4", "letter": "Letter"}


@dataclass(frozen=True)
class Kind:
    """A kind of paper: its name in addresses, how many homes a batch has, what is written down."""

    name: str
    title: Any
    lead: Any
    batch: int
    deed: Deed


LETTERS = Kind(
    "letters",
    _("Welcome letters"),
    _("A sheet for each home, to put under its door."),
    50,
    LETTER,
)
# Six full sheets.
CARDS = Kind(
    "cards", _("Door cards"), _("Eight on a sheet. Cut them out and hand them over."), 48, CARD
)


@dataclass(frozen=True)
class Sheet:
    """What one home gets."""

    link: StaffLink
    code: SafeString = field(repr=False)


def paper_of(wanted: str | None, property: Property) -> str:
    """Return the paper that was asked for, else the one that is usual where the property is."""
    if wanted in PAPERS:
        return str(wanted)
    return "letter" if phone_region_of(property.id) in LETTER_REGIONS else "a4"


def choices(request: StaffRequest, property: Property) -> dict[str, Any]:
    """Return paper and language, for the templates."""
    return {
        "papers": PAPERS.items(),
        "paper": paper_of(request.POST.get("paper"), property),
        "languages": languages(property.venue_id),
        "language": chosen(request.POST.get("language"), property.language),
    }


async def ask_letters(
    request: StaffRequest, property: Property, homes: Sequence[Home]
) -> HttpResponse:
    """Return what asks for paper and language before the first letters."""
    return ask(request, property, homes, LETTERS)


async def ask_cards(
    request: StaffRequest, property: Property, homes: Sequence[Home]
) -> HttpResponse:
    """Return what asks for paper and language before the first door cards."""
    return ask(request, property, homes, CARDS)


def ask(
    request: StaffRequest, property: Property, homes: Sequence[Home], kind: Kind
) -> HttpResponse:
    context = {
        "property": property,
        "place": "homes",
        "kind": kind,
        "count": len(homes),
        "most": min(kind.batch, len(homes)),
        "homes": selection.written(homes),
        "missing": [home for home in homes if home.link == Home.Link.MISSING],
        **choices(request, property),
    }
    return render(request, "staff/print.html", context)


@require_POST
@property_page
async def letters(request: StaffRequest, property: Property) -> HttpResponse:
    """Show a batch of letters."""
    return await batch_of_homes(request, property, LETTERS)


@require_POST
@property_page
async def cards(request: StaffRequest, property: Property) -> HttpResponse:
    """Show a batch of door cards."""
    return await batch_of_homes(request, property, CARDS)


async def batch_of_homes(request: StaffRequest, property: Property, kind: Kind) -> HttpResponse:
    homes = await selection.read(property, request.POST)
    number, part = batch(request, homes, kind)
    kept = {"homes": selection.written(homes)}
    if "pasted" in request.POST:
        kept["pasted"] = request.POST["pasted"]
        links = [await link_from(property, home, [kept["pasted"]]) for home in part[:1]]
    else:
        links = await links_of(property, part)
    return await sheets(request, property, kind, links, number=number, count=len(homes), kept=kept)


def batch(request: StaffRequest, of: Sequence[Any], kind: Kind) -> tuple[int, Sequence[Any]]:
    """Return which batch is asked for, from 1, and what is in it. Raise BadRequest if there is none."""
    wanted = request.POST.get("batch", "1")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0
    part = of[(number - 1) * kind.batch : number * kind.batch] if number else []
    if not part:
        raise BadRequest
    return number, part


async def sheets(
    request: StaffRequest,
    property: Property,
    kind: Kind,
    links: Sequence[StaffLink],
    *,
    number: int,
    count: int,
    kept: dict[str, str],
) -> HttpResponse:
    """Return a batch, ready to print. `kept` is what its form sends back for the next one."""
    ready = [link for link in links if link.url]
    await write_down(request.member, property, kind.deed, ready)
    brand = await brand_for(property, ready) if ready else None
    batches = -(-count // kind.batch)
    chosen_here = choices(request, property)
    context = {
        "property": property,
        "place": "homes",
        "kind": kind,
        "number": number,
        "batches": batches,
        "next": number + 1 if number < batches else 0,
        "kept": kept,
        "missing": [link.home for link in links if not link.url],
        "strange": [link.home for link in links if link.is_strange],
        "only": links[0].home if count == 1 else None,
        "brand": brand,
        "logo": reverse("staff:logo", args=[property.id, brand.logo])
        if brand and brand.logo
        else "",
        "site": portal_url_of(property.id).partition("://")[2].rstrip("/"),
        **chosen_here,
    }

    def drawn() -> HttpResponse:
        context["sheets"] = [
            Sheet(link, mark_safe(text_svg(url_in(chosen_here["language"], property, link))))  # noqa: S308
            for link in ready
        ]
        return render(request, "staff/sheets.html", context)

    # Fifty codes take a while to draw.
    return await in_thread(drawn)


@require_safe
@property_page
async def logo(request: StaffRequest, property: Property, name: str) -> HttpResponse:
    """Return the property's logo; the name changes when the file does."""
    image = await logo_for(request.member, property)
    if not image:
        raise Http404
    cached = {"Cache-Control": "private, max-age=604800, immutable"}
    return HttpResponse(image, content_type="image/png", headers=cached)
