"""The languages that a page can be read in."""

from functools import lru_cache

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
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
def language_list(context: Context) -> SafeString:
    """Return the list of languages at the foot of a page, nothing where there is only one.

    The address names nothing of the page's own, which may hold a secret. What came of a form can't
    be asked for by its address: from there it leads to the first page.
    """
    is_form = context["request"].method == "POST"
    is_kept = getattr(context.get("form"), "is_kept", False)
    return _drawn(get_language(), tuple(languages.languages()), is_form, is_kept)


# It is on each page, and was a tenth of what a page takes.
@lru_cache(maxsize=500)
def _drawn(
    here: str | None, offered: tuple[tuple[str, str], ...], is_form: bool, is_kept: bool
) -> SafeString:
    # The list is where the reader was: the same page is shown from there.
    path, place = ("/", "") if is_form else ("", "#languages")
    others = [
        {
            "code": code,
            "name": name,
            "address": f"{path}?{languages.PARAMETER}={code}{place}",
            "is_here": code == here,
        }
        for code, name in offered
    ]
    return render_to_string("components/languages.html", {"others": others, "is_kept": is_kept})
