"""Marks of handing out: how a home's link last went to its residents, when, and by whom."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.models import Home
from staff.request import Member

WAYS = {
    Home.Way.COPIED: _("Copied"),
    Home.Way.SHOWN: _("Shown"),
    Home.Way.EMAIL: _("Email"),
    Home.Way.TEXT_MESSAGE: _("Text message"),
    Home.Way.LETTER: _("Letter"),
    Home.Way.CARD: _("Door card"),
    Home.Way.CSV: _("CSV"),
    Home.Way.RUCKUS: _("RUCKUS One"),
}


async def mark_handed_out(homes: Iterable[Home], way: Home.Way, by: Member | User | None) -> None:
    """Write down that the links of these homes have been handed out."""
    user = by.user if isinstance(by, Member) else by
    found = Home.objects.filter(pk__in=[home.pk for home in homes])
    await found.aupdate(handed_out=timezone.now(), handed_out_how=way, handed_out_by=user)
