"""The languages that something for somebody else can be in: a guest's card, a letter, a message."""

from django.conf import settings


def languages() -> list[tuple[str, str]]:
    """Return code and own name of each language, or none where there is nothing to choose."""
    known = [(code, str(name)) for code, name in settings.LANGUAGES]
    return known if len(known) > 1 else []


def chosen(*wanted: str | None) -> str:
    """Return the first of the languages that were asked for which there is, else the portal's."""
    known = dict(settings.LANGUAGES)
    return next((code for code in wanted if code in known), settings.LANGUAGE_CODE)
