"""Filters for what a vendor's value needs before it stands on a page."""

from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime

register = template.Library()


@register.filter
def dialled(number: str) -> str:
    """Return what a tel: link holds: the digits, and a plus in front if there is one."""
    plus = "+" if number.strip().startswith("+") else ""
    return plus + "".join(character for character in number if character in "0123456789")


@register.filter
def ago(moment: datetime) -> str:
    """Return how long ago a moment was, in words."""
    return str(naturaltime(moment))
