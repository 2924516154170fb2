"""The language of letters and messages, which staff choose."""

from django.conf import settings

from staff.models import Property

Language = tuple[str, str]


def languages() -> list[Language]:
    """Return code and own name of each language, or none where there is nothing to choose."""
    known = [(code, str(name)) for code, name in settings.LANGUAGES]
    return known if len(known) > 1 else []


def chosen(wanted: str | None, property: Property) -> str:
    """Return the language that was asked for, else the property's, else the portal's."""
    known = dict(settings.LANGUAGES)
    return next(
        (code for code in (wanted, property.language) if code in known), settings.LANGUAGE_CODE
    )
