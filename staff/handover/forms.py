"""Forms that ask before a home gets a new link or is cleared."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.forms import PortalForm
from staff.models import Home

# Links of these homes have to be pasted, as far as is known.
TO_BE_PASTED = (Home.Link.MISSING, Home.Link.UNREADABLE, Home.Link.REFUSED)


class LinkForm(PortalForm):
    """A link that RUCKUS One doesn't give, asked for where it is needed. It is never shown again."""

    pasted = forms.CharField(
        label=_("Access code or link"),
        help_text=_("The link that opens the home now. We don’t keep it."),
        required=False,
        max_length=8192,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, home: Home, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = home
        if home.link not in TO_BE_PASTED and not self.data.get("pasted"):
            del self.fields["pasted"]

    @property
    def link(self) -> str:
        """Return what was pasted, "" for nothing."""
        return str(self.cleaned_data.get("pasted", ""))

    def refuse_link(self, why: str) -> None:
        """Ask for a link, because of what was found in its place."""
        self.fields.setdefault("pasted", self.base_fields["pasted"])
        self.refuse(why, "pasted")


class NumberForm(LinkForm):
    """The number of the home, typed by whoever means it."""

    number = forms.CharField(
        label=_("Type the home’s number to confirm"),
        error_messages={"required": _("Type the home’s number")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )
    field_order = ("pasted", "number")

    def __init__(self, *args: Any, home: Home, **kwargs: Any) -> None:
        super().__init__(*args, home=home, **kwargs)
        self.fields["number"].help_text = str(home)

    def clean_number(self) -> str:
        typed: str = self.cleaned_data["number"]
        if " ".join(typed.split()).casefold() != " ".join(str(self.home).split()).casefold():
            raise ValidationError(
                _("That isn’t this home’s number. Type %(number)s") % {"number": self.home}
            )
        return typed
