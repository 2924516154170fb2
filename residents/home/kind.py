"""Whose passphrase it is."""

from enum import StrEnum

from ruckus.resident_types import UnitUser


class Kind(StrEnum):
    """The kinds of unit users, as they are written in our addresses."""

    UNIT = "unit"
    GUEST = "guest"
    LINKED = "linked"

    @classmethod
    def of(cls, user: UnitUser) -> "Kind":
        """Return the kind of a user; a type that is new to us is treated as a further person."""
        return {"UNIT": cls.UNIT, "GUEST": cls.GUEST}.get(user.type or "", cls.LINKED)
