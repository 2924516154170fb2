"""The audit log: what members of staff did, when, and to which home. Never a secret."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.models import AuditEntry, Home, Property
from staff.request import Member


class What(models.TextChoices):
    """What can be done, in the words of the log."""

    SIGNED_IN = "signed in", _("Signed in")
    SIGN_IN_REFUSED = "sign-in refused", _("Sign-in refused")
    PERSON_ADDED = "person added", _("Person added")
    PERSON_CHANGED = "person changed", _("Person changed")
    PERSON_REMOVED = "person removed", _("Person removed")
    ACCOUNT_CONNECTED = "account connected", _("Account connected")
    ACCOUNT_CHANGED = "account changed", _("Account changed")
    ACCOUNT_REMOVED = "account removed", _("Account removed")
    HOMES_READ = "homes read", _("Homes read")
    CHECK_STARTED = "check started", _("Check of all links started")
    CHECK_STOPPED = "check stopped", _("Check of all links stopped")
    SET_UP_CHECKED = "set-up checked", _("Set-up checked")
    LINK_SHOWN = "link shown", _("Link shown")
    LINK_COPIED = "link copied", _("Link copied")
    LINK_TESTED = "link tested", _("Link tested")
    LINK_EMAILED = "link emailed", _("Link sent by email")
    EMAIL_FAILED = "email failed", _("Email not delivered")
    LINK_TEXTED = "link texted", _("Link sent by text message")
    LETTER_PRINTED = "letter printed", _("Letter printed")
    CARD_PRINTED = "card printed", _("Door card printed")
    LINK_EXPORTED = "link exported", _("Link exported to CSV")
    LINK_PASTED = "link pasted", _("Link pasted or imported")
    RUCKUS_MESSAGE = "ruckus message", _("RUCKUS One’s own message sent")
    LINK_REPLACED = "link replaced", _("Link replaced")
    MOVE_OUT_STARTED = "move-out started", _("Move-out started")
    MOVE_OUT_STEP = "move-out step", _("Move-out step")
    MOVE_OUT_ENDED = "move-out ended", _("Move-out ended")
    LOG_DOWNLOADED = "log downloaded", _("Audit log downloaded")


def entry(
    by: Member | User | None,
    what: What,
    *,
    property: Property | None = None,
    home: Home | None = None,
    detail: str = "",
) -> AuditEntry:
    """Return an entry that is not written yet. `detail` is a word of ours."""
    user = by.user if isinstance(by, Member) else by
    return AuditEntry(
        user=user,
        who=(user.get_full_name() or user.get_username()) if user else "",
        what=what,
        property_id=property.id if property else "",
        property_name=property.name if property else "",
        unit_id=home.unit_id if home else "",
        home_name=home.name if home else "",
        detail=detail,
    )


async def note(
    by: Member | User | None,
    what: What,
    *,
    property: Property | None = None,
    home: Home | None = None,
    detail: str = "",
) -> None:
    """Write down what was done. Raise DatabaseError: what can't be noted must not be done."""
    await entry(by, what, property=property, home=home, detail=detail).asave()


async def note_all(
    by: Member | User | None,
    what: What,
    property: Property,
    homes: Iterable[Home],
    detail: str = "",
) -> None:
    """Write down what was done to each of several homes. Raise DatabaseError."""
    entries = [entry(by, what, property=property, home=home, detail=detail) for home in homes]
    await AuditEntry.objects.abulk_create(entries)


async def sweep() -> None:
    """Delete what is older than AUDIT_DAYS."""
    end = timezone.now() - timedelta(days=settings.AUDIT_DAYS)
    await AuditEntry.objects.filter(at__lt=end).adelete()
