"""The property's welcome page: looking at it changes nothing, its button signs in."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
)

from common.property.brand import brand_of
from common.property.ids import served_property
from common.property.public_brand import public_brand_of
from common.request import ResidentRequest
from common.upstream import resident_api
from residents.door import known_browser, session, throttle
from residents.door.signed_in import NEVER_STORE, signed_in
from residents.forms import SignInForm
from ruckus.errors import NotAllowed, NotFound, NotSignedIn, Rejected, TooBusy, Unavailable

SECRET_MOST = 512


@require_http_methods(["GET", "HEAD", "POST"])
async def welcome(request: ResidentRequest, property_id: str, secret: str = "") -> HttpResponse:
    """Show the welcome page, or sign in with the secret of the form."""
    try:
        property_id = served_property(property_id)
    except ValueError:
        raise Http404 from None
    request.public_brand = await public_brand_of(property_id)
    if request.method == "POST":
        return await sign_in(request, property_id)
    has_link = 0 < len(secret) <= SECRET_MOST
    form = SignInForm(initial={"secret": secret if has_link else ""})
    return page(request, property_id, form, has_link=has_link)


async def sign_in(request: ResidentRequest, property_id: str) -> HttpResponse:
    form = SignInForm(request.POST)
    if not form.is_valid():
        return page(request, property_id, form, status=422)
    request.form_page = "welcome.html", context_of(property_id, form, has_link=True)
    who = known_browser.who_asks(request, property_id)
    if wait := await throttle.start_attempt(who, property_id):
        return wait_first(request, property_id, form, wait)
    try:
        login = await resident_api(property_id).log_in(form.cleaned_data["secret"])
    except (TooBusy, Unavailable):
        await throttle.discount_attempt(who, property_id)
        raise
    except (NotSignedIn, NotAllowed, NotFound, Rejected):
        # One sentence for all of them: who is not signed in learns nothing of a property or a unit.
        form.refuse(
            _(
                "This link or access code does not open a home. Check that it is complete. If it "
                "worked before, the home may be suspended, or the link replaced: ask your property."
            ),
            "secret",
        )
        return page(request, property_id, form, status=401)
    await throttle.discount_attempt(who, property_id)
    home = await session.sign_in(request, property_id, login)
    # Asked now, so that the home page finds it there.
    await brand_of(home, patience=None)
    response = redirect("home")
    known_browser.remember(response, property_id, home.mark)
    return response


def wait_first(
    request: ResidentRequest, property_id: str, form: SignInForm, wait: int
) -> HttpResponse:
    """Return the page for too many wrong codes; the code is kept and was not tried."""
    form.refuse(
        ngettext(
            "Too many wrong codes came from your network. Wait %(seconds)d second, then try again. "
            "On a phone, mobile data works at once.",
            "Too many wrong codes came from your network. Wait %(seconds)d seconds, then try "
            "again. On a phone, mobile data works at once.",
            wait,
        )
        % {"seconds": wait}
    )
    response = page(request, property_id, form, has_link=True, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def context_of(property_id: str, form: SignInForm, *, has_link: bool) -> dict[str, Any]:
    return {"property_id": property_id, "form": form, "has_link": has_link}


def page(
    request: ResidentRequest,
    property_id: str,
    form: SignInForm,
    *,
    has_link: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = context_of(property_id, form, has_link=has_link)
    context["ended"] = "ended" in request.GET
    response = render(request, "welcome.html", context, status=status)
    response.headers["Cache-Control"] = NEVER_STORE
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_POST
async def sign_out(request: ResidentRequest) -> HttpResponse:
    """End the session on the server and say so."""
    await session.sign_out(request)
    response = render(request, "signed_out.html")
    response.headers["Cache-Control"] = NEVER_STORE
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def sign_out_everywhere(request: ResidentRequest) -> HttpResponse:
    """Ask, then end every session of the unit."""
    changing = any(write.is_of_passphrase for write in request.session.awaited.values())
    if request.method != "POST":
        return render(request, "sign_out_everywhere.html", {"changing": changing})
    await session.sign_out_everywhere(request)
    del request.home
    return render(request, "signed_out.html", {"everywhere": True, "changing": changing})
