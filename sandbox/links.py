"""The demo links: one for each made-up resident, in our shape and in RUCKUS' own."""

from urllib.parse import quote

from sandbox import seeds
from sandbox.seeds import Home

VENDOR_PAGE = "https://residents.example.com/portal/"


def links(base_url: str) -> list[tuple[str, str]]:
    """Return pairs of a resident's name with what the home shows, and the link that opens it."""
    base = base_url.rstrip("/")
    return [
        (_label(home), f"{base}/p/{home.property_id}/{quote(home.secret, safe='')}/")
        for home in seeds.homes()
    ]


def vendor_links() -> list[tuple[str, str]]:
    """Return pairs of a resident's name with what the home shows, and RUCKUS' own link."""
    return [(_label(home), vendor_link(home)) for home in seeds.homes()]


def vendor_link(home: Home, page: str = VENDOR_PAGE) -> str:
    """RUCKUS' own link to the home: the access code percent-encoded twice.

    Which host and path the vendor uses is not known: `page` stands for both.
    """
    return f"{page}?auth={quote(quote(home.secret, safe=''), safe='')}"


def _label(home: Home) -> str:
    return f"{home.name} ({home.shows})"
