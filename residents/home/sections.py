"""What the page says of each identity of a home."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common import languages
from common.models import AwaitedWrite
from common.property.brand import Brand
from common.request import ResidentRequest
from residents.home import awaited_writes, passphrase_changes
from residents.home.kind import Kind
from residents.home.passphrase_changes import State
from residents.home.people import name_of
from ruckus.resident_types import UnitUser

ORDER = list(Kind)
MOST_OWN = 4
TITLES = {Kind.UNIT: _("Home Wi‑Fi"), Kind.GUEST: _("Guest Wi‑Fi")}
# Seconds between looks at a passphrase that is not confirmed yet; after the last, the page asks.
LOOKS = (1, 2, 2, 3, 3, 5, 5, 5, 10, 10, 10, 10, 15, 15, 15, 15)


@dataclass(frozen=True)
class Section:
    """One identity as the page shows it."""

    user: UnitUser
    kind: Kind
    title: str
    state: State
    brand: Brand
    look: int = 0
    shown: bool = False
    suspended: bool = False
    awaited: AwaitedWrite | None = None
    # Whether guests were seen to have the home's own passphrase.
    shares_passphrase: bool = False

    @property
    def delay(self) -> int | None:
        """Return seconds until the next look, None when the page has looked often enough."""
        return LOOKS[self.look] if self.look < len(LOOKS) else None

    @property
    def next_look(self) -> int:
        return self.look + 1

    @property
    def is_looking(self) -> bool:
        """Return whether the page asks by itself for a new passphrase."""
        return self.state is State.WAITING and self.delay is not None

    @property
    def has_code(self) -> bool:
        """Return whether all is known that a device needs to join."""
        return bool(self.user.passphrase and self.brand.ssids and self.state is not State.WAITING)

    @property
    def minutes_left(self) -> int | None:
        """Return for how many minutes, at most, an earlier write stands in the way of others."""
        return awaited_writes.minutes_left(self.awaited) if self.awaited else None

    @property
    def can_edit(self) -> bool:
        """Return whether anything can be changed: not while blocked, nor while a write is awaited."""
        return not (self.user.is_blocked or self.suspended or self.awaited)

    @property
    def is_fixed(self) -> bool:
        """Return whether the property lets guests have no passphrase that residents choose."""
        return self.kind is Kind.GUEST and not self.brand.separate_guest

    @property
    def can_change(self) -> bool:
        """Return whether the passphrase can be reset."""
        return self.can_edit and not self.is_fixed

    @property
    def can_choose(self) -> bool:
        return self.can_change and self.brand.own_passphrase


def title_of(user: UnitUser, kind: Kind) -> str:
    """Return what the Wi-Fi of this user is called: the home's, its guests', or by the name."""
    return str(TITLES[kind]) if kind in TITLES else name_of(user)


def sort_key(user: UnitUser) -> tuple[int, tuple[str, str], str]:
    return ORDER.index(Kind.of(user)), languages.sort_key(user.name or ""), user.id


def own_of(users: Iterable[UnitUser]) -> list[UnitUser]:
    """Return the home's own identities out of its users; there are two, and never very many."""
    return [user for user in users if Kind.of(user) is not Kind.LINKED][:MOST_OWN]


async def section_of(
    request: ResidentRequest,
    user: UnitUser,
    *,
    kind: Kind | None = None,
    look: int = 0,
    shown: bool = False,
    suspended: bool = False,
    home_passphrase: str | None = None,
) -> Section:
    """Return the section of a user that was just read.

    `home_passphrase` is the home's own, if that was read, too.
    """
    kind = kind or Kind.of(user)
    write = await awaited_writes.still_awaited(request, user)
    state = await passphrase_changes.state_of(request, user, write)
    return Section(
        user=user,
        kind=kind,
        title=title_of(user, kind),
        state=state,
        brand=request.brand,
        look=look,
        shown=shown or state is State.CONFIRMED,
        suspended=suspended,
        awaited=write,
        shares_passphrase=home_passphrase is not None and user.passphrase == home_passphrase,
    )
