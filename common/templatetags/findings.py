"""What checks found, in the language of the page."""

from typing import Any

from django import template
from django.utils.formats import localize
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from ruckus.words import Sentence, Words, fill

register = template.Library()

# Languages in which one sentence follows another without a space.
NO_SPACES = ("ja", "zh-hans")


@register.filter
def told(words: Words) -> SafeString:
    """Return words in the language of the page; what is not for translation is marked as English."""
    gap = "" if get_language() in NO_SPACES else " "
    return format_html_join(gap, "{}", ((_told(each),) for each in words.sentences))


def _told(sentence: Sentence | str) -> SafeString:
    if isinstance(sentence, str):
        return format_html('<span lang="en" dir="ltr">{}</span>', sentence)
    if sentence.plural:
        text = ngettext(sentence.text, sentence.plural, sentence.values["number"])
    else:
        text = gettext(sentence.text)
    values = {name: _value(value) for name, value in sentence.values.items()}
    # Text and values are escaped, each for itself.
    return mark_safe(fill(escape(text), values))  # noqa: S308


def _value(value: Any) -> SafeString:
    if isinstance(value, Words):
        return told(value)
    if isinstance(value, str):
        return format_html("<bdi>{}</bdi>", value)
    return escape(localize(value))
