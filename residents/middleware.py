"""Pages for what the API refuses, and for what is not asked of it."""

from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from common.request import ResidentRequest
from residents.home.awaited_writes import WriteAwaited
from residents.home.guard import Closed
from residents.views import errors
from ruckus.errors import ApiError


class ApiErrors:
    """Turn what a view did not catch into a page, or under htmx into a notice.

    Pages for what went wrong outside of a view are given the home's navigation.
    """

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: ResidentRequest) -> HttpResponseBase:
        return await errors.with_navigation(request, await self.get_response(request))

    async def process_exception(
        self, request: ResidentRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, ApiError):
            return await errors.api_error(request, exception)
        if isinstance(exception, Closed):
            return errors.closed(request, exception)
        if isinstance(exception, WriteAwaited):
            return errors.write_awaited(request, exception)
        return None
