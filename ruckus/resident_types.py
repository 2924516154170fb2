"""What the API says, in our words: the vendor's spellings stop here.

Null and absent mean the same. A value of a wrong type is None, an odd device or user is left out, and the list says so:
only a body that is no JSON object, or a sign-in without a token, is an `UnreadableBody`. Secrets stay out of every repr.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

import msgspec

T = TypeVar("T")

MAX_TEXT = 10_000
"""Characters kept of any text that can be written back; nobody says how long they may be."""

MAX_PROSE = 5_000
"""Characters of announcements and of help."""

MAX_LINE = 255
"""Characters of names, addresses and the like that are only shown."""

MAX_TITLE = 52
"""Characters of a title, a subtitle and the text at the door."""

MAX_SSIDS = 16
MAX_SSID_BYTES = 32
MAX_USERS = 2_000
MAX_DEVICES = 1_000

MAX_CONTAINERS = 50_000
MAX_VALUES = 150_000
"""Lists and objects, and values in them, of a body that is decoded: more would hold up everybody for too long."""

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TOKEN = re.compile(r"(?:Bearer )?[\x21-\x7e]{1,32000}")
_PASSPHRASE = re.compile(r"[\x20-\x7e]{1,255}")
# Control characters but for tab and line breaks, and halves of surrogate pairs: neither can be
# rendered, and the latter cannot even be encoded.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class BadId(ValueError):
    """Not an id: it would not stay in its place in a path. The message does not repeat it."""


class UnreadableBody(ValueError):
    """The body is not what the operation promises."""


def check_id(value: str) -> str:
    """Return the id, as it came. Raise BadId unless it is 1 to 64 of `A-Z a-z 0-9 . _ : -`, and not `.` or `..`."""
    if not isinstance(value, str) or not _ID.fullmatch(value) or value in (".", ".."):
        raise BadId("not an id")
    return value


class Listed(tuple[T, ...]):
    """What could be read of a list. It is `complete` unless some of it, or all, is known to be missing."""

    complete: bool

    def __new__(cls, items: Iterable[T] = (), *, complete: bool = True) -> Self:
        listed = super().__new__(cls, items)
        listed.complete = complete
        return listed


class Login(msgspec.Struct, frozen=True):
    unit_id: str
    token: str
    expires_at: datetime | None = None
    server_version: str | None = None

    def __repr__(self) -> str:
        return f"Login(expires_at={self.expires_at!r})"


class Access(msgspec.Struct, frozen=True):
    login_text: str | None = None
    portal_allowed: bool | None = None


class Property(msgspec.Struct, frozen=True):
    name: str | None = None
    address: str | None = None
    description: str | None = None
    management_name: str | None = None
    management_phone: str | None = None
    management_email: str | None = None
    help_text: str | None = None
    announcements: str | None = None
    allow_separate_guest_secret: bool | None = None
    send_email: bool | None = None
    send_sms: bool | None = None
    ssids: tuple[str, ...] = ()


class UiConfiguration(msgspec.Struct, frozen=True):
    api_allowed: bool | None = None
    portal_allowed: bool | None = None
    tenant_set_dpsk: bool | None = None
    title: str | None = None
    subtitle: str | None = None
    announcements: str | None = None
    help_text: str | None = None
    login_text: str | None = None
    main_color: str | None = None
    accent_color: str | None = None
    separator_color: str | None = None
    text_color: str | None = None
    logo_file_name: str | None = None
    icon_file_name: str | None = None


class Contact(msgspec.Struct, frozen=True):
    """`raw` has what came of those fields that cannot be rendered as they are: see `_as_it_came`."""

    name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    raw: dict[str, str] = {}


class Unit(msgspec.Struct, frozen=True):
    """The home. Its `secret` and `guestSecret` are never decoded: passphrases come from the unit users.

    `number` is "" where none could be read.
    """

    id: str | None = None
    number: str = ""
    description: str | None = None
    contact: Contact = Contact()
    status: str | None = None
    raw: dict[str, str] = {}


class UnitUser(msgspec.Struct, frozen=True):
    """An identity: `type` is UNIT, GUEST or LINKED (or new to us), `status` ACTIVE or BLOCKED (or new to us).

    `raw` is like that of a contact.

    `odd_passphrase` is True where there is a passphrase that cannot be shown as it is; `passphrase` is None then.
    """

    id: str
    name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    passphrase: str | None = None
    status: str | None = None
    type: str | None = None
    raw: dict[str, str] = {}
    odd_passphrase: bool = False

    def __repr__(self) -> str:
        return f"UnitUser(status={self.status!r}, type={self.type!r})"

    @property
    def is_blocked(self) -> bool:
        return self.status == "BLOCKED"


class UserPage(msgspec.Struct, frozen=True):
    users: Listed[UnitUser] = Listed()
    total_users: int | None = None
    total_pages: int | None = None
    last: bool | None = None


class Device(msgspec.Struct, frozen=True):
    """`last_connected` is aware and in UTC; `auth_type` is DPSK or MACREG (or new to us)."""

    id: str | None = None
    mac_address: str | None = None
    type: str | None = None
    last_connected: datetime | None = None
    auth_type: str | None = None


class Written(msgspec.Struct, frozen=True):
    """A write was taken. `accepted` is True for 202: it takes effect later, and only reading again tells when."""

    accepted: bool = False


def read_object(body: bytes) -> dict[str, Any]:
    """Return the body's JSON object. Raise UnreadableBody for anything else, and for what takes long to decode."""
    if body.count(b"[") + body.count(b"{") > MAX_CONTAINERS or body.count(b",") > MAX_VALUES:
        raise UnreadableBody("too many values")
    try:
        try:
            value = msgspec.json.decode(body)
        except msgspec.DecodeError:
            # The standard library also takes a byte order mark, NaN and half a surrogate pair.
            value = json.loads(body.decode("utf-8-sig"), parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        raise UnreadableBody("no JSON") from None
    if not isinstance(value, dict):
        raise UnreadableBody("no JSON object")
    return value


def text(value: object, most: int = MAX_TEXT) -> str | None:
    """Return the first `most` characters of the text without what cannot be rendered, or None."""
    if not isinstance(value, str):
        return None
    return _UNFIT.sub("", value[:most])


def _line(value: object) -> str | None:
    return text(value, MAX_LINE)


def _title(value: object) -> str | None:
    return text(value, MAX_TITLE)


def _prose(value: object) -> str | None:
    return text(value, MAX_PROSE)


def _ssids(value: object) -> tuple[str, ...]:
    """Return the names that networks can have, each once."""
    names = value[:MAX_VALUES] if isinstance(value, list) else ()
    fit = (name for item in names if (name := _line(item)) and len(name.encode()) <= MAX_SSID_BYTES)
    return tuple(dict.fromkeys(fit))[:MAX_SSIDS]


def _raw(data: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """Return the texts that `text` alters, as they came, by our names."""
    found = {ours: data.get(theirs) for ours, theirs in names.items()}
    return {
        ours: value
        for ours, value in found.items()
        if isinstance(value, str) and text(value) != value
    }


def _as_it_came(name: str, value: str | None, raw: dict[str, str]) -> str | None:
    """Return the value to write: one that is still what was read goes back exactly as it came."""
    came = raw.get(name)
    return came if came is not None and text(came) == value else value


def flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """Return the date-time in UTC, which is also meant when no zone is written, or None."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # Years outside of these overflow later, when somebody shows them in another zone.
    return when if 1 < when.year < 9999 else None


def _whole(value: object, pattern: re.Pattern[str]) -> str | None:
    """Return the text exactly as it came, or None: an altered passphrase or token would be a wrong one."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _named(value: object) -> object:
    """Return the value, an id that is written as a number being a text like any other."""
    return str(value) if type(value) is int else value


def _id(value: object) -> str | None:
    value = _named(value)
    try:
        return check_id(value) if isinstance(value, str) else None
    except BadId:
        return None


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _each(
    value: object, read: Callable[[dict[str, Any]], T | None], most: int = MAX_USERS
) -> Listed[T]:
    """Return what `read` makes of each object in the list, up to `most`; what is none, or makes no sense, is left out."""
    items = value if isinstance(value, list) else ()
    found = [read(item) if isinstance(item, dict) else None for item in items[:most]]
    complete = isinstance(value, list) and len(items) <= most and None not in found
    return Listed((item for item in found if item is not None), complete=complete)


def read_login(body: bytes) -> Login:
    data = read_object(body)
    token = _whole(data.get("token"), _TOKEN)
    if token is None:
        raise UnreadableBody("no token")
    return Login(
        unit_id=text(_named(data.get("unitGuid"))) or "",
        token=token,
        expires_at=moment(data.get("expireDateTime")),
        server_version=text(data.get("serverVersion")),
    )


def read_access(body: bytes) -> Access:
    data = read_object(body)
    return Access(
        login_text=_title(data.get("loginText")),
        portal_allowed=flag(data.get("portalAllowed")),
    )


def read_property(body: bytes) -> Property:
    data = read_object(body)
    return Property(
        name=_line(data.get("name")),
        address=_line(data.get("address")),
        description=_line(data.get("description")),
        management_name=_line(data.get("managementName")),
        management_phone=_line(data.get("managementPhone")),
        management_email=_line(data.get("managementEmail")),
        help_text=_prose(data.get("tenantPortalHelpText")),
        announcements=_prose(data.get("tenantPortalAnnouncements")),
        allow_separate_guest_secret=flag(data.get("allowSeparateGuestSecret")),
        send_email=flag(data.get("sendEmail")),
        send_sms=flag(data.get("sendSms")),
        ssids=_ssids(data.get("ssids")),
    )


def read_ui_configuration(body: bytes) -> UiConfiguration:
    data = read_object(body)
    return UiConfiguration(
        api_allowed=flag(data.get("apiAllowed")),
        portal_allowed=flag(data.get("portalAllowed")),
        tenant_set_dpsk=flag(data.get("tenantSetDpsk")),
        title=_title(data.get("tenantTitle")),
        subtitle=_title(data.get("tenantSubtitle")),
        announcements=_prose(data.get("announcements")),
        help_text=_prose(data.get("helpText")),
        login_text=_title(data.get("loginText")),
        main_color=_line(data.get("mainColor")),
        accent_color=_line(data.get("accentColor")),
        separator_color=_line(data.get("separatorColor")),
        text_color=_line(data.get("textColor")),
        logo_file_name=_line(data.get("logoFileName")),
        icon_file_name=_line(data.get("iconFileName")),
    )


_CONTACT = {"name": "contactName", "email": "email", "phone_number": "phoneNumber"}
_USER = {"name": "userName", "email": "email", "phone_number": "phoneNumber"}


def read_unit(body: bytes) -> Unit:
    data = read_object(body)
    contact = data.get("contact")
    if not isinstance(contact, dict):
        contact = {}
    return Unit(
        id=_id(data.get("guid")),
        number=text(data.get("number")) or "",
        description=text(data.get("description")),
        contact=Contact(
            name=text(contact.get("contactName")),
            email=text(contact.get("email")),
            phone_number=text(contact.get("phoneNumber")),
            raw=_raw(contact, _CONTACT),
        ),
        status=text(data.get("status")),
        raw=_raw(data, {"number": "number"}),
    )


def write_unit(number: str, contact: Contact) -> dict[str, Any]:
    """Return the body of a contact edit: the number and the whole contact, and nothing that could change anything else."""
    written = {
        theirs: _as_it_came(ours, getattr(contact, ours), contact.raw)
        for ours, theirs in _CONTACT.items()
    }
    return {
        "number": number,
        "contact": {name: value for name, value in written.items() if value is not None},
    }


def _unit_user(data: dict[str, Any]) -> UnitUser:
    passphrase = _whole(data.get("passphrase"), _PASSPHRASE)
    return UnitUser(
        id=_id(data.get("userId")) or "",
        name=text(data.get("userName")),
        email=text(data.get("email")),
        phone_number=text(data.get("phoneNumber")),
        passphrase=passphrase,
        status=text(data.get("status")),
        type=text(data.get("type")),
        raw=_raw(data, _USER),
        odd_passphrase=passphrase is None and data.get("passphrase") not in (None, ""),
    )


def read_unit_user(body: bytes) -> UnitUser:
    """Return the user; `id` is "" where the body names none."""
    return _unit_user(read_object(body))


def _listed_user(data: dict[str, Any]) -> UnitUser | None:
    """Return the user, or None without an id: nothing could be done with it."""
    user = _unit_user(data)
    return user if user.id else None


def write_unit_user(user: UnitUser) -> dict[str, Any]:
    """Return the body that replaces a unit user: all of it, without what is None. A passphrase of "" asks for a new one."""
    written = {
        "userId": user.id,
        **{
            theirs: _as_it_came(ours, getattr(user, ours), user.raw)
            for ours, theirs in _USER.items()
        },
        "passphrase": user.passphrase,
        "status": user.status,
        "type": user.type,
    }
    return {name: value for name, value in written.items() if value is not None}


def read_user_page(body: bytes) -> UserPage:
    data = read_object(body)
    return UserPage(
        users=_each(data.get("content"), _listed_user),
        total_users=_count(data.get("totalElements")),
        total_pages=_count(data.get("totalPages")),
        last=flag(data.get("last")),
    )


def _device(data: dict[str, Any]) -> Device | None:
    device = Device(
        id=_id(data.get("guid")),
        mac_address=_line(data.get("macAddress")) or None,
        type=_line(data.get("type")),
        last_connected=moment(data.get("lastConnectedDate")),
        auth_type=_line(data.get("authType")),
    )
    return device if device.id or device.mac_address else None


def read_devices(body: bytes) -> Listed[Device]:
    """Return the devices. A body without a list of them, even an empty one, says nothing of how many there are."""
    return _each(read_object(body).get("contents"), _device, MAX_DEVICES)


def read_errors(body: bytes) -> tuple[str, ...]:
    """Return the vendor's sentences in an error body, at most 20; nothing if there are none to read."""
    try:
        data = read_object(body)
    except UnreadableBody:
        return ()
    validation = data.get("validationErrors")
    found = [data.get("message"), *(validation if isinstance(validation, list) else ())]
    found += _each(data.get("errors"), lambda error: error.get("message"))
    return tuple(sentence for item in found if (sentence := text(item)))[:20]


_TRACE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def read_trace(body: bytes) -> dict[str, str]:
    """Return what of an error body may be logged: the vendor's request id and its error codes, if any."""
    try:
        data = read_object(body)
    except UnreadableBody:
        return {}
    codes = _each(data.get("errors"), lambda error: _whole(error.get("code"), _TRACE))
    found = {
        "vendor_request_id": _whole(data.get("requestId"), _TRACE),
        "vendor_codes": " ".join(codes[:5]),
    }
    return {name: value for name, value in found.items() if value}
