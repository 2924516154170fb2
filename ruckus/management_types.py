"""What the Property Management API says, in our words.

Null and absent mean the same, unknown fields and values pass, and what has no id is left out. The
passphrases that a unit may come with are never decoded, and its link stays out of every repr.
"""

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from .resident_types import MAX_LINE, BadId, UnreadableBody, check_id, flag, read_object, text

T = TypeVar("T")

LONGEST_HREF = 4096

_TOKEN = re.compile(r"[\x21-\x7e]{1,32000}")


class AccessToken(msgspec.Struct, frozen=True):
    """What opens the API for an account. `expires_in` is in seconds, None if the vendor does not say."""

    value: str
    expires_in: int | None = None

    def __repr__(self) -> str:
        return f"AccessToken(expires_in={self.expires_in!r})"


class ManagedProperty(msgspec.Struct, frozen=True):
    """A venue that is run as a property. `status` is ENABLED or DISABLED (or new to us)."""

    venue_id: str
    name: str | None = None
    status: str | None = None
    api_allowed: bool | None = None
    portal_allowed: bool | None = None


class UnitResident(msgspec.Struct, frozen=True):
    """Whom the unit belongs to, as far as anybody wrote it down."""

    name: str | None = None
    email: str | None = None
    phone_number: str | None = None

    def __repr__(self) -> str:
        return "UnitResident()"


class ManagedUnit(msgspec.Struct, frozen=True):
    """A unit as staff see it: `status` is ENABLED or DISABLED, `category` UNIT or CONFERENCEROOM (or new to us).

    `href` is the link to the vendor's own portal, which opens the home.
    """

    id: str
    name: str = ""
    status: str | None = None
    category: str | None = None
    type: str | None = None
    resident: UnitResident = UnitResident()
    identity_count: int | None = None
    href: str | None = None

    def __repr__(self) -> str:
        return f"ManagedUnit(id={self.id!r}, status={self.status!r})"

    @property
    def is_suspended(self) -> bool:
        return self.status == "DISABLED"


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page, by ids. `number` is as the vendor counts, `total` the number of all items on all pages.

    `size` counts what came, what could not be read included.
    """

    items: dict[str, T]
    size: int = 0
    number: int | None = None
    total: int | None = None
    last: bool | None = None


class Change(msgspec.Struct, frozen=True):
    """A change was taken. `accepted` is True for 202: it takes effect later, and `request_id` is what to ask for it."""

    accepted: bool = False
    request_id: str | None = None


class Activity(msgspec.Struct, frozen=True):
    """A change under way. `status` is SUCCESS or FAIL once it has ended."""

    status: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.status == "SUCCESS"

    @property
    def failed(self) -> bool:
        return self.status == "FAIL"


def _id(value: object) -> str:
    """Return the id, or "" where it is none."""
    try:
        return check_id(value) if isinstance(value, str) else ""
    except BadId:
        return ""


def _line(value: object) -> str | None:
    return text(value, MAX_LINE)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def read_token(body: bytes) -> AccessToken:
    data = read_object(body)
    value = data.get("access_token")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise UnreadableBody("no access token")
    return AccessToken(value, _count(data.get("expires_in")) or None)


def read_property(body: bytes) -> ManagedProperty:
    """Return the property; `venue_id` is "" where the body names none."""
    return _property(read_object(body))


def _property(data: dict[str, Any]) -> ManagedProperty:
    config = _object(data.get("unitConfig"))
    return ManagedProperty(
        venue_id=_id(data.get("venueId")),
        name=_line(data.get("venueName")),
        status=_line(data.get("status")),
        api_allowed=flag(config.get("residentApiAllowed")),
        portal_allowed=flag(config.get("residentPortalAllowed")),
    )


def read_unit(body: bytes) -> ManagedUnit:
    """Return the unit; `id` is "" where the body names none."""
    return _unit(read_object(body))


def _unit(data: dict[str, Any]) -> ManagedUnit:
    portal = _object(_object(data.get("_links")).get("residentPortal"))
    return ManagedUnit(
        id=_id(data.get("id")),
        name=_line(data.get("name")) or "",
        status=_line(data.get("status")),
        category=_line(data.get("category")),
        type=_line(data.get("type")),
        resident=_resident(_object(data.get("resident"))),
        identity_count=_count(data.get("identityCount")),
        href=_href(portal.get("href")),
    )


def _resident(data: dict[str, Any]) -> UnitResident:
    return UnitResident(
        name=_line(data.get("name")),
        email=_line(data.get("email")),
        phone_number=_line(data.get("phoneNumber")),
    )


def _href(value: object) -> str | None:
    """Return the link exactly as it came: an altered one would open nothing."""
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_HREF else None


def read_properties(body: bytes) -> Page[ManagedProperty]:
    return _page(body, _property, lambda found: found.venue_id)


def read_units(body: bytes) -> Page[ManagedUnit]:
    return _page(body, _unit, lambda found: found.id)


def _page(body: bytes, read: Callable[[dict[str, Any]], T], key: Callable[[T], str]) -> Page[T]:
    data = read_object(body)
    content = data.get("content")
    listed = content if isinstance(content, list) else []
    found = (read(item) for item in listed if isinstance(item, dict))
    return Page(
        items={key(item): item for item in found if key(item)},
        size=len(listed),
        number=_count(data.get("number")),
        total=_count(data.get("totalElements")),
        last=flag(data.get("last")),
    )


def read_request_id(body: bytes) -> str | None:
    """Return the id under which a change can be asked for, if the body names one."""
    try:
        return _id(read_object(body).get("requestId")) or None
    except UnreadableBody:
        return None


def read_activity(body: bytes) -> Activity:
    return Activity(_line(read_object(body).get("status")))
