"""What a property, a unit and its identities are set to in RUCKUS One, as a signed-in resident sees it."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from ruckus.errors import ApiError, NotFound
from ruckus.resident import ResidentApi
from ruckus.resident_types import Property, UiConfiguration, Unit, UnitUser

from .failures import advice_on
from .finding import Finding, ok, to_do, unknown
from .region import WAIT

T = TypeVar("T")

PORTAL = "Resident Portal"
PROFILE = "Portal profile"
PROPERTY = "Property"
NETWORKS = "Networks"
PASSPHRASES = "Passphrases"
MESSAGES = "Messages"
UNIT = "Unit"
IDENTITIES = "Identities"
SETTINGS = "In RUCKUS One, open Venues, the venue, Property Management, then its settings."
LOOK_FIRST = (
    "Look before you save: RUCKUS One may ask you to delete all units first, and then everybody gets a new "
    "passphrase. Where people already live, leave it as it is and ask RUCKUS support."
)
USE_YOUR_OWN = f"{SETTINGS} Under Resident Portal, choose Use Your Own Portal. {LOOK_FIRST}"
UNITS = "In RUCKUS One, open Venues, the venue, Property Management, Units, then the unit."


async def check_home(api: ResidentApi) -> list[Finding]:
    """Return what four reads with the token of a unit show."""
    ui, details, unit, users = await asyncio.gather(
        _result(api.fetch_ui_configuration()),
        _result(api.fetch_property()),
        _result(api.fetch_unit()),
        _result(api.fetch_unit_users()),
    )
    profile = None if isinstance(ui, NotFound) else ui
    return [
        *([_unread(PORTAL, profile)] if isinstance(profile, ApiError) else check_profile(profile)),
        *(
            [_unread(PROPERTY, details)]
            if isinstance(details, ApiError)
            else check_property(details)
        ),
        _unread(UNIT, unit) if isinstance(unit, ApiError) else check_unit(unit),
        _unread(IDENTITIES, users) if isinstance(users, ApiError) else check_identities(users),
    ]


async def _result(call: Awaitable[T]) -> T | ApiError:
    try:
        return await call
    except ApiError as error:
        return error


def _unread(about: str, error: ApiError) -> Finding:
    what = f"RUCKUS One would not show it ({error.reason})."
    if error.status == 403:
        return unknown(about, what, "See Resident Portal above.")
    return unknown(about, what, advice_on(error) or WAIT)


def check_profile(ui: UiConfiguration | None) -> list[Finding]:
    """Return what the UI configuration says; there may be none."""
    return [
        _portal(ui or UiConfiguration()),
        _profile(ui),
        _own_passphrases(ui or UiConfiguration()),
    ]


def _portal(ui: UiConfiguration) -> Finding:
    if ui.api_allowed is False:
        return to_do(
            PORTAL,
            "RUCKUS One does not let this portal serve the property, so residents can't use it.",
            USE_YOUR_OWN,
        )
    if ui.portal_allowed:
        return to_do(
            PORTAL,
            "The property is set to Use RUCKUS Portal, so residents may get links to two portals.",
            USE_YOUR_OWN,
        )
    if ui.api_allowed and ui.portal_allowed is False:
        return ok(PORTAL, "Use Your Own Portal is on.")
    return ok(PORTAL, "RUCKUS One does not say which setting is on, and keeps nobody out.")


def _profile(ui: UiConfiguration | None) -> Finding:
    if ui is None or ui == UiConfiguration():
        return ok(
            PROFILE,
            "There is none, which is normal with Use Your Own Portal. Pages have no logo and no colors of the property.",
        )
    return ok(PROFILE, "Pages take their texts, logo and colors from it.")


def _own_passphrases(ui: UiConfiguration) -> Finding:
    if ui.tenant_set_dpsk:
        return ok(PASSPHRASES, "Residents can reset a passphrase or choose one.")
    return ok(
        PASSPHRASES,
        "Residents can reset a passphrase, but not choose one.",
        f"If they should choose one: {SETTINGS} Turn on Allow residents to set their passphrase. If it is not there, leave all as it is: "
        "some versions show it only with Use RUCKUS Portal.",
    )


def check_property(details: Property) -> list[Finding]:
    """Return what the property's own settings say."""
    return [_networks(details), _messages(details)]


def _networks(details: Property) -> Finding:
    if not details.ssids:
        return to_do(
            NETWORKS,
            "RUCKUS One names no network, so residents see passphrases but no network name and no QR code.",
            "In RUCKUS One, open Wi-Fi, Wi-Fi Networks, then the network whose DPSK service the property uses, "
            "and activate it on the venue.",
        )
    count = len(details.ssids)
    return ok(NETWORKS, f"RUCKUS One names {'one network' if count == 1 else f'{count} networks'}.")


def _messages(details: Property) -> Finding:
    ways = [
        name
        for name, sends in (("email", details.send_email), ("text messages", details.send_sms))
        if sends
    ]
    if ways:
        return ok(MESSAGES, f"RUCKUS One sends residents {' and '.join(ways)}.")
    return ok(
        MESSAGES,
        "RUCKUS One sends residents no messages, so you hand out links yourself.",
        f"If it should send the links: {SETTINGS} Turn on email or text messages.",
    )


def check_unit(unit: Unit) -> Finding:
    """Return whether the unit is open."""
    if unit.status == "DISABLED":
        return to_do(
            UNIT,
            "It is suspended in RUCKUS One.",
            f"If this was not intended: {UNITS} Activate it.",
        )
    return ok(UNIT, "It is open.")


def check_identities(users: Sequence[UnitUser]) -> Finding:
    """Return which passphrases a home sees, counted by kind."""
    hidden = f"{UNITS} Turn off Hide system generated identities, or add an identity."
    if not any(user.passphrase for user in users):
        return to_do(IDENTITIES, "The home sees no passphrase.", hidden)
    types = [user.type for user in users]
    others = len(users) - types.count("UNIT") - types.count("GUEST")
    counts = [
        ("the home's own", types.count("UNIT")),
        ("the guests'", types.count("GUEST")),
        (f"{others} more", others),
    ]
    what = f"Passphrases shown: {_and([name for name, count in counts if count])}."
    if blocked := sum(user.is_blocked for user in users):
        one = blocked == 1
        return to_do(
            IDENTITIES,
            f"{what} {blocked} of {len(users)} {'is' if one else 'are'} blocked.",
            f"If this was not intended: {UNITS} Unblock {'it' if one else 'them'} there.",
        )
    if "UNIT" not in types:
        return ok(IDENTITIES, what, f"If the home should see its own: {hidden}")
    return ok(IDENTITIES, what)


def _and(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
