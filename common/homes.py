"""A home, and the client that speaks for it."""

from dataclasses import dataclass, field

from common.keys import digest
from common.property.ids import bare_id
from common.upstream import resident_api
from ruckus.authorization import UnitToken
from ruckus.resident import ResidentApi


@dataclass(frozen=True)
class Home:
    """The home that a browser is signed in to."""

    property_id: str
    unit_id: str
    # A keyed hash of the two: it says which home a form belongs to without naming it.
    mark: str
    token: UnitToken = field(repr=False)
    # A keyed hash of the home and the access code; empty in a session from before there was one.
    link: str = ""

    def api(self) -> ResidentApi:
        """Return a client for this home, with a whole deadline before it."""
        return resident_api(self.property_id, self.token)


def home_mark(property_id: str, unit_id: str) -> str:
    """Return a home's keyed hash, which is the same however its ids were spelled in the link."""
    return digest("home", bare_id(property_id), bare_id(unit_id))


def link_mark(home: str, code: str) -> str:
    """Return the keyed hash of a home, given its own, and the access code that opened it.

    What residents leave here lies under it: whoever moves in with a new code starts empty.
    """
    return digest("names", home, code)
