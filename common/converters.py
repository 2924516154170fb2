"""What may stand in an address, of residents' pages and of staff's."""

from django.urls import register_converter


class Id:
    """An id of the vendor: opaque, but never something that could reach another path."""

    # The same ids as ruckus takes; each is followed by a slash here.
    regex = r"(?!\.{1,2}/)[A-Za-z0-9._:-]{1,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Id, "id")
