"""The link of a home, when somebody has it who shouldn't."""

import asyncio
from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from common import diary
from common.diary import Event
from common.property import served
from common.property.brand import or_none
from common.request import ResidentRequest
from residents.door import session
from residents.door.signed_in import signed_in
from residents.home import link
from residents.home.doings import noted
from residents.home.guard import open_unit
from residents.home.link import Outcome
from residents.views.errors import SECONDS_TO_RETRY
from ruckus.resident_types import Property


@require_safe
@signed_in
async def other_link(request: ResidentRequest) -> HttpResponse:
    """Show whom to ask for a new link, and what else helps."""
    return render(
        request,
        "other_link.html",
        {"may_replace": served.allows_link_reset(request.home.property_id)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def replace(request: ResidentRequest) -> HttpResponse:
    """Ask, then replace the link and sign everybody out. Where that can't be, say why."""
    if not served.allows_link_reset(request.home.property_id):
        raise Http404
    # The brand may be a minute old, or half of it.
    unit, details = await asyncio.gather(
        open_unit(request.api), or_none(request.api.fetch_property())
    )
    details = details or Property()
    to = link.destinations(details, unit.contact)
    mark = link.destination_mark(request.home, unit.contact)
    hindrance = await link.hindrance_of(request.home, details, to)
    context: dict[str, Any] = {"to": to, "mark_of_to": mark, "hindrance": hindrance}
    if request.method != "POST":
        return render(request, "replace_link.html", context)
    context["moved"] = request.POST.get("to") != mark
    if hindrance or context["moved"]:
        return render(request, "replace_link.html", context, status=409)
    outcome = await link.replace(request.home, partial(tell_and_end_sessions, request))
    if outcome is Outcome.HELD:
        context["hindrance"] = await link.hindrance_of(request.home, details, to)
        return render(request, "replace_link.html", context, status=409)
    if outcome is Outcome.REFUSED:
        context["hindrance"] = link.Hindrance("refused")
        return render(request, "replace_link.html", context, status=422)
    if outcome is Outcome.NOT_SENT:
        context["not_sent"] = True
        response = render(request, "replace_link.html", context, status=503)
        response.headers["Retry-After"] = str(SECONDS_TO_RETRY)
        return response
    del request.home
    return render(request, "link_replaced.html", {"to": to, "known": outcome is Outcome.TAKEN})


async def tell_and_end_sessions(request: ResidentRequest, outcome: Outcome) -> None:
    """Write in the diary that the link was replaced, and end all sessions of the home."""
    told = noted(request, unproved="" if outcome is Outcome.TAKEN else "1")
    # Which of the two links opens the home from now on is not known here.
    await diary.write(request.home.link, Event.LINK_REPLACED, **told)
    await diary.write_for_next_link(request.home.mark, Event.LINK_REPLACED, **told)
    await session.sign_out_everywhere(request)
