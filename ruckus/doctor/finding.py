"""What a check says: one line, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


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
    about: str
    what: str
    advice: str = ""


def ok(about: str, what: str, advice: str = "") -> Finding:
    """Return that all is well."""
    return Finding(Level.OK, about, what, advice)


def to_do(about: str, what: str, advice: str) -> Finding:
    """Return that somebody has to act."""
    return Finding(Level.TO_DO, about, what, advice)


def unknown(about: str, what: str, advice: str = "") -> Finding:
    """Return that it could not be found out."""
    return Finding(Level.UNKNOWN, about, what, advice)
