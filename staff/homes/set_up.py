"""The set-up check of a property: what works between the portal, RUCKUS One and its homes, and what to do."""

import asyncio

from django.utils import timezone

from common.doctor.vendor import check_served
from common.upstream import upstream_at
from ruckus.authorization import UnitToken
from ruckus.doctor.failures import advice_on, said
from ruckus.doctor.finding import Finding, Level, ok, to_do, unknown
from ruckus.doctor.home import PROPERTY, check_home, check_profile
from ruckus.doctor.region import ABOUT as CONNECTION
from ruckus.doctor.region import WAIT, check_region
from ruckus.errors import ApiError, NotAllowed, NotFound, NotSignedIn
from ruckus.links import property_id as dashed
from ruckus.management_types import ManagedProperty
from ruckus.resident import ResidentApi
from ruckus.resident_types import Login, UiConfiguration
from ruckus.unit_links import UnitLinks
from ruckus.words import say, say_many, together
from staff import audit
from staff.accounts.api import (
    address_of,
    management_api,
    read_shape,
    save_shape,
    sign_in_at,
    upstream_for,
)
from staff.homes.check import tell_tested
from staff.models import Home, Property
from staff.request import Member

SECONDS = 40.0
"""What all of it may take."""

MOST_HOMES = 3
"""In how many homes a link is looked for that opens one."""

# Translators: By which the portal uses RUCKUS One.
ACCOUNT = say("Account")
HOMES = say("Homes")
LINKS = say("Links")
SIGN_IN = say("Sign-in")

CHECK = say("Check all links on the property's page.")
# Translators: The names of RUCKUS One's pages stay in English.
TOKENS = say(
    "In RUCKUS One, open Administration, Account Management, Settings, then Application Tokens."
)


async def check_set_up(place: Property, member: Member) -> None:
    """Check a property and keep what was found. One home is signed in to, which is noted."""
    try:
        async with asyncio.timeout(SECONDS):
            findings = await examine(place, member)
    except TimeoutError:
        slow = say("RUCKUS One was too slow to check everything.")
        findings = [unknown(CONNECTION, slow, WAIT)]
    place.set_up = [finding.as_data() for finding in findings]
    place.set_up_checked = timezone.now()
    await place.asave(update_fields=["set_up", "set_up_checked"])


def kept(place: Property) -> list[Finding]:
    """Return what the last check found, what there is to do first."""
    order = [Level.TO_DO, Level.UNKNOWN, Level.OK]
    findings = map(Finding.read, place.set_up or [])
    return sorted(findings, key=lambda finding: order.index(finding.level))


async def examine(place: Property, member: Member) -> list[Finding]:
    """Return what is found about the connection, the account, the property, its homes and one of them."""
    region = place.account.region
    reached = await check_region(lambda address, _: upstream_at(address), address_of(region))
    findings = [*reached.findings, *check_served(place.venue_id)]
    if reached.stop or not reached.usable:
        return findings
    try:
        found = await management_api(place.account).fetch_property(place.venue_id)
    except ApiError as error:
        return [*findings, _refused(error)]
    # Translators: That of the account.
    findings.append(ok(ACCOUNT, say("RUCKUS One accepts its token.")))
    findings += await check_homes(place)
    opened = await open_one(place, member, findings)
    return [*findings, *(opened or _from_account(found))]


def _refused(error: ApiError) -> Finding:
    if isinstance(error, NotSignedIn) or (error.operation == "createToken" and error.status):
        return to_do(
            ACCOUNT,
            # Translators: That of the account.
            say("RUCKUS One doesn't accept its token."),
            together(TOKENS, say("Add a token, and connect it.")),
        )
    if isinstance(error, NotFound):
        return to_do(
            PROPERTY,
            say("RUCKUS One has no such property."),
            say("In RUCKUS One, open Venues, the venue, then turn on Property Management."),
        )
    if isinstance(error, NotAllowed):
        return to_do(
            ACCOUNT,
            # Translators: That of the account.
            say("The scope of its token doesn't allow reading the property."),
            together(
                TOKENS,
                # Translators: The scopes are written so on RUCKUS One's screen.
                say("Add a token with the scope Read-Only or Administrator, and connect it."),
            ),
        )
    # Translators: {what} is what went wrong, such as "no answer in time".
    what = say("RUCKUS One gave no usable answer: {what}.", what=said(error))
    return unknown(ACCOUNT, what, advice_on(error) or WAIT)


async def check_homes(place: Property) -> list[Finding]:
    """Return what is known of the homes and their links, from the database."""
    total = await place.homes.acount()
    if not total:
        return [
            to_do(
                HOMES,
                say("No home has been read."),
                say(
                    "Read the homes on the property's page. If there are none, add units to the "
                    "property in RUCKUS One."
                ),
            )
        ]
    suspended = await place.homes.filter(status=Home.Status.SUSPENDED).acount()
    read = ok(
        HOMES,
        together(
            say_many("There is {number} home.", "There are {number} homes.", number=total),
            # Translators: A number of homes.
            say("Suspended: {number}.", number=suspended),
        ),
    )
    ready = await place.homes.filter(link=Home.Link.READY).acount()
    unknown_ = await place.homes.filter(link=Home.Link.UNKNOWN).acount()
    if unknown_ == total:
        # Translators: The links.
        links = unknown(LINKS, say("They have not been checked."), CHECK)
    elif ready == total:
        links = ok(LINKS, say("All links can be read."))
    elif unknown_:
        links = unknown(
            LINKS,
            say_many(
                "{number} of {total} links has been checked.",
                "{number} of {total} links have been checked.",
                number=total - unknown_,
                total=total,
            ),
            CHECK,
        )
    elif ready:
        links = ok(
            LINKS,
            say_many(
                "{number} of {total} links can be read.",
                "{number} of {total} links can be read.",
                number=ready,
                total=total,
            ),
            say("Links that RUCKUS One doesn't give can be added from a file."),
        )
    else:
        links = to_do(
            LINKS,
            say("No link can be read."),
            together(
                TOKENS,
                # Translators: Administrator is written so on RUCKUS One's screen.
                say(
                    "Add a token with the scope Administrator, and connect it. If that doesn't help, "
                    "add the links from a file."
                ),
            ),
        )
    return [read, links]


async def open_one(place: Property, member: Member, findings: list[Finding]) -> list[Finding]:
    """Return what a resident of one home would see, or nothing where no link opens one.

    How the sign-in went is added to the findings.
    """
    homes = place.homes.filter(status=Home.Status.ACTIVE).exclude(link=Home.Link.MISSING)
    for home in [each async for each in homes[:MOST_HOMES]]:
        await audit.note(member, audit.What.LINK_TESTED, property=place, home=home, detail="set-up")
        try:
            token = await sign_in(place, home)
        except ApiError as error:
            findings.append(
                # Translators: {what} is what went wrong, such as "no answer in time".
                unknown(
                    SIGN_IN,
                    say("No home could be opened: {what}.", what=said(error)),
                    advice_on(error),
                )
            )
            return []
        if token is not None:
            findings.append(ok(SIGN_IN, say("The link of a home opens it.")))
            http = upstream_for(place.account.region)
            return await check_home(ResidentApi(http, property_id=dashed(place.id), token=token))
    findings.append(
        unknown(
            SIGN_IN,
            say("No link was found that opens a home."),
            # Translators: {about} is the name of another finding on the same page.
            say("See {about}.", about=LINKS),
        )
    )
    return []


async def sign_in(place: Property, home: Home) -> UnitToken | None:
    """Return what opens a home, or None where its link does not. Raise ApiError."""
    account = place.account
    logins: list[Login] = []
    api = management_api(account)

    async def signing_in(property_id: str, code: str) -> Login:
        logins.append(await sign_in_at(account.region)(property_id, code))
        return logins[-1]

    unit = await api.fetch_unit(place.venue_id, home.unit_id)
    if not unit.href:
        return None
    links = UnitLinks(api, signing_in, read_shape(account.shape))
    link = await links.prove(place.venue_id, unit)
    await tell_tested(home, link.code)
    await save_shape(account, links)
    return UnitToken(logins[-1].token) if logins else None


def _from_account(found: ManagedProperty) -> list[Finding]:
    """Return what the account's view of the property says of the portal setting."""
    setting = UiConfiguration(api_allowed=found.api_allowed, portal_allowed=found.portal_allowed)
    return check_profile(setting)[:1]
