"""What an account of RUCKUS One is connected with."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.forms import PortalForm
from ruckus.account import Credentials
from staff.accounts.words import REGIONS
from staff.models import RuckusAccount

CODE = {"class": "code", "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}
# As ruckus takes ids (resident_types.check_id).
IS_ID = RegexValidator(
    r"\A[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,63}\Z", _("Use only the letters and digits of the ID")
)


class Choices(forms.RadioSelect):
    """Radio buttons whose summary of errors leads to all of them."""

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return super().id_for_label(id_, index) if index is not None else id_


class SecretForm(PortalForm):
    """An application token: the pair of client id and client secret."""

    client = forms.CharField(
        label=_("Client ID"),
        max_length=256,
        error_messages={"required": _("Enter the client ID")},
        widget=forms.TextInput(attrs=CODE),
    )
    # Never written back into the page.
    secret = forms.CharField(
        label=_("Client secret"),
        help_text=_("Kept encrypted. Never shown again, not even to you."),
        max_length=1024,
        error_messages={"required": _("Enter the client secret")},
        widget=forms.PasswordInput(attrs=CODE),
    )

    def credentials(self, account: RuckusAccount) -> Credentials:
        """Return the new token of an account that is there already."""
        return Credentials(
            account.tenant_id,
            self.cleaned_data["client"],
            self.cleaned_data["secret"],
            account.delegated_tenant_id or None,
        )


class ConnectForm(SecretForm):
    """A new account."""

    name = forms.CharField(
        label=pgettext_lazy("of a device or an account", "Name"),
        help_text=_("What you call the account."),
        max_length=80,
        error_messages={"required": _("Enter a name")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    region = forms.ChoiceField(
        label=_("Region"),
        help_text=_("As in the address where you sign in to RUCKUS One."),
        choices=tuple(REGIONS.items()),
        error_messages={"required": _("Choose a region")},
        widget=Choices,
    )
    tenant = forms.CharField(
        label=_("Tenant ID"),
        help_text=_("The 32 characters after ruckus.cloud/ in the address bar."),
        max_length=64,
        validators=[IS_ID],
        error_messages={"required": _("Enter the tenant ID")},
        widget=forms.TextInput(attrs=CODE),
    )
    delegated = forms.CharField(
        label=_("Delegated tenant ID"),
        help_text=_("Your customer’s tenant. Leave it empty if the account is your own."),
        max_length=64,
        required=False,
        validators=[IS_ID],
        widget=forms.TextInput(attrs=CODE),
    )
    field_order = ("name", "region", "tenant", "client", "secret", "delegated")

    def account(self) -> RuckusAccount:
        """Return the account, not stored and without its token."""
        data: dict[str, Any] = self.cleaned_data
        return RuckusAccount(
            name=data["name"],
            region=data["region"],
            tenant_id=data["tenant"],
            delegated_tenant_id=data["delegated"],
        )
