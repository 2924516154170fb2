"""One log line per request, and Django's middleware, run on the event loop.

Each of these would otherwise cross into a thread twice a request, which costs more than our pages.
None of them waits for anything, so nothing is lost by staying on the loop; a test counts the hops.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import csp.middleware
from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from common import keys, languages, metrics
from common.database import DOWN
from common.logs import request_id
from common.property import served
from common.sessions import SessionStore
from portal import errors
from staff.middleware import is_of_staff
from staff.session import StaffSessionStore

log = logging.getLogger("portal.requests")

PERMISSIONS = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "browsing-topics=()"
)


# The hooks that Django awaits or adapts by itself are not in its type stubs.
CsrfBase: Any = CsrfViewMiddleware
SessionBase: Any = SessionMiddleware


class Inline:
    """Run process_request and process_response where the request is."""

    get_response: Any

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        before = getattr(self, "process_request", None)
        after = getattr(self, "process_response", None)
        response: HttpResponseBase | None = before(request) if before else None
        if response is None:
            response = await self.get_response(request)
        finished: HttpResponseBase = after(request, response) if after else response
        return finished


class RequestLog:
    """Give each request an id, and write one line that holds no path: paths hold secrets."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

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
            seconds = time.perf_counter() - start
            metrics.answered((match and match.view_name) or "none", status, seconds)
            log.log(
                logging.WARNING if status >= 500 else logging.INFO,
                "request",
                extra={
                    "method": request.method,
                    "route": match.route if match else None,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                },
            )
            request_id.reset(token)
        response.headers["X-Request-Id"] = request.id
        return response


class Security(Inline, SecurityMiddleware):
    """Django's security headers, and those that it does not know."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        response = super().process_response(request, response)
        response.headers["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        # Whatever has not said for how long it may be kept is for this one moment.
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class ContentSecurityPolicy(Inline, csp.middleware.CSPMiddleware):
    pass


class GZip(Inline, GZipMiddleware):
    """Compressed pages; Django's random padding answers BREACH (see docs/security.md)."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Return the response, compressed unless it comes bit by bit.

        Django makes each piece of a stream a gzip file of its own, and browsers read the first only.
        """
        return response if response.streaming else super().process_response(request, response)


class Host(Inline, MiddlewareMixin):
    """Write down which host is asked, and forget the time zone of whoever asked before."""

    def process_request(self, request: HttpRequest) -> None:
        domain, _ = split_domain_port(request.get_host())
        served.here.set(domain)
        timezone.deactivate()


class Locale(Inline, LocaleMiddleware):
    """Django's choice of a language, of those that the properties of the host have.

    `?lang=` in an address chooses one for good. A form that comes along with it is shown again.
    """

    def process_request(self, request: Any) -> None:
        super().process_request(request)
        wanted = languages.known(request.GET.get(languages.PARAMETER))
        offered = served.languages_here()
        if offered and wanted not in offered:
            wanted = None
        # Whichever was asked for: nobody who chooses a language has sent the form.
        languages.switching.set(request.method == "POST" and languages.PARAMETER in request.GET)
        request.chosen_language = wanted
        if not wanted and offered and translation.get_language() not in offered:
            wanted = offered[0]
        if wanted:
            translation.activate(wanted)
            request.LANGUAGE_CODE = wanted

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        response = super().process_response(request, response)
        # A request that was refused early has chosen none.
        if wanted := getattr(request, "chosen_language", None):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                wanted,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        if languages.switching.get() and response.status_code == 422:
            response.status_code = 200
        return response


class Common(Inline, CommonMiddleware):
    pass


class Messages(Inline, MessageMiddleware):
    pass


class MessageStorage(CookieStorage):
    """Messages in a signed cookie: they are fixed sentences and never hold a name or a secret."""

    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class Csrf(Inline, CsrfBase):
    """Django's check of forms, of those alone that can be read.

    A form in any other charset than UTF-8 is none of ours, and many of Python's codecs, which
    Django would try it with, are no charset.
    """

    # Django awaits a coroutine where it would send a function through a thread.
    async def process_view(self, request: HttpRequest, *view: Any) -> Any:
        if (request.encoding or "utf-8").lower() != "utf-8":
            raise BadRequest("a charset other than UTF-8")
        try:
            return super().process_view(request, *view)
        except (LookupError, TypeError, ValueError):
            # What the mail package raises for odd parameters of a part.
            raise BadRequest("parts that can't be read") from None


# Seconds that a page waits until it is written down that its session was seen.
PATIENCE = 0.5
# Tasks that nobody waits for any more.
saving: set[asyncio.Task[None]] = set()


async def save(request: Any) -> None:
    """Save the session. Raise UpdateError, and what the database raises.

    A page that a resident only looks at is neither held up nor lost where that can't be written down.
    """
    session = request.session
    looks = session.session_key and request.method in ("GET", "HEAD")
    if not looks or is_of_staff(request):
        await session.asave()
        return
    task = asyncio.ensure_future(session.asave())
    saving.add(task)
    task.add_done_callback(saved)
    await asyncio.wait({task}, timeout=PATIENCE)
    if task.done():
        with suppress(*DOWN):
            task.result()


def saved(task: "asyncio.Task[None]") -> None:
    saving.discard(task)
    if not task.cancelled():
        # What it raised is known to those who waited, and to the log.
        task.exception()


class Session(SessionBase):
    """Django's session middleware, awaiting the store instead of crossing into a thread.

    Staff have sessions of their own, under a cookie of their own.
    """

    async def __acall__(self, request: Any) -> HttpResponseBase:
        try:
            await keys.ready()
        except DOWN:
            return errors.database_error(request)
        of_staff = is_of_staff(request)
        cookie = settings.STAFF_COOKIE_NAME if of_staff else settings.SESSION_COOKIE_NAME
        store = StaffSessionStore if of_staff else SessionStore
        session: Any = store(request.COOKIES.get(cookie))
        request.session = session
        response: HttpResponseBase = await self.get_response(request)
        empty = session.is_empty()
        had_cookie = cookie in request.COOKIES
        if session.accessed or (empty and had_cookie):
            patch_vary_headers(response, ("Cookie",))
        if session.modified and not empty and response.status_code < 500:
            try:
                await save(request)
            except DOWN:
                response = errors.database_error(request)
            except UpdateError:
                # Signed out in another tab while this request ran: it stays signed out.
                empty = True
            else:
                response.set_cookie(
                    cookie,
                    session.cookie_value,
                    max_age=session.get_expiry_age(),
                    path=settings.SESSION_COOKIE_PATH,
                    secure=settings.SESSION_COOKIE_SECURE,
                    httponly=True,
                    samesite="Lax",
                )
        if empty and had_cookie:
            response.delete_cookie(
                cookie,
                path=settings.SESSION_COOKIE_PATH,
                samesite="Lax",
            )
        return response
