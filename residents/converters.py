"""What may stand in an address."""

from django.conf import settings


class Id:
    """An id of the vendor: opaque, but never something that could reach another path."""

    regex = r"[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,63}"

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


def checked_property(value: str) -> str:
    """Return the id as it came if it can be one that this portal serves, or raise ValueError."""
    digits = value.replace("-", "").lower()
    if len(digits) != 32 or not all(digit in "0123456789abcdef" for digit in digits):
        raise ValueError("no property has such an id")
    allowed = {allowed.replace("-", "").lower() for allowed in settings.ALLOWED_PROPERTIES}
    if allowed and digits not in allowed:
        raise ValueError("this portal does not serve the property")
    return value
