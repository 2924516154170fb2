"""The way in: static files and bounds at the edge, everything else to Django."""

import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# Settings and apps must be there before the imports below.
django.setup(set_prefix=False)

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import DatabaseError
from django.urls import set_script_prefix

from common import keys, redis
from common.upstream import close_upstream
from portal.static import StaticFiles

log = logging.getLogger("portal")

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Django(ASGIHandler):
    """Django's handler with one shared thread for what is sync, and as few ways into it as can be.

    Django's own opens a thread, and with it a database connection, for each request, crosses into
    it before and after each, and has a task listen for the browser's leaving, which gunicorn does
    as well (it cancels the view). Together that costs as much as half a page.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(get_script_prefix(scope))
            if scope["method"] not in ("GET", "HEAD"):
                # Looks after the database connection. Those who only look use it for their
                # session alone, which does that in the same crossing.
                await request_started.asend(sender=type(self), scope=scope)
            request, refusal = self.create_request(scope, body)
            response: Any = refusal if request is None else await self.run_get_response(request)
            await self.send_response(response, send)
            response.close()


class BodyTooLarge(Exception):
    """The body of a request is larger than any form of ours."""


class Portal:
    """The ASGI application: static files, bounds, Django."""

    def __init__(self) -> None:
        self.django = Django()
        self.static = StaticFiles(settings.STATIC_ROOT, settings.STATIC_URL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            if scope["method"] == "HEAD":
                send = without_body(send)
            if not await self.static(scope, send):
                await self.bounded(scope, receive, send)

    async def bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request unless its body is larger than a form can be."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or len(length) > 9 or int(length) > limit:
            await refuse(send)
            return
        seen = 0
        too_large = False

        async def counted() -> Message:
            nonlocal seen, too_large
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                # Django stops reading, and answers nothing, when the client seems to be gone.
                too_large = True
                return {"type": "http.disconnect"}
            return message

        await self.django(scope, counted, send)
        if too_large:
            await refuse(send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Read what no request shall wait for, and close what belongs to the event loop at its end."""
        while (await receive())["type"] == "lifespan.startup":
            try:
                await keys.ready()
            except keys.LostKey as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            except DatabaseError as error:
                # A database that is down for now stops no worker: who comes is told.
                log.warning("The database does not answer: %s", error)
            await send({"type": "lifespan.startup.complete"})
        await close_upstream()
        await redis.close()
        await send({"type": "lifespan.shutdown.complete"})


async def refuse(send: Send) -> None:
    """Answer 413 without reading on."""
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"This is too much to send at once.\n"})


def without_body(send: Send) -> Send:
    """Return a send that drops bodies: gunicorn warns of each that answers a HEAD."""

    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headers_only


application = Portal()
