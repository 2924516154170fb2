"""A home is cleared for whoever moves in: asked for once, then shown a step at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.diary import Event
from ruckus.errors import ApiError
from ruckus.resident_types import Listed, UnitUser
from staff import audit
from staff.audit import What
from staff.door.signed_in import home_page
from staff.handover import move_out as moving
from staff.handover.forms import TO_BE_PASTED, NumberForm
from staff.handover.move_out import CONTACT, FORGET, LETTER, LINK, OLD_LINK, PASSPHRASES, State
from staff.handover.opening import NotOpened, OpenHome, open_home, to_the_end
from staff.links.diary import tell
from staff.models import AuditEntry, Home, MoveOut, MoveOutStep, Property
from staff.request import Member, StaffRequest
from staff.views.home import problem, resident_of
from staff.views.replace import name_of

# Seconds in which steps are done at once for a home whose link was pasted.
AT_ONCE = 20.0
# What the audit log says beside the test of a link.
FOR_MOVE_OUT = gettext_noop("For a move-out")

TITLES = {
    CONTACT: _("Contact details cleared"),
    "UNIT": _("Home Wi‑Fi passphrase reset"),
    "GUEST": _("Guest Wi‑Fi passphrase reset"),
    "UNIT again": _("Home Wi‑Fi passphrase reset once more"),
    "GUEST again": _("Guest Wi‑Fi passphrase reset once more"),
    LINK: _("New link made"),
    OLD_LINK: _("Old link refused"),
    FORGET: _("Names and diary deleted, everybody signed out"),
    LETTER: _("Letter for whoever moves in"),
}
PROVED = {
    CONTACT: _("Email and phone are empty. The name is now the home’s."),
    "UNIT": _("RUCKUS One shows a new passphrase."),
    "GUEST": _("RUCKUS One shows a new passphrase."),
    "UNIT again": _("Nobody could read this one with the old link."),
    "GUEST again": _("Nobody could read this one with the old link."),
    LINK: _("It was tested and opened this home."),
    OLD_LINK: _("It opens nothing any more."),
    FORGET: _("Nothing is left of what residents wrote here."),
    LETTER: _("It was printed."),
}
WAITING = {
    LINK: _(
        "Follows once the contact details are cleared, so that RUCKUS One doesn’t send it to the "
        "former resident."
    ),
    OLD_LINK: _("Follows once the link is replaced."),
    "UNIT again": _("Follows once the old link is refused: until then it can show the new one."),
    "GUEST again": _("Follows once the old link is refused: until then it can show the new one."),
    FORGET: _("Follows once the old link is refused."),
    LETTER: _("Can be printed once all steps are proved."),
}
LATE = {
    CONTACT: _("RUCKUS One still shows the old contact details."),
    "UNIT": _("RUCKUS One still shows the old passphrase."),
    "GUEST": _("RUCKUS One still shows the old passphrase."),
    "UNIT again": _("RUCKUS One still shows the old passphrase."),
    "GUEST again": _("RUCKUS One still shows the old passphrase."),
    LINK: _("RUCKUS One still gives the old link."),
}
REASONS = {
    "outage": _("RUCKUS One didn’t answer."),
    "account": _(
        "RUCKUS One doesn’t let us in. Check the account, and whether the home is suspended."
    ),
    "refused": _("RUCKUS One refused the change."),
    "hidden": _(
        "RUCKUS One hides this passphrase from us. Reset it there, under the unit’s Identities."
    ),
    "no number": _("RUCKUS One didn’t tell us the home’s number, which has to be sent along."),
    "other home": _("The link opens another home. Nothing was changed."),
    "link missing": _("RUCKUS One gives no link for this home. Paste the one that works now."),
    "link refused": _("The Wi‑Fi system refuses the link. The home may be suspended."),
    "link unreadable": _("There’s no access code in the link that we can read."),
    "not given": _("RUCKUS One gives no link for this home. Paste the new one to test it."),
    "works": _("The old link may still work. We don’t keep links: paste it here to test it again."),
    "other link": _("That isn’t the old link. Paste the one that the former resident has."),
    "not replaced": _("The link hasn’t been replaced yet."),
}


@dataclass(frozen=True)
class Row:
    """A step as the page shows it. `words` names what a press does, "" where there is nothing to press."""

    step: MoveOutStep
    title: Any
    text: Any
    is_running: bool
    is_lost: bool
    is_late: bool
    words: Any = ""
    pastes: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@home_page
async def move_out(request: StaffRequest, property: Property, home: Home) -> HttpResponse:
    """Ask by the home's number, then begin."""
    begun = await moving.under_way(home)
    if begun is not None:
        return redirect("staff:moving-out", property.id, home.unit_id, begun.pk)
    if request.method != "POST":
        return await ask(request, property, home, NumberForm(home=home))
    form = NumberForm(request.POST, home=home)
    if not form.is_valid():
        return await ask(request, property, home, form)
    try:
        opened = await open_home(property, home, form.link)
    except NotOpened as error:
        form.refuse_link(problem(error.link))
        return await ask(request, property, home, form)
    begun = await moving.start(opened, request.member)
    if form.link:
        await do_at_once(request, begun, property, home, form.link)
    return redirect("staff:moving-out", property.id, home.unit_id, begun.pk)


async def ask(
    request: StaffRequest, property: Property, home: Home, form: NumberForm
) -> HttpResponse:
    """Say what happens, and who stays listed: the home is opened to read that."""
    await note_opening(request.member, property, home)
    found = await household(property, home)
    context = {
        "property": property,
        "place": "homes",
        "one": home,
        "form": form,
        "resident": await resident_of(property, home),
        "people": people_of(found),
        "devices": await devices_of(found),
    }
    return render(request, "staff/move_out.html", context, status=422 if form.errors else 200)


async def note_opening(
    member: Member, property: Property, home: Home, since: datetime | None = None
) -> None:
    """Write down that the page opens the home with its link, unless the member's did so since then."""
    opened = {"user": member.user, "what": What.LINK_TESTED, "detail": FOR_MOVE_OUT}
    before = AuditEntry.objects.filter(property_id=property.id, unit_id=home.unit_id, **opened)
    if since is None or not await before.filter(at__gte=since).aexists():
        await audit.note(
            member, What.LINK_TESTED, property=property, home=home, detail=FOR_MOVE_OUT
        )
        await tell(home, Event.STAFF_TESTED_LINK)


async def household(property: Property, home: Home) -> tuple[OpenHome, Listed[UnitUser]] | None:
    """Return the home, opened with its link, and who is in it; None if that can't be read."""
    try:
        opened = await open_home(property, home)
        return opened, await opened.api().fetch_unit_users()
    except (ApiError, NotOpened):
        return None


def people_of(found: tuple[OpenHome, Listed[UnitUser]] | None) -> list[str] | None:
    """Return the names of household members, None if they can't be read."""
    if found is None:
        return None
    return [user.name or gettext("Household member") for user in found[1] if user.type == "LINKED"]


async def devices_of(found: tuple[OpenHome, Listed[UnitUser]] | None) -> int | None:
    """Return how many devices use the passphrases that are reset, None if that can't be read."""
    if found is None:
        return None
    opened, users = found
    own = [user for user in users if user.type in PASSPHRASES]
    try:
        lists = await asyncio.gather(*(opened.api().fetch_user_devices(user.id) for user in own))
    except ApiError:
        return None
    return sum(map(len, lists)) if all(each.complete for each in lists) else None


async def do_at_once(
    request: StaffRequest, begun: MoveOut, property: Property, home: Home, pasted: str
) -> None:
    """Do as many steps as there is time for: the link that was pasted goes with this request."""
    clock = asyncio.get_running_loop().time
    ends = clock() + AT_ONCE
    while clock() < ends:
        step = moving.next_of(await moving.steps_of(begun))
        if step is None:
            break
        await to_the_end(moving.do(step, property, home, request.member, pasted))


async def begun_or_404(home: Home, pk: int) -> MoveOut:
    """Return a move-out of the home. Raise Http404."""
    begun = await home.move_outs.select_related("by").filter(pk=pk).afirst()
    if begun is None:
        raise Http404
    return begun


@require_safe
@home_page
async def moving_out(
    request: StaffRequest, property: Property, home: Home, pk: int
) -> HttpResponse:
    """Show how far a move-out is."""
    begun = await begun_or_404(home, pk)
    if begun.ended is None:
        await moving.conclude(begun, property, home, request.member)
        begun = await begun_or_404(home, pk)
    context = await progress(begun, property, home)
    if begun.ended is None:
        # It is loaded again after every step where there are no scripts.
        await note_opening(request.member, property, home, begun.started)
        context["people"] = people_of(await household(property, home))
    return render(request, "staff/moving_out.html", context)


@require_POST
@home_page
async def step(request: StaffRequest, property: Property, home: Home, pk: int) -> HttpResponse:
    """Do the step that staff have asked for, else the next one, if there is one to do."""
    begun = await begun_or_404(home, pk)
    steps = await moving.steps_of(begun)
    chosen = moving.next_of(steps) if begun.ended is None else None
    if number := request.POST.get("number"):
        asked = (each for each in steps if str(each.number) == number)
        chosen = next((each for each in asked if moving.may_be_asked(each, steps)), None)
    if chosen is not None and begun.ended is None:
        pasted = request.POST.get("pasted", "").strip()
        await to_the_end(moving.do(chosen, property, home, request.member, pasted))
        if pasted and chosen.what != OLD_LINK:
            # The link is here for this request only, and what follows needs it, too.
            await do_at_once(request, begun, property, home, pasted)
        await moving.conclude(begun, property, home, request.member)
    if not request.htmx:
        return redirect("staff:moving-out", property.id, home.unit_id, pk)
    context = await progress(await begun_or_404(home, pk), property, home)
    return render(request, "staff/moving_out.html#known", context)


@require_POST
@home_page
async def close(request: StaffRequest, property: Property, home: Home, pk: int) -> HttpResponse:
    """End a move-out, whatever is proved of it."""
    begun = await begun_or_404(home, pk)
    if await moving.close(begun, property, home, request.member):
        messages.success(request, gettext("The move-out is closed."))
    else:
        messages.warning(
            request, gettext("The move-out is closed. The former resident may still get in.")
        )
    return redirect("staff:one-home", property.id, home.unit_id)


async def progress(begun: MoveOut, property: Property, home: Home) -> dict[str, Any]:
    """Return what the page says of the steps."""
    steps = await moving.steps_of(begun)
    unproved = [each for each in steps if each.state != State.PROVED]
    is_cleared = all(each.what == LETTER for each in unproved)
    stuck = any(each.state == State.NOT_PROVED or moving.is_abandoned(each) for each in unproved)
    return {
        "property": property,
        "place": "homes",
        "one": home,
        "begun": begun,
        "who": name_of(begun.by),
        "rows": [row_of(each, steps, home, is_open=begun.ended is None) for each in steps],
        "done": len(steps) - len(unproved),
        "total": len(steps),
        "is_moving": begun.ended is None and moving.is_moving(steps),
        "is_cleared": is_cleared,
        "may_get_in": not is_cleared and (stuck or begun.ended is not None),
    }


def row_of(step: MoveOutStep, steps: Sequence[MoveOutStep], home: Home, *, is_open: bool) -> Row:
    """Return the step in words."""
    words: Any = ""
    if is_open and moving.may_be_asked(step, steps):
        words = _("Do it all the same") if step.state == State.WAITING else _("Try again")
    if step.what == OLD_LINK and words:
        words = _("Test the old link")
    return Row(
        step,
        TITLES[step.what],
        text_of(step),
        moving.is_running(step),
        moving.is_abandoned(step),
        moving.is_late(step),
        words,
        step.what == OLD_LINK or home.link in TO_BE_PASTED or step.reason == "not given",
    )


def text_of(step: MoveOutStep) -> Any:
    """Return what is known of the step."""
    if step.state == State.PROVED:
        return PROVED[step.what]
    if step.state == State.WAITING:
        return WAITING.get(step.what, "")
    if moving.is_abandoned(step):
        return _(
            "The portal was restarted meanwhile. We look first, before anything is sent again."
        )
    if step.reason == "late":
        return LATE[step.what]
    return REASONS.get(step.reason, "")
