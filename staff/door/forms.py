"""The forms at the door of staff."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.forms import PortalForm
from staff.door.signed_in import MANAGER, OWNER

# As long as Django's names of users.
LONGEST_EMAIL = 150
LONGEST_PASSWORD = 128


def password_field(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        # Spaces belong to it.
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        **options,
    )


class CodeField(forms.CharField):
    """The six digits of an authenticator app, which some apps show as two groups of three."""

    def to_python(self, value: Any) -> str:
        return "".join(str(super().to_python(value)).split())


def code_field(**options: Any) -> CodeField:
    return CodeField(
        label=_("6-digit code"),
        validators=[RegexValidator(r"^[0-9]{6}\Z", _("The code has 6 digits"))],
        error_messages={"required": _("Enter the 6-digit code")},
        widget=forms.TextInput(
            attrs={
                "class": "code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                # With the space.
                "maxlength": 7,
                "dir": "ltr",
            }
        ),
        **options,
    )


class ThrottledForm(PortalForm):
    """A form whose right answer can be guessed at."""

    def ask_to_wait(self, seconds: int, field: str) -> None:
        self.refuse(
            ngettext(
                "Too many wrong attempts. Wait %(seconds)s second, then try again.",
                "Too many wrong attempts. Wait %(seconds)s seconds, then try again.",
                seconds,
            )
            % {"seconds": seconds},
            field,
        )

    def tell_busy(self, field: str) -> None:
        self.refuse(
            _("Many people are signing in right now. Wait a few seconds, then try again."), field
        )

    def refuse_password(self, field: str) -> None:
        self.refuse(_("That’s not your password"), field)


class SignInForm(ThrottledForm):
    email = forms.CharField(
        label=_("Email address"),
        max_length=254,
        error_messages={"required": _("Enter your email address")},
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = password_field(
        _("Password"),
        "current-password",
        error_messages={"required": _("Enter your password")},
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class CodeForm(ThrottledForm):
    code = code_field(help_text=_("From your authenticator app. It changes every 30 seconds."))


class RecoveryForm(ThrottledForm):
    code = forms.CharField(
        label=_("Recovery code"),
        help_text=_("One of the 8 codes that you kept. Each works once."),
        max_length=40,
        error_messages={
            "required": _("Enter a recovery code"),
            "max_length": _("That’s too long to be a recovery code"),
        },
        widget=forms.TextInput(
            attrs={
                "class": "code",
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
                "dir": "ltr",
            }
        ),
    )


class PasswordAgainForm(ThrottledForm):
    """A name of its own: what was sent with the form that asked for it is kept beside it."""

    password_again = password_field(
        _("Password"),
        "current-password",
        error_messages={"required": _("Enter your password")},
    )


class PersonForm(PortalForm):
    """Somebody who is to belong to staff."""

    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("They sign in with it."),
        max_length=LONGEST_EMAIL,
        error_messages={
            "required": _("Enter an email address"),
            "invalid": _("Enter an email address like name@example.com"),
            "max_length": _("Email address must be 150 characters or fewer"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        error_messages={
            "required": _("Enter a name"),
            "max_length": _("Name must be 150 characters or fewer"),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        help_text=_("Managers work with the properties that you give them."),
        choices=[(MANAGER, _("Manager")), (OWNER, _("Owner"))],
        error_messages={"required": _("Choose a role"), "invalid_choice": _("Choose a role")},
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class NewPasswordForm(PortalForm):
    """A new password, checked by Django's rules."""

    password = password_field(
        _("New password"),
        "new-password",
        max_length=LONGEST_PASSWORD,
        help_text=_("12 characters or more. A few words in a row are easy to type."),
        error_messages={
            "required": _("Enter a new password"),
            "max_length": _("Password must be 128 characters or fewer"),
        },
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class NewCodeForm(PortalForm):
    """The first code of a new authenticator, with the key that was offered."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    code = code_field(help_text=_("The app shows it once the key is in it."))


class WelcomeForm(NewCodeForm, NewPasswordForm):
    """What is set on a one-time link, together."""

    field_order = ("password", "key", "code")
