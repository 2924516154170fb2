"""What a property looks like and says: asked of RUCKUS One once, shared by its residents."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import normalize_newlines

from common.homes import Home
from common.keys import digest
from common.property import colours
from common.property.cache import PATIENCE, Incomplete, PropertyCache
from common.property.logo import logo_of
from common.property.served import Contact, contact_of
from ruckus.errors import NotFound
from ruckus.resident import ResidentApi
from ruckus.resident_types import Property, UiConfiguration

T = TypeVar("T")

# Characters of the announcements that show at once.
BEGINNING = 200

NOTHING = SafeString()


@dataclass(frozen=True)
class Brand:
    """A property as its residents see it. Without a portal profile most of it is empty."""

    name: str = ""
    title: str = ""
    subtitle: str = ""
    announcements: SafeString = NOTHING
    more_announcements: SafeString = NOTHING
    help_text: SafeString = NOTHING
    management_name: str = ""
    management_phone: str = ""
    management_email: str = ""
    ssids: tuple[str, ...] = ()
    separate_guest: bool = True
    own_passphrase: bool = False
    may_message: bool = False
    api_allowed: bool = True
    style: SafeString = NOTHING
    theme: str = ""
    logo: str = ""
    # Whether the profile was read, which alone says what is allowed.
    known: bool = False

    @property
    def has_contact(self) -> bool:
        return bool(self.management_name or self.management_phone or self.management_email)


NO_BRAND = Brand()
NOBODY = Contact()

# Usually 3 kB each. More properties than this would be asked for anew on every page.
brands: PropertyCache[Brand] = PropertyCache(12_000)


def said(*texts: str | None) -> str:
    """Return the first text that says something, or ""."""
    return next((words for text in texts if (words := (text or "").strip())), "")


def prose(text: str | None) -> SafeString:
    """Return a vendor's plain text as HTML: escaped, line breaks kept, plain links made links."""
    clean = normalize_newlines(text or "").strip()
    # urlize escapes all that it does not make itself.
    return mark_safe(urlize(clean, nofollow=True, autoescape=True).replace("\n", "<br>"))  # noqa: S308


def cut(text: str | None) -> tuple[str, str]:
    """Return a text's beginning, at most 200 characters up to the end of a word, and its rest."""
    text = normalize_newlines(text or "").strip()
    if len(text) <= BEGINNING:
        return text, ""
    end = max(text.rfind(space, 0, BEGINNING) for space in " \n")
    return (text[:end], text[end:]) if end > 0 else (text, "")


def brand_from(details: Property | None, ui: UiConfiguration | None, property_id: str) -> Brand:
    """Put together what the two operations say; where both have a text, the profile wins."""
    details = details or Property()
    ui = ui or UiConfiguration()
    news, more_news = cut(said(ui.announcements, details.announcements))
    logo_file = said(ui.logo_file_name)
    return Brand(
        name=said(details.name),
        title=said(ui.title, details.name),
        subtitle=said(ui.subtitle),
        announcements=prose(news),
        more_announcements=prose(more_news),
        help_text=prose(said(ui.help_text, details.help_text)),
        management_name=said(details.management_name),
        management_phone=said(details.management_phone),
        management_email=said(details.management_email),
        # Each once, as it is: spaces around a name belong to it.
        ssids=tuple(dict.fromkeys(name for name in details.ssids if name.strip())),
        separate_guest=details.allow_separate_guest_secret is not False,
        own_passphrase=ui.tenant_set_dpsk is True,
        may_message=details.send_email is True or details.send_sms is True,
        api_allowed=ui.api_allowed is not False,
        style=mark_safe(colours.style(ui.main_color, ui.accent_color)),  # noqa: S308
        theme=colours.theme(ui.main_color, ui.accent_color),
        logo=digest("logo", property_id, logo_file)[:16] if logo_file else "",
        known=True,
    )


async def or_none(call: Awaitable[T]) -> T | None:
    """Return what a call gives, or None for a 404, which is a normal answer here."""
    try:
        return await call
    except NotFound:
        return None


async def fetch_brand(api: ResidentApi, property_id: str) -> Brand:
    """Ask for both halves at once.

    Raise Incomplete where one of them failed, and the error where both did.
    """
    details, ui = await asyncio.gather(
        or_none(api.fetch_property()),
        or_none(api.fetch_ui_configuration()),
        return_exceptions=True,
    )
    if isinstance(details, BaseException):
        if isinstance(ui, BaseException):
            raise details
        raise Incomplete(await asyncio.to_thread(brand_from, None, ui, property_id))
    if isinstance(ui, BaseException):
        part = await asyncio.to_thread(brand_from, details, None, property_id)
        raise Incomplete(replace(part, known=False))
    # Five thousand characters may be hundreds of links to find, which takes a while.
    return await asyncio.to_thread(brand_from, details, ui, property_id)


async def with_logo_or_none(home: Home, brand: Brand) -> Brand:
    """Return the brand without its logo if that can't be drawn: a page would leave room for it."""
    if brand.logo and not await logo_of(home, PATIENCE):
        return replace(brand, logo="")
    return brand


def with_contact(brand: Brand, contact: Contact) -> Brand:
    """Return the brand with the contact of our own file where RUCKUS One names nobody."""
    if brand.has_contact or contact == NOBODY:
        return brand
    return replace(
        brand,
        management_name=contact.name,
        management_phone=contact.phone,
        management_email=contact.email,
    )


async def brand_of(home: Home, patience: float | None = PATIENCE) -> Brand:
    """Return the brand of a home's property; an unbranded one when it can't be had in time.

    `patience` is how many seconds a page waits for it, which only the first one has to.
    """

    async def fetch() -> Brand:
        try:
            return await with_logo_or_none(home, await fetch_brand(home.api(), home.property_id))
        except Incomplete as error:
            raise Incomplete(await with_logo_or_none(home, cast(Brand, error.value))) from None

    found = await brands.get(home.property_id, fetch, patience) or NO_BRAND
    return with_contact(found, contact_of(home.property_id))
