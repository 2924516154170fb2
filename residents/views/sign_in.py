"""The property's welcome page: looking at it changes nothing, its button signs in."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
)

from common import diary, metrics, throttle
from common.client_address import client_address
from common.property import served
from common.property.brand import brand_of
from common.property.ids import property_here
from common.property.known import is_known
from common.property.public_brand import public_brand_of
from common.request import ResidentRequest
from common.upstream import resident_api
from residents.door import known_browser, session
from residents.door.signed_in import NEVER_STORE, signed_in
from residents.forms import SignInForm
from residents.home import device_names
from residents.home.doings import kind_of_device
from ruckus import links
from ruckus.errors import NotAllowed, NotFound, NotSignedIn, Rejected, TooBusy, Unavailable
from ruckus.resident_types import Login


@require_http_methods(["GET", "HEAD", "POST"])
async def welcome(request: ResidentRequest, property_id: str, secret: str = "") -> HttpResponse:
    """Show the welcome page, or sign in with the code or link of the form."""
    try:
        property_id = property_here(property_id)
    except ValueError:
        raise Http404 from None
    request.public_brand = await public_brand_of(property_id, client_address(request))
    if request.method == "POST":
        return await sign_in(request, property_id)
    query = request.META.get("QUERY_STRING", "")
    if not secret and links.auth_parameter(query):
        # Whole, since the code in it may be read in more than one way.
        secret = f"/p/{property_id}/?{query}"
    elif len(secret) > links.LONGEST_CODE:
        secret = ""
    form = SignInForm(initial={"secret": secret}, property_id=property_id)
    return page(request, property_id, form, has_link=bool(secret))


@require_http_methods(["GET", "HEAD", "POST"])
async def start(request: ResidentRequest) -> HttpResponse:
    """Ask for a link, or be the welcome page of the one property that this portal serves."""
    if property_id := served.only_property():
        return await welcome(request, property_id)
    if request.method == "POST":
        return await sign_in(request, None)
    return page(request, None, SignInForm(property_id=None))


async def sign_in(request: ResidentRequest, page_of: str | None) -> HttpResponse:
    """Sign in from the page of a property, or from the one that knows none."""
    form = SignInForm(request.POST, property_id=page_of)
    if not form.is_valid():
        return page(request, page_of, form, status=422)
    request.form_page = template_of(page_of), context_of(page_of, form, has_link=True)
    property_id, codes = form.entered()
    try:
        property_id = property_here(property_id)
    except ValueError:
        return refused(request, page_of, form)
    who = known_browser.who_asks(request, property_id)
    known = await is_known(property_id)
    # Wrong codes for whatever may be made up count together.
    place = property_id if known else ""
    for tried, code in enumerate(codes, 1):
        if wait := await throttle.start_attempt(who, place):
            return wait_first(request, page_of, form, wait)
        try:
            login = await resident_api(property_id, known=known).log_in(code)
        except (TooBusy, Unavailable):
            await throttle.discount_attempt(who, place)
            raise
        except (NotSignedIn, NotAllowed, NotFound, Rejected):
            continue
        # The readings before it were no guesses of somebody's, but those of one right link.
        for _attempt in range(tried):
            await throttle.discount_attempt(who, place)
        if await session.has_expired(property_id, login):
            return expired(request, page_of, form)
        return await signed_in_to(request, property_id, login, code)
    return refused(request, page_of, form)


async def signed_in_to(
    request: ResidentRequest, property_id: str, login: Login, code: str
) -> HttpResponse:
    home = await session.sign_in(request, property_id, login, code)
    await device_names.keep(home)
    at_the_office = settings.STAFF_COOKIE_NAME in request.COOKIES
    await diary.signed_in(home.mark, home.link, kind_of_device(request), opens=not at_the_office)
    # Asked now, so that the home page finds it there.
    await brand_of(home, patience=None)
    await session.remember_token_style(request, home)
    metrics.count(metrics.SIGN_IN_TAKEN)
    response = redirect("home")
    known_browser.remember(response, property_id, home.mark)
    return response


def refused(request: ResidentRequest, page_of: str | None, form: SignInForm) -> HttpResponse:
    """Return one page for all refusals: strangers learn nothing of a property or a unit."""
    metrics.count(metrics.SIGN_IN_REFUSED)
    form.refuse(
        _(
            "That link or code didn’t work. Check you copied all of it, or ask your building’s "
            "office for a new one."
        ),
        "secret",
    )
    return page(request, page_of, form, status=401)


def expired(request: ResidentRequest, page_of: str | None, form: SignInForm) -> HttpResponse:
    """Return the page for a link that was right once."""
    metrics.count(metrics.SIGN_IN_EXPIRED)
    form.refuse(_("That link has expired. Ask your building’s office for a new one."), "secret")
    return page(request, page_of, form, status=401)


def wait_first(
    request: ResidentRequest, page_of: str | None, form: SignInForm, wait: int
) -> HttpResponse:
    """Return the page for too many wrong codes; the code is kept and was not tried."""
    metrics.count(metrics.SIGN_IN_TOLD_TO_WAIT)
    form.refuse(
        ngettext(
            "Too many wrong codes came from your network. Wait %(seconds)d second and try again. "
            "On a phone, mobile data works at once.",
            "Too many wrong codes came from your network. Wait %(seconds)d seconds and try again. "
            "On a phone, mobile data works at once.",
            wait,
        )
        % {"seconds": wait}
    )
    response = page(request, page_of, form, has_link=True, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def template_of(page_of: str | None) -> str:
    return "welcome.html" if page_of else "start.html"


def context_of(page_of: str | None, form: SignInForm, *, has_link: bool) -> dict[str, Any]:
    return {"property_id": page_of, "form": form, "has_link": has_link}


def page(
    request: ResidentRequest,
    page_of: str | None,
    form: SignInForm,
    *,
    has_link: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = context_of(page_of, form, has_link=has_link)
    context["ended"] = "ended" in request.GET
    response = render(request, template_of(page_of), context, status=status)
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
