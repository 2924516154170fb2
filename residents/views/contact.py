"""Contact details of the unit and of linked people."""

from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from residents.forms import ContactForm
from residents.properties import GRACE, brand_of
from residents.ruckus.errors import ApiError, Rejected, Unavailable
from residents.ruckus.types import Contact
from residents.sections import kind_of
from residents.session import signed_in
from residents.views.errors import keeping


def typed_contact(request: Any, **ids: str) -> tuple[str, dict[str, Any]]:
    # Not checked: without what is stored nobody can say what was touched.
    typed = {name: request.POST.get(name) for name in Contact.__struct_fields__}
    return "contact.html", {"form": ContactForm(stored=Contact(**typed))}


@require_http_methods(["GET", "HEAD", "POST"])
@keeping(typed_contact)
@signed_in
async def unit(request: Any) -> HttpResponse:
    """Show and save the contact of the unit."""

    async def read(api: Any) -> tuple[Any, Contact]:
        found = await api.fetch_unit()
        return found, found.contact

    async def write(found: Any, contact: Contact) -> Any:
        return await request.api.update_unit(found.number, contact)

    return await edit(request, read, write)


@require_http_methods(["GET", "HEAD", "POST"])
@keeping(typed_contact)
@signed_in
async def person(request: Any, user_id: str) -> HttpResponse:
    """Show and save the contact of a linked person; the passphrase goes along unchanged."""

    async def read(api: Any) -> tuple[Any, Contact]:
        found = await api.fetch_unit_user(user_id)
        if kind_of(found) != "linked":
            raise Http404
        return found, Contact(found.name, found.email, found.phone_number)

    async def write(found: Any, contact: Contact) -> Any:
        changed = msgspec.structs.replace(
            found,
            id=user_id,
            name=contact.name,
            email=contact.email,
            phone_number=contact.phone_number,
        )
        return await request.api.update_unit_user(changed)

    return await edit(request, read, write)


async def edit(request: Any, read: Any, write: Any) -> HttpResponse:
    """Show the form; on POST read afresh, check, write, and say "saved" only if a read says so."""
    typed = request.POST if request.method == "POST" else None
    request.brand = await brand_of(request.home, GRACE)
    found, stored = await read(request.api)
    form = ContactForm(typed, stored=stored)
    request.form_page = "contact.html", {"form": form}
    if typed is None:
        return render(request, "contact.html", {"form": form})
    if not form.is_valid():
        return render(request, "contact.html", {"form": form}, status=422)
    wanted = form.contact()
    try:
        await write(found, wanted)
    except Rejected:
        form.refuse(_("These details were not accepted. Check them and try again."))
        return render(request, "contact.html", {"form": form}, status=422)
    except Unavailable as error:
        if not error.maybe_written or not await is_stored(request, read, wanted):
            raise
        messages.success(request, _("Contact details saved."))
        return redirect("home")
    if await is_stored(request, read, wanted):
        messages.success(request, _("Contact details saved."))
    else:
        messages.info(
            request,
            _("The new contact details were sent. They can take a minute to show here."),
        )
    return redirect("home")


async def is_stored(request: Any, read: Any, wanted: Contact) -> bool:
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
