"""What may stand in an address of residents' pages."""

from residents.home import kind


class Kind:
    """Whose passphrase it is: the home's, its guests', or that of a further person."""

    regex = "|".join(kind.Kind)

    def to_python(self, value: str) -> kind.Kind:
        return kind.Kind(value)

    def to_url(self, value: str) -> str:
        return str(value)
