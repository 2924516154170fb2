"""What may stand in an address."""

from common.property.ids import served_property
from residents.home import kind


class Id:
    """An id of the vendor: opaque, but never something that could reach another path."""

    # The same ids as ruckus takes; each is followed by a slash here.
    regex = r"(?!\.{1,2}/)[A-Za-z0-9._:-]{1,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PropertyId(Id):
    """The id of a property in any spelling; views get the one that the vendor gets.

    Raises ValueError, which makes the address one that does not exist, for anything else and for
    a property that this portal does not serve.
    """

    regex = r"[A-Za-z0-9-]{1,64}"

    def to_python(self, value: str) -> str:
        return served_property(value)


class Kind:
    """Whose passphrase it is: the home's, its guests', or that of a further person."""

    regex = "|".join(kind.Kind)

    def to_python(self, value: str) -> kind.Kind:
        return kind.Kind(value)

    def to_url(self, value: str) -> str:
        return str(value)
