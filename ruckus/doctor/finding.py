"""What a check says: one line, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ruckus.words import NOTHING, Words, as_data, read, together


class Level(StrEnum):
    """Whether somebody has to act."""

    OK = "ok"
    TO_DO = "to do"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Finding:
    """The result of one check. It names no resident, no home and no property, and holds no secret.

    `advice` says what to do and where; that of an OK is for those who want something else.
    """

    level: Level
    about: Words
    what: Words
    advice: Words = NOTHING

    @property
    def text(self) -> Words:
        """Return what was found and what to do, one after the other."""
        return together(self.what, self.advice)

    def as_data(self) -> dict[str, Any]:
        """Return the finding as JSON can keep it, in no language yet."""
        return {
            "level": self.level.value,
            "about": as_data(self.about),
            "what": as_data(self.what),
            "advice": as_data(self.advice),
        }

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Finding":
        """Return the finding that was kept."""
        return cls(
            Level(data["level"]), read(data["about"]), read(data["what"]), read(data["advice"])
        )


def ok(about: Words, what: Words, advice: Words = NOTHING) -> Finding:
    """Return that all is well."""
    return Finding(Level.OK, about, what, advice)


def to_do(about: Words, what: Words, advice: Words) -> Finding:
    """Return that somebody has to act."""
    return Finding(Level.TO_DO, about, what, advice)


def unknown(about: Words, what: Words, advice: Words = NOTHING) -> Finding:
    """Return that it could not be found out."""
    return Finding(Level.UNKNOWN, about, what, advice)
