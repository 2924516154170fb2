"""The links that the management API gives for a unit, in shapes that are known or feared."""

from collections.abc import Callable
from typing import Literal
from urllib.parse import quote

from sandbox.seeds import Unit

Shape = Literal["auth", "fragment", "whole", "secret"]

PAGE = "https://residents.example.com/portal/"


def _once(text: str) -> str:
    return quote(text, safe="")


def _auth(unit: Unit) -> str:
    """Return the access code as a parameter, percent-encoded twice: the one that is known."""
    return f"{PAGE}?auth={_once(_once(unit.access_code))}"


def _fragment(unit: Unit) -> str:
    """Return the same behind a number sign, where pages that are programs have it."""
    return f"{PAGE}#/welcome?auth={_once(_once(unit.access_code))}"


def _whole(unit: Unit) -> str:
    """Return the known one, percent-encoded as a whole."""
    return _once(_auth(unit))


def _secret(unit: Unit) -> str:
    """Another name, encoded once, at another host, beside the ids of property and unit."""
    ids = f"property={unit.property_id}&unit={unit.guid}"
    return f"https://homes.example.net/open?{ids}&secret={_once(unit.access_code)}"


_SHAPES: dict[Shape, Callable[[Unit], str]] = {
    "auth": _auth,
    "fragment": _fragment,
    "whole": _whole,
    "secret": _secret,
}


def link(unit: Unit, shape: Shape) -> str:
    """Return the link that opens the unit."""
    return _SHAPES[shape](unit)
