"""The portal's forms. Bounds are those of the API; what was not touched is never refused."""

from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from common.forms import PortalForm
from ruckus import links
from ruckus.resident_types import Contact

PASSPHRASE_LEAST, PASSPHRASE_MOST = 8, 63


class SignInForm(PortalForm):
    """An access code, or a whole link that holds one: RUCKUS' own or ours."""

    # Stripped, as all fields are: pasting brings spaces along, and codes are not known to have any.
    secret = forms.CharField(
        label=_("Access code or link"),
        help_text=_("You’ll find it in the message or letter from your building’s office."),
        # A code of 512 characters, each of several bytes, percent-encoded twice.
        max_length=16_384,
        error_messages={
            "required": _("Enter your access code or link"),
            "max_length": _("That’s too long to be an access code or link"),
        },
        widget=forms.PasswordInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )

    def __init__(self, *args: Any, property_id: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The property whose page this is; None on the page that doesn't know one.
        self.property_id = property_id

    def clean_secret(self) -> links.FoundLink:
        found = links.find(self.cleaned_data["secret"], known_ids=filter(None, [self.property_id]))
        if not found.codes:
            raise ValidationError(_("There is no access code in this. Copy the whole link."))
        if not self.property_id and not found.property_id:
            raise ValidationError(_("Paste the whole link, not just the access code"))
        return found

    def entered(self) -> tuple[str, tuple[str, ...]]:
        """Return the property to sign in to, and the readings of the access code to try in turn."""
        found: links.FoundLink = self.cleaned_data["secret"]
        # Other links than ours may name the unit where one would look for the property.
        known = found.property_id if found.ours else self.property_id or found.property_id
        return str(known), found.codes


class ContactForm(PortalForm):
    """Name, email address and phone number of the unit or of a linked person.

    `stored` is what RUCKUS has: a value that equals it is taken as it is, however odd.
    """

    name = forms.CharField(
        label=_("Name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label=_("Email address"),
        required=False,
        widget=forms.TextInput(
            attrs={
                "type": "email",
                "autocomplete": "email",
                "spellcheck": "false",
                "autocapitalize": "off",
            }
        ),
    )
    phone_number = forms.CharField(
        label=_("Phone number"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, stored: Contact, **kwargs: Any) -> None:
        self.stored = stored
        initial = {
            "name": stored.name,
            "email": stored.email,
            "phone_number": stored.phone_number,
        }
        super().__init__(*args, initial=initial, **kwargs)

    def untouched(self, name: str, value: str) -> bool:
        # Browsers and Django strip, so that a stored value with spaces around it compares equal.
        return value == (getattr(self.stored, name) or "").strip()

    def clean_name(self) -> str:
        value: str = self.cleaned_data["name"]
        if self.untouched("name", value):
            return value
        if not value:
            raise ValidationError(_("Enter a name"))
        if len(value) > 255:
            raise ValidationError(_("Name must be 255 characters or fewer"))
        return value

    def clean_email(self) -> str:
        value: str = self.cleaned_data["email"]
        if not value or self.untouched("email", value):
            return value
        if len(value) > 255:
            raise ValidationError(_("Email address must be 255 characters or fewer"))
        try:
            validate_email(value)
        except ValidationError:
            raise ValidationError(
                _("Enter an email address in the correct format, like name@example.com")
            ) from None
        return value

    def clean_phone_number(self) -> str:
        value: str = self.cleaned_data["phone_number"]
        if not value or self.untouched("phone_number", value):
            return value
        try:
            number = phonenumbers.parse(value, settings.PHONE_REGION)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise ValidationError(
                _("Enter a phone number with its country code, like +1 202 555 0123")
            )
        # Without an extension, for which the API has no room: at most 16 characters.
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def contact(self) -> Contact:
        """Return the cleaned values; what was not touched is as it was stored."""
        values = {
            name: getattr(self.stored, name) if self.untouched(name, value) else value
            for name, value in self.cleaned_data.items()
        }
        return Contact(**values)


class PassphraseForm(PortalForm):
    passphrase = forms.CharField(
        label=_("New passphrase"),
        strip=False,
        help_text=_(
            "8 to 63 characters: letters A–Z, numbers, spaces and symbols. "
            "Your building may ask for more than 8."
        ),
        error_messages={"required": _("Enter a passphrase")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "off",
                "autocorrect": "off",
                "spellcheck": "false",
                "class": "code",
            }
        ),
    )

    def clean_passphrase(self) -> str:
        value: str = self.cleaned_data["passphrase"]
        if not all(" " <= character <= "~" for character in value):
            raise ValidationError(_("Use only letters A–Z, numbers, spaces and symbols"))
        if not PASSPHRASE_LEAST <= len(value) <= PASSPHRASE_MOST:
            raise ValidationError(_("Passphrase must be 8 to 63 characters long"))
        if value != value.strip():
            raise ValidationError(_("Passphrase must not begin or end with a space"))
        return value
