"""The words that bring a link to a resident, in the language that staff chose."""

from dataclasses import dataclass, field
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from staff.links.reading import StaffLink, url_in
from staff.models import Property


@dataclass(frozen=True)
class Message:
    """An email: plain text, and the same as HTML. Both hold the link."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


def email(property: Property, link: StaffLink, language: str) -> Message:
    """Return the email that hands out a link."""
    url = url_in(language, property, link)
    context = {"property": property, "home": link.home, "url": url}
    with override(language):
        return Message(
            _("Your Wi-Fi at %(property)s") % {"property": property.name},
            render_to_string("staff/message.txt", context),
            render_to_string("staff/message.html", context),
        )


def mailto(property: Property, link: StaffLink, language: str, address: str) -> str:
    """Return the address that opens the email in a mail program."""
    message = email(property, link, language)
    body = message.text.replace("\n", "\r\n")
    return (
        f"mailto:{quote(address, safe='@')}"
        f"?subject={quote(message.subject, safe='')}&body={quote(body, safe='')}"
    )


def sms(property: Property, link: StaffLink, language: str, number: str) -> str:
    """Return the address that opens a text message.

    Phones differ in what stands before the text: all take both signs together. Its characters are
    plain, for one that isn't makes the message twice as long.
    """
    url = url_in(language, property, link)
    with override(language):
        text = _(
            "Your Wi-Fi page, %(property)s, Unit %(home)s: %(url)s Keep this link like a key."
        ) % {"property": property.name, "home": link.home, "url": url}
    return f"sms:{dialled(number)}?&body={quote(text, safe='')}"


def dialled(number: str) -> str:
    """Return the digits of a phone number, and the plus in front if there is one."""
    plus = "+" if number.strip().startswith("+") else ""
    return plus + "".join(character for character in number if character in "0123456789")


def usable_address(address: str | None) -> str:
    """Return the email address if it can be one, else ""."""
    address = (address or "").strip()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def usable_number(number: str | None) -> str:
    """Return the phone number if it can be one, else ""."""
    number = (number or "").strip()
    return number if sum(character in "0123456789" for character in number) >= 5 else ""
