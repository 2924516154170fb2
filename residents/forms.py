"""The portal's forms. Bounds are those of the API; what was not touched is never refused."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.forms import PortalForm
from common.languages import switching
from ruckus import links
from ruckus.resident_types import Contact

PASSPHRASE_LEAST, PASSPHRASE_MOST = 8, 63
NAME_MOST = 40


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
        # A code is shown again to nobody but who is about to send it.
        self.fields["secret"].widget.render_value = switching.get()

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


def seen(value: str | None) -> str:
    """Return what a browser sends back of a text that it was shown in a field of one line."""
    return re.sub(r"[\r\n]", "", value or "").strip()


class ContactForm(PortalForm):
    """Name, email address and phone number of the unit or of a linked person.

    `stored` is what RUCKUS has now: a value that equals it is taken as it is, however odd. What was
    stored when the form was shown goes along in hidden fields. So a field that was not touched
    takes what is stored now, and of one that somebody else has changed as well both values are
    shown: sent once more, it is saved.
    """

    NAMES = ("name", "email", "phone_number")

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
                "dir": "ltr",
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

    def __init__(
        self,
        typed: Mapping[str, str] | None = None,
        *,
        stored: Contact,
        name_required: bool = False,
        phone_region: str = "",
    ) -> None:
        self.stored = stored
        self.name_required = name_required
        # The country whose national numbers may be typed.
        self.phone_region = phone_region or settings.PHONE_REGION
        self.now = {name: seen(getattr(stored, name)) for name in self.NAMES}
        # What two have changed, each to something else.
        self.contested: set[str] = set()
        super().__init__(
            None if typed is None else self.merged(typed),
            initial={name: getattr(stored, name) for name in self.NAMES},
        )

    @classmethod
    def as_typed(cls, typed: Mapping[str, str]) -> "ContactForm":
        """Return the form as it was sent. Nothing is checked: what is stored is not known."""
        values: dict[str, Any] = {name: typed.get(name) for name in cls.NAMES}
        form = cls(stored=Contact(**values))
        shown = {name: typed.get(f"shown_{name}") for name in cls.NAMES}
        form.now = {name: value for name, value in shown.items() if value is not None}
        return form

    def merged(self, typed: Mapping[str, str]) -> dict[str, str]:
        """Return what was typed, and what is stored now in place of what was not touched."""
        merged = {}
        for name, now in self.now.items():
            shown, value = seen(typed.get(f"shown_{name}", now)), seen(typed.get(name))
            touched = value != shown
            # What is left out is not known to have been taken away.
            known = getattr(self.stored, name) is not None
            if touched and known and value != now != shown:
                self.contested.add(name)
            merged[name] = value if touched else now
        return merged

    def shown(self) -> list[tuple[str, str]]:
        """Return the hidden fields: what is stored of each value as the form is shown."""
        return [(f"shown_{name}", now) for name, now in self.now.items()]

    def clean(self) -> None:
        for name in self.contested:
            now = self.now[name]
            self.add_error(
                name,
                _(
                    "Somebody changed this to “%(stored)s” meanwhile. Save again to replace it "
                    "with what is typed here"
                )
                % {"stored": now}
                if now
                else _("Somebody removed this meanwhile. Save again to store what is typed here"),
            )

    def untouched(self, name: str, value: str) -> bool:
        return value == self.now[name]

    def touched(self) -> list[str]:
        """Return what a valid form changes."""
        return [name for name in self.NAMES if not self.untouched(name, self.cleaned_data[name])]

    def clean_name(self) -> str:
        value: str = self.cleaned_data["name"]
        if not value and (self.name_required or not self.untouched("name", value)):
            raise ValidationError(_("Enter a name"))
        if self.untouched("name", value):
            return value
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
            number = phonenumbers.parse(value, self.phone_region)
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
        return msgspec.structs.replace(self.stored, **values)


class DeviceNameForm(PortalForm):
    """The name that a home gives to a device; an empty one takes it away."""

    name = forms.CharField(
        label=pgettext_lazy("of a device or an account", "Name"),
        required=False,
        help_text=_(
            "Up to 40 characters. Everybody in your home sees it. Leave it empty to remove the name."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        value = " ".join(self.cleaned_data["name"].split())
        if len(value) > NAME_MOST:
            raise ValidationError(_("Name must be 40 characters or fewer"))
        # Nothing but marks of direction and the like would be a row without a title.
        return value if any(c.isprintable() and c != " " for c in value) else ""


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
