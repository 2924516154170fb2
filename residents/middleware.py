"""One log line per request, and pages for what the API refuses."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from residents.logs import request_id
from residents.ruckus.errors import ApiError
from residents.views import errors

log = logging.getLogger("residents.requests")

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class Middleware:
    """Middleware that runs on the event loop alone."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: Any) -> HttpResponseBase:
        return await self.get_response(request)


class RequestLog(Middleware):
    """Give each request an id, and write one line that holds no path: paths hold secrets."""

    async def __call__(self, request: Any) -> HttpResponseBase:
        request.id = secrets.token_hex(8)
        token = request_id.set(request.id)
        start = time.perf_counter()
        status = 500
        try:
            response = await self.get_response(request)
            status = response.status_code
        except asyncio.CancelledError:
            # The client has hung up, which is no fault of ours: nginx's number for that.
            status = 499
            raise
        finally:
            match = request.resolver_match
            log.log(
                logging.WARNING if status >= 500 else logging.INFO,
                "request",
                extra={
                    "method": request.method,
                    "route": match.route if match else None,
                    "status": status,
                    "ms": round((time.perf_counter() - start) * 1000, 1),
                },
            )
            request_id.reset(token)
        response.headers["X-Request-Id"] = request.id
        return response


class ApiErrors(Middleware):
    """Turn what a view did not catch into a page, or under htmx into a notice."""

    async def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, ApiError):
            return await errors.api_error(request, exception)
        return None
