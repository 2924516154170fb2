"""Staff's pages for what goes wrong. None of them calls the API."""

import math
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from ruckus.errors import ApiError, NotAllowed, NotFound, NotSignedIn, Rejected, TooBusy
from ruckus.operations import LONGEST_WAIT
from staff.request import StaffRequest

SECONDS_TO_RETRY = 10


def not_signed_in(request: StaffRequest) -> HttpResponse:
    """Lead to the sign-in, and from there back to where a page was asked for."""
    where = reverse("staff:sign-in")
    if request.method == "GET":
        where += "?" + urlencode({"next": request.get_full_path()})
    if getattr(request, "htmx", None):
        response = HttpResponse(status=401)
        response.headers["HX-Redirect"] = where
        return response
    return redirect(where)


def api_error(request: StaffRequest, error: ApiError) -> HttpResponse:
    """Return the page that says what RUCKUS One answered, and what to do."""
    notice, status = "outage", 503
    if isinstance(error, NotSignedIn):
        notice, status = "account", 502
    elif isinstance(error, NotAllowed):
        notice, status = "not-allowed", 502
    elif isinstance(error, NotFound):
        notice, status = "gone", 404
    elif isinstance(error, Rejected):
        notice, status = "refused", 422
    elif isinstance(error, TooBusy):
        notice = "busy"
    response = error_page(request, notice, status)
    if status == 503:
        wait = getattr(error, "retry_after", None) or SECONDS_TO_RETRY
        response.headers["Retry-After"] = str(math.ceil(min(wait, LONGEST_WAIT)))
    return response


def database_error(request: StaffRequest) -> HttpResponse:
    """Return the page for a database of ours that is down, too slow, full or read-only."""
    response = error_page(request, "database", 503)
    response.headers["Retry-After"] = str(SECONDS_TO_RETRY)
    return response


def error_page(request: StaffRequest, notice: str, status: int, **context: Any) -> HttpResponse:
    if getattr(request, "htmx", None):
        response = render(
            request, "staff/error.html#notice", {"notice": notice, **context}, status=status
        )
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML show:top"
        response.headers["HX-Push-Url"] = "false"
        return response
    return render(request, "staff/error.html", {"notice": notice, **context}, status=status)


def bad_request(request: StaffRequest, exception: Exception) -> HttpResponse:
    return error_page(request, "bad-request", 400)


def forbidden(request: StaffRequest, exception: Exception) -> HttpResponse:
    return error_page(request, "not-yours", 403)


def not_found(request: StaffRequest, exception: Exception) -> HttpResponse:
    return error_page(request, "not-found", 404)


def csrf_failure(request: StaffRequest, reason: str = "") -> HttpResponse:
    return error_page(request, "stale-form", 403)


def server_error(request: StaffRequest) -> HttpResponse:
    """Return a page for a fault of our own; it uses nothing that may be what failed."""
    if getattr(request, "htmx", None):
        return error_page(request, "mistake", 500)
    return render(request, "500.html", status=500)
