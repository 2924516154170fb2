"""The property's welcome page: looking at it changes nothing, its button signs in."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from residents import converters, session, throttle
from residents.api import api_of
from residents.forms import SignInForm
from residents.properties import brand_of, dress_of
from residents.ruckus.errors import (
    NotAllowed,
    NotFound,
    NotSignedIn,
    Rejected,
    TooBusy,
    Unavailable,
)
from residents.session import NEVER_STORE

# Seconds that the welcome page waits for what only dresses it.
DRESS_PATIENCE = 1.5
SECRET_MOST = 512


@require_http_methods(["GET", "HEAD", "POST"])
async def welcome(request: Any, property_id: str, secret: str = "") -> HttpResponse:
    """Show the welcome page, or sign in with the secret of the form."""
    try:
        converters.checked_property(property_id)
    except ValueError:
        raise Http404 from None
    request.dress = await dress_of(property_id, DRESS_PATIENCE)
    if request.method == "POST":
        return await sign_in(request, property_id)
    has_link = 0 < len(secret) <= SECRET_MOST
    form = SignInForm(initial={"secret": secret if has_link else ""})
    return page(request, property_id, form, has_link=has_link)


async def sign_in(request: Any, property_id: str) -> HttpResponse:
    form = SignInForm(request.POST)
    if not form.is_valid():
        return page(request, property_id, form, status=422)
    request.form_page = "welcome.html", context_of(property_id, form, has_link=True)
    who = throttle.who_asks(request, property_id)
    if wait := await throttle.begin(who, property_id):
        return wait_first(request, property_id, form, wait)
    try:
        login = await api_of(property_id).log_in(form.cleaned_data["secret"])
    except (TooBusy, Unavailable):
        await throttle.succeeded(who, property_id)
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
    await throttle.succeeded(who, property_id)
    home = await session.sign_in(request, property_id, login)
    # Asked now, so that the home page finds it there.
    await brand_of(home)
    response = redirect("home")
    throttle.remember(response, property_id, home.mark)
    return response


def wait_first(request: Any, property_id: str, form: SignInForm, wait: int) -> HttpResponse:
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
    request: Any,
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


@require_safe
async def icon(request: HttpRequest, property_id: str) -> HttpResponse:
    """Return the property's favicon, drawn anew."""
    dress = await dress_of(property_id, DRESS_PATIENCE)
    if not dress.icon:
        raise Http404
    return HttpResponse(
        dress.icon,
        content_type="image/png",
        headers={"Cache-Control": f"public, max-age={int(settings.PROPERTY_CACHE_SECONDS) + 3600}"},
    )


@require_POST
async def sign_out(request: Any) -> HttpResponse:
    """End the session on the server and say so."""
    await session.sign_out(request)
    response = render(request, "signed_out.html")
    response.headers["Cache-Control"] = NEVER_STORE
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@session.signed_in
async def sign_out_everywhere(request: Any) -> HttpResponse:
    """Ask, then end every session of the unit."""
    if request.method != "POST":
        return render(request, "sign_out_everywhere.html")
    await session.sign_out_everywhere(request)
    request.home = None
    return render(request, "signed_out.html", {"everywhere": True})
