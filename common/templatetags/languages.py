"""The languages that a page can be read in."""

from typing import Any

from django import template
from django.template import Context
from django.utils.translation import get_language

from common import languages

register = template.Library()


# What stands between the items of a list, where it is no Latin comma.
COMMAS = {"ar": "، ", "ja": "、", "zh-hans": "、"}


@register.simple_tag
def comma() -> str:
    """Return what stands between the items of a list."""
    return COMMAS.get(get_language() or "", ", ")


@register.simple_tag(takes_context=True)
def other_languages(context: Context) -> list[dict[str, Any]]:
    """Return code, own name and address of each language, and which is this page's.

    The address names nothing of the page's own, which may hold a secret. What came of a form can't
    be asked for by its address: from there it leads to the first page.
    """
    is_form = context["request"].method == "POST"
    # The list is where the reader was: the same page is shown from there.
    path, place = ("/", "") if is_form else ("", "#languages")
    here = get_language()
    return [
        {
            "code": code,
            "name": name,
            "address": f"{path}?{languages.PARAMETER}={code}{place}",
            "is_here": code == here,
        }
        for code, name in languages.languages()
    ]
