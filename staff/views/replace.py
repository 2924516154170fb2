"""A new link for a home, and what is known of it."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from staff import audit
from staff.audit import What
from staff.door.signed_in import home_page
from staff.handover import replacing
from staff.handover.forms import LinkForm
from staff.handover.opening import NotOpened, OpenHome, open_home, to_the_end
from staff.models import Home, LinkReplacement, Property
from staff.request import Member, StaffRequest
from staff.views.home import problem, resident_of


@require_http_methods(["GET", "HEAD", "POST"])
@home_page
async def replace(request: StaffRequest, property: Property, home: Home) -> HttpResponse:
    """Ask, then replace the link: once, however often the form is sent."""
    row = await replacing.latest(home)
    if row and replacing.is_under_way(row):
        return redirect("staff:replaced", property.id, home.unit_id, row.number)
    if request.method != "POST":
        return await ask(request, property, home, LinkForm(home=home))
    number = number_of(request.POST.get("number", ""))
    if row and number <= row.number:
        return redirect("staff:replaced", property.id, home.unit_id, row.number)
    form = LinkForm(request.POST, home=home)
    if not form.is_valid():
        return await ask(request, property, home, form)
    try:
        opened = await open_home(property, home, form.link)
    except NotOpened as error:
        form.refuse_link(problem(error.link))
        return await ask(request, property, home, form)
    await to_the_end(replace_once(request.member, opened, number))
    return redirect("staff:replaced", property.id, home.unit_id, number)


def number_of(written: str) -> int:
    """Return the number of a replacement. Raise BadRequest."""
    if not written.isdecimal() or not 0 < len(written) < 6:
        raise BadRequest
    return int(written)


async def replace_once(member: Member, opened: OpenHome, number: int) -> None:
    """Replace the link, unless somebody else has this number. Raise ApiError if nothing was sent."""
    row = await replacing.begin(opened, number, member)
    if row is not None:
        await audit.note(member, What.LINK_REPLACED, property=opened.place, home=opened.home)
        await replacing.replace(opened, row)


async def ask(
    request: StaffRequest, property: Property, home: Home, form: LinkForm
) -> HttpResponse:
    """Say what happens, and to whom RUCKUS One may write."""
    context = {
        "property": property,
        "place": "homes",
        "one": home,
        "form": form,
        "number": await replacing.next_number(home),
        "resident": await resident_of(property, home),
    }
    return render(request, "staff/replace.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@home_page
async def replaced(
    request: StaffRequest, property: Property, home: Home, number: int
) -> HttpResponse:
    """Show what is known of a replacement, and find out more when asked to."""
    row = await home.replacements.select_related("by").filter(number=number).afirst()
    if row is None:
        raise Http404
    if request.method == "POST":
        if not replacing.is_under_way(row):
            await find_out(request, property, home, row)
        return redirect("staff:replaced", property.id, home.unit_id, number)
    context = {
        "property": property,
        "place": "homes",
        "one": home,
        "row": row,
        "who": name_of(row.by),
        "is_under_way": replacing.is_under_way(row),
        "is_settled": replacing.is_settled(row),
        "is_latest": row.number + 1 == await replacing.next_number(home),
    }
    template = "staff/replaced.html" + ("#known" if request.htmx else "")
    return render(request, template, context)


def name_of(user: User | None) -> str:
    """Return what pages call a member of staff, "" for one who was removed."""
    return (user.get_full_name() or user.get_username()) if user else ""


async def find_out(
    request: StaffRequest, property: Property, home: Home, row: LinkReplacement
) -> None:
    """Look for the new link, or test the old one, and say what came of it."""
    pasted = request.POST.get("pasted", "").strip()
    await audit.note(request.member, What.LINK_TESTED, property=property, home=home)
    if request.POST.get("do") == "old":
        refused = await replacing.test_old(property, home, row, pasted)
        if refused is None:
            messages.warning(request, _("That isn’t the old link."))
        elif not refused:
            messages.warning(request, _("The old link still works."))
        return
    try:
        if not await replacing.look(property, home, row, pasted):
            messages.warning(request, _("RUCKUS One still has the old link."))
    except NotOpened as error:
        messages.warning(request, problem(error.link))
