"""Pages for what goes wrong. None of them calls the API, and none says more than a resident needs."""

import functools
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from common.database import DOWN
from common.models import AwaitedWrite
from common.property.brand import NO_BRAND, brands
from common.request import ResidentRequest
from residents.door.session import current_home, former_property, sign_out
from residents.door.signed_in import NEVER_STORE, View
from residents.home.awaited_writes import WriteAwaited, minutes_left
from residents.home.guard import Closed
from ruckus.errors import ApiError, NotAllowed, NotFound, NotSignedIn, Rejected, TooBusy
from ruckus.operations import LONGEST_WAIT
from ruckus.resident import EDIT_UNIT, UNIT

Page = HttpResponse

SECONDS_TO_RETRY = 10


def shows_form_again(
    form_page: Callable[..., tuple[str, dict[str, Any]]],
) -> Callable[[View], View]:
    """Have a form shown again as it was typed, whatever fails from here on.

    `form_page` gets what the view gets, and returns the template and its context.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        async def wrapped(request: ResidentRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method == "POST":
                request.form_page = form_page(request, *args, **kwargs)
            return await view(request, *args, **kwargs)

        return wrapped

    return decorate


def notice_for(error: ApiError) -> tuple[str, int]:
    """Return the name of the notice and the status that an error of the API leads to."""
    if isinstance(error, NotSignedIn):
        return "signed-out", 401
    if isinstance(error, NotAllowed):
        return "not-allowed", 403
    if isinstance(error, NotFound):
        return "no-home" if error.operation in (UNIT.id, EDIT_UNIT.id) else "not-found", 404
    if isinstance(error, Rejected):
        return "refused", 422
    if isinstance(error, TooBusy):
        return "busy", 503
    return "outage", 503


async def api_error(request: ResidentRequest, error: ApiError) -> Page:
    """Return the page for an error of the API, or under htmx the notice; a form stays as typed."""
    notice, status = notice_for(error)
    home = getattr(request, "home", None)
    property_id = home and home.property_id
    context: dict[str, Any] = {"notice": notice}
    if isinstance(error, NotSignedIn):
        context["property_id"] = property_id or await former_property(request)
        await sign_out(request)
        # The form that is shown again may be sent after signing in to the same home elsewhere.
        context["mark"] = request.POST.get("home")
        if home:
            del request.home
    response = error_page(request, context, status)
    if status == 503:
        wait = getattr(error, "retry_after", None) or SECONDS_TO_RETRY
        response.headers["Retry-After"] = str(math.ceil(min(wait, LONGEST_WAIT)))
    return response


def database_error(request: ResidentRequest) -> Page:
    """Return the page for a database of ours that is down, too slow, full or read-only."""
    response = error_page(request, {"notice": "database"}, 503)
    response.headers["Retry-After"] = str(SECONDS_TO_RETRY)
    return response


def closed(request: ResidentRequest, reason: Closed) -> Page:
    """Return the page for a home or a passphrase of which nothing can be changed."""
    return plain(request, reason.notice, 403)


def awaited_context(write: AwaitedWrite) -> dict[str, Any]:
    """Return what a page needs to say what is awaited, and for how long at most."""
    notice = "passphrase-awaited" if write.is_of_passphrase else "contact-awaited"
    return {"notice": notice, "minutes": minutes_left(write)}


def write_awaited(request: ResidentRequest, reason: WriteAwaited) -> Page:
    """Return the page for a write that was not sent because another one is awaited."""
    return error_page(request, {**awaited_context(reason.write), "property_id": None}, 409)


def error_page(request: ResidentRequest, context: dict[str, Any], status: int) -> Page:
    form_page = getattr(request, "form_page", None) if request.method == "POST" else None
    # A request that was refused early, such as for its Host, has no such attribute yet.
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.history_restore_request:
        if status == 401 and request.method == "GET":
            response = HttpResponse(status=401)
            response.headers["HX-Redirect"] = back_in(context["property_id"])
        else:
            response = render(request, "error.html#notice", context, status=status)
            response.headers["HX-Retarget"] = "#notice"
            response.headers["HX-Reswap"] = "innerHTML show:top"
            response.headers["HX-Push-Url"] = "false"
    elif form_page is not None:
        template, form_context = form_page
        response = render(request, template, {**context, **form_context}, status=status)
    else:
        response = render(request, "error.html", context, status=status)
    response.headers["Cache-Control"] = NEVER_STORE
    return response


def back_in(property_id: str | None) -> str:
    """Return the address of the page on which a resident whose session has ended can sign in."""
    if property_id is None:
        return reverse("home")
    return reverse("welcome", args=[property_id]) + "?ended"


def plain(request: ResidentRequest, notice: str, status: int) -> Page:
    """Return the page for what went wrong before, or without, a view that knows the home."""
    request.plain_notice = notice
    return error_page(request, {"notice": notice}, status)


async def with_navigation(request: ResidentRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the response; a plain page of a browser that is signed in gets the home's navigation.

    Nothing is asked for: the home is in the session, and the brand shows if it is at hand.
    """
    notice = getattr(request, "plain_notice", None)
    if notice is None or hasattr(request, "home"):
        return response
    home = None
    with suppress(*DOWN):
        home = await current_home(request)
    if home is not None:
        request.home = home
        request.brand = brands.peek(home.property_id) or NO_BRAND
        cast(Page, response).content = plain(request, notice, response.status_code).content
    return response


def bad_request(request: ResidentRequest, exception: Exception) -> Page:
    return plain(request, "bad-request", 400)


def forbidden(request: ResidentRequest, exception: Exception) -> Page:
    return plain(request, "not-allowed", 403)


def not_found(request: ResidentRequest, exception: Exception) -> Page:
    return plain(request, "not-found", 404)


def csrf_failure(request: ResidentRequest, reason: str = "") -> Page:
    """Return the page for a form that this portal did not make, or made too long ago."""
    return plain(request, "stale-form", 403)


def server_error(request: ResidentRequest) -> Page:
    """Return a page for a fault of our own; it uses nothing that may be what failed."""
    if getattr(request, "htmx", None):
        return error_page(request, {"notice": "mistake"}, 500)
    return render(request, "500.html", status=500)
