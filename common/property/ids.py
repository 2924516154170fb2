"""Ids of properties: one property, however a link spells it."""

from django.conf import settings

from ruckus.links import property_id


def bare_id(value: str) -> str:
    """Return what all spellings of an id have in common."""
    return value.replace("-", "").lower()


def served_property(value: str) -> str:
    """Return the id in the one spelling that the vendor gets: lower case, with dashes.

    Raise ValueError for what can't be an id, and for a property that this portal does not serve.
    """
    known = property_id(value)
    if settings.ALLOWED_PROPERTIES and known not in map(property_id, settings.ALLOWED_PROPERTIES):
        raise ValueError("this portal does not serve the property")
    return known


def only_property() -> str | None:
    """Return the id of the one property that this portal serves, or None where there may be more."""
    if len(settings.ALLOWED_PROPERTIES) != 1:
        return None
    return property_id(*settings.ALLOWED_PROPERTIES)
