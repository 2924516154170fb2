"""The access code of a unit: read from the link that the vendor gives for it, and proved by a sign-in.

Nobody knows for certain what the vendor's links look like. So what may be the code is tried, and
what worked is the first guess for the next unit of the account.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from .errors import NotSignedIn, Rejected
from .links import FoundLink, decoded, find_vendor_href
from .management import ManagementApi
from .management_types import ManagedUnit
from .resident_types import Login

MOST_SIGN_INS = 3
"""Sign-ins to find out about one unit."""

SignIn = Callable[[str, str], Awaitable[Login]]
"""Signs in to a property with an access code, and raises ApiError as residentLogin does."""


@dataclass(frozen=True)
class LinkShape:
    """Where the access code is in the links of an account. It holds no secret, so it may be kept.

    `decodings` are the numbers of percent-decodings that fit all links which were proved.
    """

    host: str
    parameter: str
    decodings: frozenset[int]


@dataclass(frozen=True)
class UnitLink:
    """What is known of a unit's link. Without a `code`, it has none that can be read, or was refused.

    `property_id` is the venue's as residents' links name it, "" if it cannot be one. `proved` says that
    the code signs in, `refused` that none of the candidates does, `guessed` that the code was in a
    parameter of which nothing is known. `other_property_id` is in the link beside what is expected there,
    `other_unit_id` is the unit that the sign-in opened where it is not this one: both are for people to
    look at.
    """

    unit_id: str
    property_id: str
    code: str | None = field(default=None, repr=False)
    proved: bool = False
    refused: bool = False
    guessed: bool = False
    other_property_id: str | None = None
    other_unit_id: str | None = None
    sign_ins: int = 0


class UnitLinks:
    """Finds the links of an account's units. `shape` is what worked for it so far, to be kept for the next time."""

    def __init__(self, api: ManagementApi, sign_in: SignIn, shape: LinkShape | None = None) -> None:
        self._api = api
        self._sign_in = sign_in
        self.shape = shape

    async def find(self, venue_id: str, unit: ManagedUnit) -> UnitLink:
        """Return the likeliest code without a sign-in. Raise ApiError if the unit cannot be read."""
        found = await self._read(venue_id, unit)
        codes = self._candidates(found)
        return replace(_unproved(unit, found), code=codes[0] if codes else None)

    async def prove(self, venue_id: str, unit: ManagedUnit) -> UnitLink:
        """Return the code that signs in, if any of at most three does.

        Raise ApiError if the unit cannot be read, or a sign-in is neither taken nor refused: too many
        calls (TooBusy) among them.
        """
        found = await self._read(venue_id, unit)
        link = await self._try(unit, found, self._candidates(found))
        if link.code is None and unit.href and link.sign_ins < MOST_SIGN_INS:
            # The link of a list may be an old one.
            again = await self._read(venue_id, ManagedUnit(id=unit.id))
            fresh = [code for code in self._candidates(again) if code not in found.codes]
            if fresh:
                return await self._try(unit, again, fresh, link.sign_ins)
        return link

    async def _read(self, venue_id: str, unit: ManagedUnit) -> FoundLink:
        if not unit.href:
            unit = await self._api.fetch_unit(venue_id, unit.id)
        return find_vendor_href(unit.href, property_id=venue_id, unit_id=unit.id)

    def _candidates(self, found: FoundLink) -> list[str]:
        """Return what may be the code, the likeliest first."""
        if found.property_id is None:
            return []
        shape = self.shape
        codes = list(found.codes)
        if shape and (shape.host, shape.parameter) == (found.host, found.parameter):
            # Where several numbers fit so far, the known one, two, goes first.
            numbers = sorted(shape.decodings, key=lambda number: abs(number - 2))
            known = [decoded(found.raw, number) for number in numbers]
            codes = [code for code in known if code in codes] + codes
        return list(dict.fromkeys(codes))

    async def _try(
        self, unit: ManagedUnit, found: FoundLink, codes: list[str], sign_ins: int = 0
    ) -> UnitLink:
        link = _unproved(unit, found)
        for code in codes[: MOST_SIGN_INS - sign_ins]:
            sign_ins += 1
            try:
                login = await self._sign_in(link.property_id, code)
            except (NotSignedIn, Rejected):
                continue
            self._learn(found, code)
            other = None if same_id(login.unit_id, unit.id) else login.unit_id
            return replace(link, code=code, proved=True, other_unit_id=other, sign_ins=sign_ins)
        return replace(link, refused=sign_ins > 0, sign_ins=sign_ins)

    def _learn(self, found: FoundLink, code: str) -> None:
        fits = frozenset(n for n in range(4) if decoded(found.raw, n) == code)
        known = self.shape
        if known and (known.host, known.parameter) == (found.host, found.parameter):
            fits = known.decodings & fits or fits
        self.shape = LinkShape(found.host, found.parameter, fits)


def _unproved(unit: ManagedUnit, found: FoundLink) -> UnitLink:
    return UnitLink(
        unit.id,
        found.property_id or "",
        guessed=found.guessed,
        other_property_id=found.other_property_id,
    )


def same_id(one: str, other: str) -> bool:
    """Return whether both are the same id. One that is not told is not another."""
    return not one or one.replace("-", "").lower() == other.replace("-", "").lower()
