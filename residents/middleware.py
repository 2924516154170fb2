"""Pages for what the API refuses, and for what is not asked of it."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from common.database import DOWN
from common.request import ResidentRequest
from residents.door.signed_in import View
from residents.home.awaited_writes import WriteAwaited
from residents.home.guard import Closed
from residents.views import errors
from ruckus.errors import ApiError

EXPECTED = (ApiError, Closed, WriteAwaited, *DOWN)


class ApiErrors:
    """Turn what a view did not catch of the API or the database into a page, under htmx a notice.

    Pages for what went wrong outside of a view are given the home's navigation.
    """

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: ResidentRequest) -> HttpResponseBase:
        return await errors.with_navigation(request, await self.get_response(request))

    # Not process_exception: Django sends that through the thread of the database, which may be stuck.
    async def process_view(
        self, request: ResidentRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.resolver_match and request.resolver_match.namespace:
            # Another app's, which has pages of its own.
            return None
        try:
            return await view(request, *args, **kwargs)
        except EXPECTED as error:
            try:
                return await self.page_for(request, error)
            except DOWN:
                # What the page has to know of the session could not be read.
                return errors.database_error(request)

    async def page_for(self, request: ResidentRequest, exception: Exception) -> HttpResponseBase:
        if isinstance(exception, ApiError):
            return await errors.api_error(request, exception)
        if isinstance(exception, Closed):
            return errors.closed(request, exception)
        if isinstance(exception, WriteAwaited):
            return errors.write_awaited(request, exception)
        return errors.database_error(request)
