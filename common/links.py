"""The links that open a home's portal."""

from urllib.parse import quote, urlsplit

from common.languages import PARAMETER
from common.property.ids import served_property

MOST = 512


def in_language(url: str, language: str) -> str:
    """Return a fragment form that opens the portal in a language, whatever the browser's is."""
    start, secret = url.split("#", 1)
    return f"{start}?{PARAMETER}={language}#{secret}"


def portal_links(base_url: str, property_id: str, code: str) -> tuple[str, str]:
    """Return the path form and the fragment form, whose code never reaches a server's log.

    Raise ValueError that says what is wrong with an argument, without repeating the code.
    """
    base = urlsplit(base_url)
    # The portal serves a host of its own: below a path its static files would not be found.
    more = base.path.strip("/") or base.query or base.fragment
    if base.scheme not in ("http", "https") or not base.netloc or more:
        raise ValueError("the base URL must be like https://wifi.example.org")
    if not code or len(code) > MOST:
        raise ValueError(f"the access code must have 1 to {MOST} characters")
    start = f"{base_url.rstrip('/')}/p/{quote(served_property(property_id), safe='')}/"
    secret = quote(code, safe="")
    return f"{start}{secret}/", f"{start}#{secret}"
