"""The languages of pages, and of what is for somebody else: a guest's card, a letter, a message."""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import TypeVar
from unicodedata import normalize

from django.conf import settings
from django.utils.translation import get_language, get_supported_language_variant

from common.property import served

T = TypeVar("T")

# The parameter of an address that says in which language its page is wanted, and from then on all.
PARAMETER = "lang"

# Whether a form came along to be shown in another language, and not to be acted upon.
switching: ContextVar[bool] = ContextVar("switching", default=False)


def languages(property_id: str = "") -> list[tuple[str, str]]:
    """Return code and own name of each language that there is to choose from, none if it is one.

    They are those of the property, or of all that answer on the host that was asked.
    """
    offered = served.languages_of(property_id) if property_id else served.languages_here()
    names = {code: str(name) for code, name in settings.LANGUAGES}
    known = [(code, names[code]) for code in offered or names]
    return known if len(known) > 1 else []


# Letters with a mark that stand in the alphabet for themselves, after the one without it.
LETTERS = {"es": "ñ", "pl": "ąćęłńóśźż", "ru": "й"}
BARE = str.maketrans("ł", "l")
AFTER_ALL = "\U0010ffff"


def sort_key(name: str) -> tuple[str, str]:
    """Return by what names are in the order in which the page's language has them."""
    own = LETTERS.get(get_language() or "", "")
    folded = normalize("NFC", name.casefold())
    letters = (
        normalize("NFKD", letter).translate(BARE)[0] + AFTER_ALL * (own.find(letter) + 1)
        for letter in folded
    )
    return "".join(letters), folded


def in_order(named: Iterable[T]) -> list[T]:
    """Return things, which are told by their names, in the order of the page's language."""
    return sorted(named, key=lambda each: sort_key(str(each)))


def known(wanted: str | None) -> str | None:
    """Return the language of the portal that is meant by a code such as `pt-PT`, if there is one."""
    try:
        return get_supported_language_variant(wanted) if wanted else None
    except LookupError:
        return None


def chosen(*wanted: str | None) -> str:
    """Return the first of the languages that were asked for which there is, else the portal's."""
    return next(filter(None, map(known, wanted)), settings.LANGUAGE_CODE)
