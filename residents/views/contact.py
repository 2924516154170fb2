"""Contact details of the unit and of linked people."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import link_holds
from common.diary import Event
from common.property import served
from common.property.ids import bare_id
from common.request import ResidentRequest
from residents.door.signed_in import signed_in
from residents.forms import ContactForm
from residents.home.awaited_writes import Expects, contact_mark
from residents.home.doings import note
from residents.home.guard import Closed, claimed_user, open_unit, took_place, user_and_write
from residents.home.kind import Kind
from residents.home.link import reach
from residents.home.people import name_of
from residents.views.errors import awaited_context, shows_form_again
from ruckus.errors import ApiError, Rejected
from ruckus.resident import ResidentApi
from ruckus.resident_types import Contact, UnitUser, Written


def typed_contact(request: ResidentRequest, **ids: str) -> tuple[str, dict[str, Any]]:
    return "contact.html", {"form": ContactForm.as_typed(request.POST)}


@require_http_methods(["GET", "HEAD", "POST"])
@shows_form_again(typed_contact)
@signed_in
async def unit(request: ResidentRequest) -> HttpResponse:
    """Show and save the contact of the unit."""
    found = await open_unit(request.api)
    if not found.number:
        # It has to be sent along, and what was not read must not be.
        raise Closed("no-number")
    form = form_of(request, found.contact, reverse("home"), name_required=True)
    if request.method != "POST":
        return render(request, *request.form_page)

    async def look(api: ResidentApi) -> Contact:
        return (await api.fetch_unit()).contact

    number = found.raw.get("number", found.number)

    async def send(contact: Contact) -> Written:
        if served.allows_link_reset(request.home.property_id) and reach(contact) != reach(
            found.contact
        ):
            # Before it is sent, and before the other is looked for (see common/link_holds.py).
            await link_holds.note_contact(request.home.mark)
            if await link_holds.is_unsettled(request.home.mark):
                raise Closed("link-replaced")
        return await request.api.update_unit(number, contact)

    return await save(request, form, send, look)


@require_http_methods(["GET", "HEAD", "POST"])
@shows_form_again(typed_contact)
@signed_in
async def person(request: ResidentRequest, user_id: str) -> HttpResponse:
    """Show and save the contact of a linked person; the passphrase goes along unchanged."""
    back = reverse("wifi", args=["linked", user_id])
    if request.method != "POST":
        user, write = await user_and_write(request, Kind.LINKED, user_id)
        form_of(request, contact_of(user), back, name_of(user))
        template, context = request.form_page
        # It can be filled in while something else is awaited, which it says on top.
        return render(request, template, context | (awaited_context(write) if write else {}))
    async with claimed_user(request, Kind.LINKED, user_id) as claim:
        old = claim.user
        form = form_of(request, contact_of(old), back, name_of(old))

        async def send(contact: Contact) -> Written:
            new = msgspec.structs.replace(
                old, name=contact.name, email=contact.email, phone_number=contact.phone_number
            )
            await claim.expect(Expects.CONTACT, contact_mark(request.home, new))
            return await request.api.update_unit_user(new)

        async def look(api: ResidentApi) -> Contact:
            user = await api.fetch_unit_user(user_id)
            if old.passphrase and user.passphrase and user.passphrase != old.passphrase:
                messages.warning(
                    request, _("The passphrase has changed, too. Some devices may have to rejoin.")
                )
            return contact_of(user)

        return await save(request, form, send, look, claim.give_up, user_id=user_id)


def contact_of(user: UnitUser) -> Contact:
    """Return the contact of a linked person."""
    return Contact(user.name, user.email, user.phone_number, user.raw)


def form_of(
    request: ResidentRequest,
    stored: Contact,
    back: str,
    person: str = "",
    *,
    name_required: bool = False,
) -> ContactForm:
    """Return the form over what is stored now, which is shown again whatever fails from here on.

    `back` is the page that shows the contact details, `person` whose they are, "" for the home's.
    """
    typed = request.POST if request.method == "POST" else None
    form = ContactForm(
        typed,
        stored=stored,
        name_required=name_required,
        phone_region=served.phone_region_of(request.home.property_id),
    )
    request.form_page = "contact.html", {"form": form, "back": back, "person": person}
    return form


async def nothing() -> None:
    pass


async def save(
    request: ResidentRequest,
    form: ContactForm,
    send: Callable[[Contact], Awaitable[Written]],
    look: Callable[[ResidentApi], Awaitable[Contact]],
    settle: Callable[[], Awaitable[None]] = nothing,
    *,
    user_id: str = "",
) -> HttpResponse:
    """Check, write, and say "saved" only if a read says so; `settle` when the end is known.

    `user_id` is of the linked person whose contact it is, "" for the home's.
    """
    if not form.is_valid():
        return render(request, *request.form_page, status=422)
    wanted = form.contact()
    check = partial(is_stored, request, look, wanted)
    try:
        await send(wanted)
    except ApiError as error:
        stored = await took_place(error, check)
        if not stored:
            await settle()
            if not isinstance(error, Rejected):
                raise
            form.refuse(_("These details weren’t accepted. Check them and try again."))
            return render(request, *request.form_page, status=422)
    else:
        stored = await check() or False
    if fields := " ".join(form.touched()):
        kind, unproved = Kind.LINKED if user_id else Kind.UNIT, "" if stored else "1"
        user = bare_id(user_id)
        await note(
            request, Event.CONTACT_EDITED, kind=kind, user=user, fields=fields, unproved=unproved
        )
    if stored:
        await settle()
        messages.success(request, _("Contact details saved."))
    else:
        messages.info(
            request,
            _("Contact details sent. It can take a minute until they show here."),
        )
    return redirect(request.form_page[1]["back"])


async def is_stored(
    request: ResidentRequest,
    look: Callable[[ResidentApi], Awaitable[Contact]],
    wanted: Contact,
) -> bool | None:
    """Return whether RUCKUS, asked again, has what was wanted; None if that can't be read.

    Null and "" mean the same.
    """
    try:
        stored = await look(request.home.api())
    except ApiError:
        # Signed out meanwhile, too: a page that says so would say that nothing was saved.
        return None
    return all(
        (getattr(stored, name) or "") == (getattr(wanted, name) or "") for name in ContactForm.NAMES
    )
