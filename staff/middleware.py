"""Which requests are staff's, and pages for what RUCKUS One refuses them."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from common.database import DOWN
from ruckus.errors import ApiError
from staff.door.signed_in import NotSignedIn
from staff.request import StaffRequest
from staff.views import errors


def is_of_staff(request: HttpRequest) -> bool:
    """Return whether the address is one of staff's pages, which are off unless STAFF is on."""
    return settings.STAFF and request.path.startswith(settings.STAFF_PATH)


class StaffPages:
    """Keep staff's pages on their host, and turn what a view did not catch into a page."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.STAFF and settings.STAFF_HOST:
            on_their_host = request.get_host().partition(":")[0].lower() == settings.STAFF_HOST
            if on_their_host != is_of_staff(request):
                raise Http404
        return await self.get_response(request)

    # Not process_exception: Django sends that through the thread of the database, which may be stuck.
    async def process_view(
        self, request: StaffRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase:
        try:
            response: HttpResponseBase = await view(request, *args, **kwargs)
        except NotSignedIn:
            return errors.not_signed_in(request)
        except ApiError as error:
            return errors.api_error(request, error)
        except DOWN:
            return errors.database_error(request)
        return response
