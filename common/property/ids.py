"""Ids of properties: one property, however a link spells it."""

import re

from django.conf import settings

PROPERTY = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}")


def bare_id(value: str) -> str:
    """Return what all spellings of an id have in common."""
    return value.replace("-", "").lower()


def served_property(value: str) -> str:
    """Return the id in the one spelling that the vendor gets: lower case, with dashes.

    Raise ValueError for what can't be an id, and for a property that this portal does not serve.
    """
    small = value.lower()
    if not PROPERTY.fullmatch(small):
        raise ValueError("no property has such an id")
    bare = bare_id(small)
    if settings.ALLOWED_PROPERTIES and bare not in map(bare_id, settings.ALLOWED_PROPERTIES):
        raise ValueError("this portal does not serve the property")
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))
