"""Static files, served before Django sees the request.

WhiteNoise has no async middleware: inside Django's chain it would send every request through a
thread. Its table of files and its conditional and range answers are used as they are; they are not
documented for this use, so the version is pinned and tests/portal/test_static.py asks for each kind
of answer.
"""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise import WhiteNoise

# The names that ManifestStaticFilesStorage gives: their content never changes.
HASHED = r"^.+\.[0-9a-f]{12}\..+$"
ASKED = {
    b"accept-encoding": "HTTP_ACCEPT_ENCODING",
    b"if-none-match": "HTTP_IF_NONE_MATCH",
    b"if-modified-since": "HTTP_IF_MODIFIED_SINCE",
    b"range": "HTTP_RANGE",
}


def add_headers(headers: Any, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # For who opens a file by itself: a drawing, above all, could hold a script.
    headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    if settings.SECURE_HSTS_SECONDS:
        hsts = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
        headers["Strict-Transport-Security"] = hsts


class StaticFiles:
    """Answer requests for collected static files."""

    def __init__(self, root: Path, prefix: str) -> None:
        self.prefix = prefix
        self.files = WhiteNoise(
            None,
            root=str(root) if root.is_dir() else None,
            prefix=prefix,
            immutable_file_test=HASHED,
            allow_all_origins=False,
            add_headers_function=add_headers,
        ).files
        # The list of all files is for the portal alone.
        self.files.pop(f"{prefix}staticfiles.json", None)

    async def __call__(
        self,
        scope: Mapping[str, Any],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> bool:
        """Return False, with nothing sent, when the path is no static file."""
        file = self.files.get(scope["path"])
        if file is None:
            return False
        asked = {ASKED[k]: v.decode("latin-1") for k, v in scope["headers"] if k in ASKED}
        response = file.get_response(scope["method"], asked)
        headers = [(k.lower().encode(), v.encode()) for k, v in response.headers]
        start = {
            "type": "http.response.start",
            "status": int(response.status),
            "headers": headers,
        }
        await send(start)
        body = b""
        if response.file is not None:
            # The files are a few kilobytes: reading one is quicker than a thread.
            with response.file:
                body = response.file.read()
        await send({"type": "http.response.body", "body": body})
        return True
