"""The link of a home, replaced by its residents: where the new one goes, and what keeps them from it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from common import link_holds
from common.homes import Home
from common.keys import digest
from common.upstream import upstream
from ruckus.errors import ApiError, NotSignedIn, Unavailable
from ruckus.resident_types import Contact, Property

HIDDEN = "•••"


class Outcome(StrEnum):
    """What is known of a link that was to be replaced."""

    TAKEN = "taken"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    # Nothing was sent, because of a hold or because nothing could be.
    HELD = "held"
    NOT_SENT = "not-sent"


@dataclass(frozen=True)
class Hindrance:
    """Why the residents can't replace the link: `reason` names the words for it, `until` its end if it has one."""

    reason: str
    until: datetime | None = None


def reach(contact: Contact) -> tuple[str, str]:
    """Return the email address and the phone number of a contact, "" for none."""
    return (contact.email or "").strip(), (contact.phone_number or "").strip()


def destinations(details: Property, contact: Contact) -> list[str]:
    """Return where RUCKUS One would send a new link, each as it may be shown."""
    email, phone = reach(contact)
    shown = []
    if details.send_email and email:
        shown.append(masked_email(email))
    if details.send_sms and phone:
        shown.append(masked_phone(phone))
    return shown


def masked_email(email: str) -> str:
    """Return an address that only who knows it recognizes: j•••@example.com."""
    name, at, domain = email.rpartition("@")
    # One letter alone would be all of it.
    return (name[:1] if len(name) > 1 else "") + HIDDEN + (at + domain if at else "")


def masked_phone(phone: str) -> str:
    """Return a number that only who knows it recognizes: •••• 18."""
    digits = [character for character in phone if character.isdecimal()]
    return "•••• " + "".join(digits[-2:]) if len(digits) >= 6 else "••••"


def destination_mark(home: Home, contact: Contact) -> str:
    """Return a keyed hash of where messages go: a form shows by it which ones were on its page."""
    return digest("destination", home.mark, *reach(contact))


async def hindrance_of(home: Home, details: Property, to: Collection[str]) -> Hindrance | None:
    """Return what keeps the residents of a home from replacing its link, None if nothing does.

    `to` are the destinations that there are.
    """
    if not to:
        return Hindrance("nowhere" if details.send_email or details.send_sms else "silent")
    held = await link_holds.held_until(home.mark)
    for reason in (link_holds.Reason.REPLACED, link_holds.Reason.CONTACT):
        if reason in held:
            return Hindrance(reason.value, held[reason])
    return None


async def replace(home: Home, follow_up: Callable[[Outcome], Awaitable[None]]) -> Outcome:
    """Replace the link, then do what follows, even if the browser has hung up meanwhile.

    What follows is done where the link was replaced, or may have been.
    """
    task = upstream().hold(_replace(home, follow_up))
    # Waiting for it cancels nothing.
    await asyncio.wait({task})
    return task.result()


async def _replace(home: Home, follow_up: Callable[[Outcome], Awaitable[None]]) -> Outcome:
    claim = await link_holds.claim(home.mark)
    if claim is None:
        return Outcome.HELD
    # Not before: a change of the contact that is noted from here on finds the claim.
    if link_holds.Reason.CONTACT in await link_holds.held_until(home.mark):
        await link_holds.give_up(claim)
        return Outcome.HELD
    outcome = Outcome.TAKEN
    try:
        await home.api().replace_link()
    except ApiError as error:
        if not error.maybe_written:
            await link_holds.give_up(claim)
            return Outcome.NOT_SENT
        if not isinstance(error, (NotSignedIn, Unavailable)):
            return Outcome.REFUSED
        outcome = Outcome.UNKNOWN
    await follow_up(outcome)
    return outcome
