"""How a unit's token is sent. Two styles are known of the vendor's cloud, and neither is certain."""

from dataclasses import dataclass, field
from enum import StrEnum


class TokenStyle(StrEnum):
    """What stands in the Authorization header."""

    BEARER = "bearer"
    BARE = "bare"

    @property
    def other(self) -> "TokenStyle":
        """Return the style that is tried when this one is refused."""
        return TokenStyle.BARE if self is TokenStyle.BEARER else TokenStyle.BEARER


@dataclass
class UnitToken:
    """A token of one unit, and the style in which the vendor took it; None as long as it took none."""

    value: str = field(repr=False)
    style: TokenStyle | None = None

    @property
    def is_complete(self) -> bool:
        """Return whether the token brings its own `Bearer `, and is sent as it is."""
        return self.value.startswith("Bearer ")

    def header(self, style: TokenStyle) -> str:
        """Return the value of the Authorization header."""
        if self.is_complete or style is TokenStyle.BARE:
            return self.value
        return f"Bearer {self.value}"
