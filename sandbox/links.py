"""The demo links: one for each made-up resident."""

from urllib.parse import quote

from sandbox import seeds


def links(base_url: str) -> list[tuple[str, str]]:
    """Pairs of a resident's name with what the home shows, and the link that opens it."""
    base = base_url.rstrip("/")
    return [
        (
            f"{home.name} ({home.shows})",
            f"{base}/p/{home.property_id}/{quote(home.secret, safe='')}/",
        )
        for home in seeds.homes()
    ]
