"""What may stand in an address."""

import re

from django.conf import settings

PROPERTY = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}")


class Id:
    """An id of the vendor: opaque, but never something that could reach another path."""

    # The same ids as residents.ruckus takes; each is followed by a slash here.
    regex = r"(?!\.{1,2}/)[A-Za-z0-9._:-]{1,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PropertyId(Id):
    """The id of a property: a UUID, with or without dashes.

    Raises ValueError, which makes the address one that does not exist, for anything else and for
    a property that this portal does not serve.
    """

    regex = r"[A-Za-z0-9-]{1,64}"

    def to_python(self, value: str) -> str:
        return checked_property(value)


class Kind(Id):
    """Whose passphrase it is: the home's, its guests', or that of a further person."""

    regex = "unit|guest|linked"


def bare_id(value: str) -> str:
    """Return what all spellings of an id have in common."""
    return value.replace("-", "").lower()


def checked_property(value: str) -> str:
    """Return the id as it came if it can be one that this portal serves, or raise ValueError."""
    small = value.lower()
    # Four spellings and no more: each has a cache and a share of the vendor's calls of its own,
    # which a stranger who could mix cases would have without number.
    if not PROPERTY.fullmatch(small) or value not in (small, small.upper()):
        raise ValueError("no property has such an id")
    allowed = {bare_id(allowed) for allowed in settings.ALLOWED_PROPERTIES}
    if allowed and bare_id(value) not in allowed:
        raise ValueError("this portal does not serve the property")
    return value
