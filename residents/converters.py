"""What may stand in an address of residents' pages."""

from common.converters import Id
from common.property.ids import property_here
from residents.home import kind


class PropertyHere(Id):
    """The id of a property in any spelling; views get the one that the vendor gets.

    Raises ValueError, which makes the address one that does not exist, for anything else, for a
    property that this portal does not serve, and on a host on which it does not answer.
    """

    regex = r"[A-Za-z0-9-]{1,64}"

    def to_python(self, value: str) -> str:
        return property_here(value)


class Kind:
    """Whose passphrase it is: the home's, its guests', or that of a further person."""

    regex = "|".join(kind.Kind)

    def to_python(self, value: str) -> kind.Kind:
        return kind.Kind(value)

    def to_url(self, value: str) -> str:
        return str(value)
