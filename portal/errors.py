"""Pages for what goes wrong outside of a view: each app has its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from residents.views import errors as of_residents
from staff.middleware import is_of_staff
from staff.views import errors as of_staff


def bad_request(request: HttpRequest, exception: Exception) -> Any:
    return _pages(request).bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> Any:
    return _pages(request).forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> Any:
    return _pages(request).not_found(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> Any:
    return _pages(request).csrf_failure(request, reason)


def database_error(request: HttpRequest) -> HttpResponse:
    """Return the page for a database that can't be used; no session is there yet, or could be saved."""
    response: HttpResponse = _pages(request).database_error(request)
    patch_vary_headers(response, ("Cookie",))
    return response


def server_error(request: HttpRequest) -> Any:
    return _pages(request).server_error(request)


def _pages(request: HttpRequest) -> Any:
    return of_staff if is_of_staff(request) else of_residents
