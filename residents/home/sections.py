"""What the page says of each identity of a home."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common.property.brand import Brand
from common.request import ResidentRequest
from residents.home import passphrase_changes
from residents.home.kind import Kind
from residents.home.passphrase_changes import State
from residents.home.people import name_of
from ruckus.resident_types import UnitUser

ORDER = list(Kind)
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

    @property
    def delay(self) -> int | None:
        """Seconds until the next look, None when the page has looked often enough."""
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
    def can_change(self) -> bool:
        """Return whether the passphrase can be reset.

        It can't while blocked, nor where guests share, nor while the page looks for a new one.
        """
        shares = self.kind is Kind.GUEST and not self.brand.separate_guest
        return not (self.user.is_blocked or self.suspended or shares or self.is_looking)

    @property
    def can_choose(self) -> bool:
        return self.can_change and self.brand.own_passphrase


def title_of(user: UnitUser, kind: Kind) -> str:
    """Return what the Wi-Fi of this user is called: the home's, its guests', or by the name."""
    return str(TITLES[kind]) if kind in TITLES else name_of(user)


def sort_key(user: UnitUser) -> tuple[int, str, str]:
    return ORDER.index(Kind.of(user)), (user.name or "").casefold(), user.id


async def section_of(
    request: ResidentRequest,
    user: UnitUser,
    *,
    kind: Kind | None = None,
    look: int = 0,
    shown: bool = False,
    suspended: bool = False,
) -> Section:
    """Return the section of a user that was just read."""
    kind = kind or Kind.of(user)
    state = await passphrase_changes.state_of(request, user)
    return Section(
        user=user,
        kind=kind,
        title=title_of(user, kind),
        state=state,
        brand=request.brand,
        look=look,
        shown=shown or state is State.CONFIRMED,
        suspended=suspended,
    )
