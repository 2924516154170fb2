"""Filters for what a vendor's value needs before it stands on a page."""

from datetime import datetime, timedelta

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

register = template.Library()

TOLERANCE = timedelta(minutes=5)


@register.filter
def dialled(number: str) -> str:
    """Return what a tel: link holds: the digits, and a plus in front if there is one."""
    plus = "+" if number.strip().startswith("+") else ""
    return plus + "".join(character for character in number if character in "0123456789")


@register.filter
def ago(moment: datetime) -> str:
    """Return how long ago a moment was, in words, or the date of one that is yet to come.

    Clocks differ by minutes, for which nobody need be told.
    """
    ahead = moment - timezone.now()
    if ahead > TOLERANCE:
        return date_format(timezone.localtime(moment))
    return str(naturaltime(moment)) if ahead < timedelta() else _("just now")
