"""What may stand in an address, of residents' pages and of staff's."""

from django.urls import register_converter

from common.property.ids import served_property


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


register_converter(Id, "id")
register_converter(PropertyId, "property")
