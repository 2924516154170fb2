"""What machines ask for: whether this process serves, and that search engines stay out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.readiness import Readiness

LIVE, READY = "/livez", "/readyz"


class Probes:
    """Answers that no host name, redirect, session or bound stands before, asked within a network."""

    def __init__(self, readiness: Readiness) -> None:
        self.readiness = readiness

    async def __call__(
        self,
        scope: Mapping[str, Any],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> bool:
        """Return False, with nothing sent, when the path is no probe's."""
        if scope["path"] not in (LIVE, READY):
            return False
        status, text = 200, "ok"
        if scope["method"] not in ("GET", "HEAD"):
            status, text = 405, "GET or HEAD"
        elif scope["path"] == READY:
            # Whether RUCKUS One answers is no reason: another process would ask the same.
            problems = await self.readiness.problems()
            status, text = (
                (503, f"not ready: {', '.join(problems)}") if problems else (200, "ready")
            )
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": f"{text}\n".encode()})
        return True


@require_safe
async def health(request: HttpRequest) -> HttpResponse:
    """Return that this worker serves, without asking anybody else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
async def robots(request: HttpRequest) -> HttpResponse:
    """Return that search engines are to stay out: links hold secrets."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")
