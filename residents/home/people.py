"""The people of a home who have a passphrase of their own."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ruckus.resident_types import UnitUser

# As many as a screen takes; above it there is a filter.
AT_ONCE = 8


def name_of(user: UnitUser) -> str:
    return (user.name or "").strip() or _("Household member")


@dataclass(frozen=True)
class Person:
    """A further person as a row shows them."""

    user: UnitUser

    @property
    def title(self) -> str:
        return name_of(self.user)

    @property
    def initial(self) -> str:
        return self.title[0].upper()


@dataclass(frozen=True)
class People:
    """Everybody, or those whose names have what is `wanted`."""

    everybody: tuple[Person, ...]
    wanted: str = ""

    @property
    def total(self) -> int:
        return len(self.everybody)

    @property
    def can_filter(self) -> bool:
        return self.total > AT_ONCE

    @property
    def found(self) -> tuple[Person, ...]:
        wanted = self.wanted.casefold()
        return tuple(person for person in self.everybody if wanted in person.title.casefold())

    @property
    def shown(self) -> tuple[Person, ...]:
        return self.found if self.wanted else self.found[:AT_ONCE]

    @property
    def more(self) -> tuple[Person, ...]:
        return () if self.wanted else self.found[AT_ONCE:]


def people_of(users: Iterable[UnitUser], wanted: str = "") -> People:
    return People(tuple(Person(user) for user in users), wanted.strip())
