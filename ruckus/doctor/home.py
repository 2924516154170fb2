"""What a property, a unit and its identities are set to in RUCKUS One, as a signed-in resident sees it."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from ruckus.errors import ApiError, NotFound
from ruckus.resident import ResidentApi
from ruckus.resident_types import Property, UiConfiguration, Unit, UnitUser
from ruckus.words import NOTHING, Words, say, say_many, together

from .failures import advice_on
from .finding import Finding, ok, to_do, unknown
from .region import WAIT

T = TypeVar("T")

# Translators: The part of RUCKUS One's settings of a property, whose English name is Resident Portal.
PORTAL = say("Resident Portal")
# Translators: RUCKUS One's texts, logo and colors for the residents' pages of a property.
PROFILE = say("Portal profile")
PROPERTY = say("Property")
NETWORKS = say("Networks")
PASSPHRASES = say("Passphrases")
# Translators: What RUCKUS One sends to residents: emails and text messages.
MESSAGES = say("Messages")
UNIT = say("Unit")
# Translators: RUCKUS One's word for those in a home who have a passphrase of their own.
IDENTITIES = say("Identities")
# Translators: RUCKUS One is in English. What is written on its screens stays in English, here and
# in each sentence on RUCKUS One: Venues, Property Management, Units, Use Your Own Portal. Set it off
# as your language does, with quotation marks or without.
SETTINGS = say("In RUCKUS One, open Venues, the venue, Property Management, then its settings.")
LOOK_FIRST = say(
    "Look before you save: RUCKUS One may ask you to delete all units first, and then everybody gets a new "
    "passphrase. Where people already live, leave it as it is and ask RUCKUS support."
)
USE_YOUR_OWN = together(
    SETTINGS,
    # Translators: Resident Portal and Use Your Own Portal are written so on RUCKUS One's screen.
    say("Under Resident Portal, choose Use Your Own Portal."),
    LOOK_FIRST,
)
UNITS = say("In RUCKUS One, open Venues, the venue, Property Management, Units, then the unit.")
# Translators: Before "In RUCKUS One, open …".
NOT_INTENDED = say("If this was not intended:")


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


def _unread(about: Words, error: ApiError) -> Finding:
    # Translators: {reason} is technical and in English, such as status 403.
    what = say("RUCKUS One would not show it ({reason}).", reason=error.reason)
    if error.status == 403:
        return unknown(about, what, say("See {about}.", about=PORTAL))
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
            say(
                "RUCKUS One does not let this portal serve the property, so residents can't use it."
            ),
            USE_YOUR_OWN,
        )
    if ui.portal_allowed:
        return to_do(
            PORTAL,
            # Translators: Use RUCKUS Portal is written so on RUCKUS One's screen.
            say(
                "The property is set to Use RUCKUS Portal, so residents may get links to two portals."
            ),
            USE_YOUR_OWN,
        )
    if ui.api_allowed and ui.portal_allowed is False:
        return ok(PORTAL, say("Use Your Own Portal is on."))
    return ok(PORTAL, say("RUCKUS One does not say which setting is on, and keeps nobody out."))


def _profile(ui: UiConfiguration | None) -> Finding:
    if ui is None or ui == UiConfiguration():
        return ok(
            PROFILE,
            # Translators: No profile.
            say(
                "There is none, which is normal with Use Your Own Portal. Pages have no logo and no colors of the property."
            ),
        )
    # Translators: From the profile.
    return ok(PROFILE, say("Pages take their texts, logo and colors from it."))


def _own_passphrases(ui: UiConfiguration) -> Finding:
    if ui.tenant_set_dpsk:
        return ok(PASSPHRASES, say("Residents can reset a passphrase or choose one."))
    return ok(
        PASSPHRASES,
        say("Residents can reset a passphrase, but not choose one."),
        together(
            # Translators: Before "In RUCKUS One, open …".
            say("If they should choose one:"),
            SETTINGS,
            # Translators: The names of the two settings are written so on RUCKUS One's screen.
            say(
                "Turn on Allow residents to set their passphrase. If it is not there, leave all as it is: "
                "some versions show it only with Use RUCKUS Portal."
            ),
        ),
    )


def check_property(details: Property) -> list[Finding]:
    """Return what the property's own settings say."""
    return [_networks(details), _messages(details)]


def _networks(details: Property) -> Finding:
    if not details.ssids:
        return to_do(
            NETWORKS,
            say(
                "RUCKUS One names no network, so residents see passphrases but no network name and no QR code."
            ),
            say(
                "In RUCKUS One, open Wi-Fi, Wi-Fi Networks, then the network whose DPSK service the property uses, "
                "and activate it on the venue."
            ),
        )
    what = say_many(
        "RUCKUS One names one network.",
        "RUCKUS One names {number} networks.",
        number=len(details.ssids),
    )
    return ok(NETWORKS, what)


def _messages(details: Property) -> Finding:
    if details.send_email and details.send_sms:
        return ok(MESSAGES, say("RUCKUS One sends residents email and text messages."))
    if details.send_email:
        return ok(MESSAGES, say("RUCKUS One sends residents email."))
    if details.send_sms:
        return ok(MESSAGES, say("RUCKUS One sends residents text messages."))
    return ok(
        MESSAGES,
        say("RUCKUS One sends residents no messages, so you hand out links yourself."),
        together(
            # Translators: Before "In RUCKUS One, open …".
            say("If it should send the links:"),
            SETTINGS,
            say("Turn on email or text messages."),
        ),
    )


def check_unit(unit: Unit) -> Finding:
    """Return whether the unit is open."""
    if unit.status == "DISABLED":
        return to_do(
            UNIT,
            say("The unit is suspended in RUCKUS One."),
            together(NOT_INTENDED, UNITS, say("Activate the unit.")),
        )
    return ok(UNIT, say("The unit is open."))


def check_identities(users: Sequence[UnitUser]) -> Finding:
    """Return which passphrases a home sees, counted by kind."""
    hidden = together(
        UNITS,
        # Translators: Hide system generated identities is written so on RUCKUS One's screen.
        say("Turn off Hide system generated identities, or add an identity."),
    )
    if not any(user.passphrase for user in users):
        return to_do(IDENTITIES, say("The home sees no passphrase."), hidden)
    types = [user.type for user in users]
    others = len(users) - types.count("UNIT") - types.count("GUEST")
    what = together(
        say("The home sees its own passphrase.") if "UNIT" in types else NOTHING,
        say("The home sees the guests' passphrase.") if "GUEST" in types else NOTHING,
        say_many(
            "The home sees one other passphrase.",
            "The home sees {number} other passphrases.",
            number=others,
        )
        if others
        else NOTHING,
    )
    if blocked := sum(user.is_blocked for user in users):
        # Translators: Of the identities that have a passphrase.
        some = say_many(
            "{number} of {total} is blocked.",
            "{number} of {total} are blocked.",
            number=blocked,
            total=len(users),
        )
        unblock = say_many(
            "Unblock the identity there.", "Unblock the identities there.", number=blocked
        )
        return to_do(IDENTITIES, together(what, some), together(NOT_INTENDED, UNITS, unblock))
    if "UNIT" not in types:
        # Translators: Before "In RUCKUS One, open …".
        return ok(IDENTITIES, what, together(say("If the home should see its own:"), hidden))
    return ok(IDENTITIES, what)
