"""What Prometheus asks for, on a port of its own or with a token: figures are for nobody else."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from common import metrics

PATH = "/metrics"
TEXT = b"text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Serves /metrics, and on the port of its own nothing else."""

    async def __call__(
        self,
        scope: Mapping[str, Any],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> bool:
        """Return False, with nothing sent, when the request is for the portal's pages."""
        port = settings.METRICS_PORT
        # Where the connection was accepted, which no header and no proxy changes.
        of_metrics = bool(port) and bool(scope.get("server")) and scope["server"][1] == port
        asked = scope["path"] == PATH
        if not of_metrics and not (asked and metrics.ON and not port):
            return False
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
        if not asked:
            status, body = 404, b"Only /metrics is here.\n"
        elif scope["method"] not in ("GET", "HEAD"):
            status, body = 405, b"GET or HEAD\n"
        elif not _may_read(scope["headers"]):
            status, body = 401, b"The token is missing or wrong.\n"
            headers.append((b"www-authenticate", b"Bearer"))
        else:
            # Other requests go on while the files of all workers are read.
            status, body = 200, await asyncio.to_thread(metrics.exposition)
            headers[0] = (b"content-type", TEXT)
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return True


def _may_read(headers: list[tuple[bytes, bytes]]) -> bool:
    if not settings.METRICS_TOKEN:
        return True
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    sent = dict(headers).get(b"authorization", b"")
    return hmac.compare_digest(sent, expected)
