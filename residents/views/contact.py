"""Contact details of the unit and of linked people."""

from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.forms import ContactForm
from residents.home.kind import Kind
from residents.home.people import name_of
from residents.views.errors import shows_form_again
from ruckus.errors import ApiError, Rejected, Unavailable
from ruckus.resident import ResidentApi
from ruckus.resident_types import Contact, UnitUser, Written


def typed_contact(request: ResidentRequest, **ids: str) -> tuple[str, dict[str, Any]]:
    # Not checked: without what is stored nobody can say what was touched.
    typed = {name: request.POST.get(name) for name in Contact.__struct_fields__}
    return "contact.html", {"form": ContactForm(stored=Contact(**typed))}


@require_http_methods(["GET", "HEAD", "POST"])
@shows_form_again(typed_contact)
@signed_in
async def unit(request: ResidentRequest) -> HttpResponse:
    """Show and save the contact of the unit."""

    async def read(api: ResidentApi) -> tuple[Any, Contact]:
        found = await api.fetch_unit()
        return found, found.contact

    async def write(found: Any, contact: Contact) -> Written:
        return await request.api.update_unit(found.number, contact)

    return await edit(request, read, write, reverse("home"))


@require_http_methods(["GET", "HEAD", "POST"])
@shows_form_again(typed_contact)
@signed_in
async def person(request: ResidentRequest, user_id: str) -> HttpResponse:
    """Show and save the contact of a linked person; the passphrase goes along unchanged."""

    async def read(api: ResidentApi) -> tuple[Any, Contact]:
        found = await api.fetch_unit_user(user_id)
        if Kind.of(found) is not Kind.LINKED:
            raise Http404
        return found, Contact(found.name, found.email, found.phone_number)

    async def write(found: Any, contact: Contact) -> Written:
        changed = msgspec.structs.replace(
            found,
            id=user_id,
            name=contact.name,
            email=contact.email,
            phone_number=contact.phone_number,
        )
        return await request.api.update_unit_user(changed)

    return await edit(request, read, write, reverse("wifi", args=["linked", user_id]))


async def edit(request: ResidentRequest, read: Any, write: Any, back: str) -> HttpResponse:
    """Show the form; on POST read afresh, check, write, and say "saved" only if a read says so.

    `back` is the page that shows the contact details.
    """
    typed = request.POST if request.method == "POST" else None
    found, stored = await read(request.api)
    form = ContactForm(typed, stored=stored)
    context = {"form": form, "back": back, "person": named(found)}
    request.form_page = "contact.html", context
    if typed is None:
        return render(request, "contact.html", context)
    if not form.is_valid():
        return render(request, "contact.html", context, status=422)
    wanted = form.contact()
    try:
        await write(found, wanted)
    except Rejected:
        form.refuse(_("These details weren’t accepted. Check them and try again."))
        return render(request, "contact.html", context, status=422)
    except Unavailable as error:
        if not error.maybe_written or not await is_stored(request, read, wanted):
            raise
        messages.success(request, _("Contact details saved."))
        return redirect(back)
    if await is_stored(request, read, wanted):
        messages.success(request, _("Contact details saved."))
    else:
        messages.info(
            request,
            _("Contact details sent. It can take a minute until they show here."),
        )
    return redirect(back)


def named(found: Any) -> str:
    """Return whose contact details these are, "" for the home's own."""
    return name_of(found) if isinstance(found, UnitUser) else ""


async def is_stored(request: ResidentRequest, read: Any, wanted: Contact) -> bool:
    """Return whether RUCKUS, asked again, has what was wanted; null and "" mean the same."""
    try:
        _found, stored = await read(request.home.api())
    except ApiError:
        # Signed out meanwhile, too: a page that says so would say that nothing was saved.
        return False
    return all(
        (getattr(stored, name) or "") == (getattr(wanted, name) or "")
        for name in wanted.__struct_fields__
    )
