"""What may stand in an address of residents' pages."""

from common.converters import PropertyId
from common.property.ids import property_here
from residents.home import kind


class PropertyHere(PropertyId):
    """The id of a property as `PropertyId` has it, on a host on which the property answers."""

    def to_python(self, value: str) -> str:
        return property_here(value)


class Kind:
    """Whose passphrase it is: the home's, its guests', or that of a further person."""

    regex = "|".join(kind.Kind)

    def to_python(self, value: str) -> kind.Kind:
        return kind.Kind(value)

    def to_url(self, value: str) -> str:
        return str(value)
