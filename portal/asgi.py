"""The way in: static files, bounds and cookies at the edge, everything else to Django."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import django

from common.environment import told_plainly

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# Settings and apps must be there before the imports below.
# A worker that ends with 3 ends gunicorn, which would start one after another otherwise.
with told_plainly(status=3):
    django.setup(set_prefix=False)

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.http import HttpResponseBadRequest
from django.http.request import split_domain_port
from django.urls import set_script_prefix

from common import database, keys, metrics, redis
from common.file_limit import shares
from common.property import known, served
from common.upstream import close_upstream
from portal import __version__, cookies
from portal.probes import Probes
from portal.readiness import DATABASE, MIGRATIONS, Readiness
from portal.scrape import Metrics
from portal.static import StaticFiles
from portal.template_loader import load_all
from portal.uploads import may_upload

log = logging.getLogger("portal")
limits = logging.getLogger("portal.limits")

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Request(ASGIRequest):
    """Django's request, at a host of ALLOWED_HOSTS or of a property in PROPERTIES_FILE.

    Django would compare the host with each that is allowed, several times a page.
    """

    def get_host(self) -> str:
        host: str = self.META.get("HTTP_HOST", "")
        domain, _ = split_domain_port(host)
        return host if domain in served.book().hosts else super().get_host()


class Django(ASGIHandler):
    """Django's handler with one shared thread for what is sync, and as few ways into it as can be.

    Django's own opens a thread, and with it a database connection, for each request, crosses into
    it before and after each, and has a task listen for the browser's leaving, which gunicorn does
    as well (it cancels the view). Together that costs as much as half a page. The thread is that of
    common/database.py, which also looks after the connection.
    """

    request_class = Request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(get_script_prefix(scope))
            request, refusal = self.create_request(scope, body)
            response: Any = refusal if request is None else await self.run_get_response(request)
            await self.send_response(response, send)
            response.close()

    def create_request(self, scope: Any, body_file: Any) -> Any:
        """Return the request, or the refusal of one whose Content-Type can't be read."""
        try:
            return super().create_request(scope, body_file)
        # The parameters are read by the mail package, which raises nearly anything for odd ones.
        except Exception:  # noqa: BLE001
            return None, HttpResponseBadRequest()


TOO_LARGE = b"This is too much to send at once.\n"
BUSY = "We’re busy right now. Please try again in a few seconds.\n".encode()


class BodyTooLarge(Exception):
    """The body of a request is larger than any form of ours."""


class Portal:
    """The ASGI application: probes, static files, bounds, cookies, Django."""

    def __init__(self) -> None:
        self.django = Django()
        self.readiness = Readiness()
        self.probes = Probes(self.readiness)
        self.metrics = Metrics()
        self.static = StaticFiles(settings.STATIC_ROOT, settings.STATIC_URL)
        self.most_clients = shares().clients
        self.at_work = 0
        self.watching: asyncio.Task[None] | None = None
        # How many clients are connected, at work or idle; a server that can tell puts its count here.
        self.clients: Callable[[], int] = lambda: 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        database.use_thread()
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            if scope["method"] == "HEAD":
                send = without_body(send)
            if self.clients() > self.most_clients or self.readiness.draining:
                # None is kept that asks for nothing, and none that shall go elsewhere.
                send = with_close(send)
            answered = await self.probes(scope, send) or await self.metrics(scope, send)
            if not answered and not await self.static(scope, send):
                await self.in_turn(scope, receive, send)

    async def in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request unless so many are served that a further one could not open a file."""
        if self.at_work >= self.most_clients:
            metrics.count(metrics.TURNED_AWAY)
            limits.warning("Very many clients are served: further ones are told to wait")
            await refuse(send, 503, BUSY)
            return
        self.at_work += 1
        scope = {**scope, "headers": cookies.clean(scope["headers"])}
        try:
            await self.bounded(scope, receive, send)
        finally:
            self.at_work -= 1

    async def bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request unless its body is larger than a form can be."""
        limit = settings.LARGEST_FORM
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or len(length) > 9:
            await refuse(send, 413, TOO_LARGE)
            return
        if int(length) > limit and await may_upload(scope):
            limit = settings.LARGEST_UPLOAD
        if int(length) > limit:
            await refuse(send, 413, TOO_LARGE)
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
            await refuse(send, 413, TOO_LARGE)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        """Read what no request shall wait for, and close what belongs to the event loop at its end."""
        while (await receive())["type"] == "lifespan.startup":
            # It writes a line on what is missing.
            problems = await self.readiness.problems()
            try:
                if not {DATABASE, MIGRATIONS} & set(problems):
                    await keys.ready()
                    await known.ready()
            except keys.LostKey as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            except database.DOWN as error:
                # A database that is down for now stops no worker: who comes is told.
                database.report(error)
            await self.warm_up()
            self.begin()
            await send({"type": "lifespan.startup.complete"})
        if self.watching:
            self.watching.cancel()
        await close_upstream()
        await redis.close()
        await send({"type": "lifespan.shutdown.complete"})

    def begin(self) -> None:
        """Say which version serves from now on, and watch its event loop where that is wanted."""
        log.info("The portal serves", extra={"version": __version__})
        if metrics.ON:
            metrics.INFO.labels(__version__).set(1)
            self.watching = asyncio.create_task(metrics.watch_loop())

    async def warm_up(self) -> None:
        """Serve two pages to nobody: what is found at first use can't be, once no file can be opened."""
        host = next(iter([*settings.ALLOWED_HOSTS, *served.book().hosts, ""])).lstrip("*.")

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(_: Message) -> None:
            pass

        for path in ("/", "/404/"):
            scope = {
                "type": "http",
                "method": "GET",
                "scheme": "https" if settings.HTTPS else "http",
                "path": path,
                "query_string": b"",
                "headers": [(b"host", host.encode())],
            }
            await self.django(scope, receive, send)


async def refuse(send: Send, status: int, text: bytes) -> None:
    """Answer without reading on, and without anything that may not be there."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if status == 503:
        headers += [(b"retry-after", b"5"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def with_close(send: Send) -> Send:
    """Return a send that asks the client to end the connection."""

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return closing


def without_body(send: Send) -> Send:
    """Return a send that drops bodies: gunicorn warns of each that answers a HEAD."""

    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headers_only


with told_plainly(status=3):
    load_all()
# Where the file has been broken since the start, another worker tries again, and the rest serve on.
with told_plainly(status=1):
    served.book()
application = Portal()
