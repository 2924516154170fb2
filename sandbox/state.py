"""All that the sandbox remembers: homes, tokens, switches, faults and the calls it was sent."""

import copy
import hashlib
import math
import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from sandbox import seeds
from sandbox.faults import Fault
from sandbox.management.links import link
from sandbox.management.state import Management
from sandbox.seeds import Contact, Device, Property, Unit, User

BUCKET_SIZE = 100
BUCKET_REFILL = 80.0  # calls a second
TOKEN_LIFE = 12 * 3600.0  # seconds
CALLS_KEPT = 5000


class Refused(Exception):
    """A write that the vendor would answer with 400; `reasons` are its sentences."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = list(reasons)


@dataclass
class Switches:
    """How the vendor behaves where its documentation leaves it open."""

    # PUT answers 202 and the write shows after `accepted_delay` seconds.
    accepted: bool = False
    # PUT answers 200 and the write shows after `accepted_delay` seconds all the same.
    late: bool = False
    accepted_delay: float = 2.0
    # PUTs take effect one after the other, in the order in which they came, `accepted_delay` after
    # they came or later, each as it was sent: what was stored when one came is compared with
    # nothing. PUT answers 200, or 202 with `accepted`.
    in_order: bool = False
    # A successful PUT answers without a body.
    silent: bool = False
    # True: null for every optional field that a journey can do without. "all": for those as well.
    nulls: bool | Literal["all"] = False
    # Ids in answers have 32 hex digits without dashes; paths take both forms.
    dashless: bool = False
    # Ids in paths are taken in lower case only.
    strict_ids: bool = True
    # How a token is sent: after "Bearer ", or as it is.
    token_style: Literal["bearer", "bare", "either"] = "bearer"  # noqa: S105  (no password)
    # What tokens begin with; one that begins with "Bearer " itself is sent as it is in each style.
    token_prefix: str = ""
    # How many characters a token has, the prefix included.
    token_length: Annotated[int, Field(ge=32, le=32_000)] = 64
    # The documented limit: 100 calls per property, refilled with 80 a second.
    bucket: bool = True
    # What the DELETE of a unit user's device takes.
    device_id: Literal["guid", "mac"] = "guid"
    # The DELETE of a device answers 200, but the device stays (or has joined again at once).
    sticky_devices: bool = False
    token_life: float = TOKEN_LIFE  # seconds
    # How many seconds the old access code of a unit goes on opening it after it got a new one.
    link_lag: float = 0.0
    # The tokens that a unit has given out live on when it gets a new access code.
    tokens_outlive_link: bool = False
    # What the sign-in of a suspended unit answers; null lets it in.
    lockout: Literal[401, 403] | None = None
    # Operations other than the UI configuration answer 403 where apiAllowed is false.
    enforce_api_allowed: bool = False
    # Every call takes this many seconds longer.
    latency: float = 0.0
    # The `Date` header of answers is this many seconds ahead.
    date_skew: float = 0.0


@dataclass
class Grant:
    """What a token opens, and until when by the state's clock."""

    property_id: str
    unit_guid: str
    expires: float


@dataclass
class FormerCode:
    """An access code that opens its unit no longer, or not for long, by the state's clock."""

    property_id: str
    unit_guid: str
    code: str
    ends: float


@dataclass
class Bucket:
    """A token bucket; `take` is one call."""

    level: float = BUCKET_SIZE
    filled: float = 0.0

    def take(self, now: float) -> bool:
        """Return whether there was a call left."""
        self.level = min(BUCKET_SIZE, self.level + (now - self.filled) * BUCKET_REFILL)
        self.filled = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


def canonical_id(value: str) -> str | None:
    """Return the id in lower case with dashes, or None where it is no UUID; takes both spellings."""
    digits = value.replace("-", "")
    if len(digits) != 32 or len(value) not in (32, 36):
        return None
    try:
        known = str(uuid.UUID(hex=digits))
    except ValueError:
        return None
    return known if value.lower() in (known, digits.lower()) else None


def canonical_mac(value: str) -> str:
    """Return the MAC address as bare hex digits in upper case, however it was written."""
    return value.translate(str.maketrans("", "", "-:.")).upper()


@dataclass
class State:
    """The world of one sandbox. A new one is freshly seeded; `clock` gives monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    switches: Switches = field(default_factory=Switches)
    properties: dict[str, Property] = field(init=False)
    units: dict[str, Unit] = field(init=False)
    tokens: dict[str, Grant] = field(init=False)
    buckets: dict[str, Bucket] = field(init=False)
    faults: list[Fault] = field(init=False)
    calls: deque[dict[str, Any]] = field(init=False)
    pending: list[tuple[float, Callable[[], None]]] = field(init=False)
    former_codes: list[FormerCode] = field(init=False)
    # What the vendor would send to residents of itself, oldest first.
    messages: list[dict[str, str]] = field(init=False)
    management: Management = field(init=False)

    def __post_init__(self) -> None:
        self._seed()

    def reset(self) -> None:
        """Back to the seeds: no tokens, faults, calls or writes under way, default switches."""
        self.switches = Switches()
        self._seed()

    def _seed(self) -> None:
        self.properties = {p.id: copy.deepcopy(p) for p in seeds.PROPERTIES}
        self.units = {home.unit_guid: home.unit for home in seeds.homes()}
        now = datetime.now(UTC).replace(microsecond=0)
        for user in self.users.values():
            for device in user.devices:
                if device.seen is not None:
                    device.last_connected = zulu(now - device.seen)
        self.tokens = {}
        self.buckets = {p: Bucket(filled=self.clock()) for p in self.properties}
        self.faults = []
        self.calls = deque(maxlen=CALLS_KEPT)
        self.pending = []
        self.former_codes = []
        self.messages = []
        self.management = Management(self.clock)

    def add_property(self, property_: Property, units: list[Unit]) -> None:
        """Let a property and its units into the world."""
        self.properties[property_.id] = property_
        self.units |= {unit.guid: unit for unit in units}
        self.buckets[property_.id] = Bucket(filled=self.clock())

    @property
    def users(self) -> dict[str, User]:
        """Return all unit users of all units, by id."""
        return {user.id: user for unit in self.units.values() for user in unit.users}

    @property
    def devices(self) -> list[Device]:
        """Return all devices of all unit users."""
        return [device for user in self.users.values() for device in user.devices]

    # Tokens

    def log_in(self, property_id: str, code: str) -> tuple[str, Grant, datetime] | None:
        """Return a new token, what it opens and when it ends; None where nothing has this code."""
        unit = self._opened(canonical_id(property_id), code)
        if unit is None:
            return None
        now, life = self.clock(), self.switches.token_life
        self.tokens = {t: g for t, g in self.tokens.items() if g.expires > now}
        switches = self.switches
        token = (switches.token_prefix + secrets.token_urlsafe(switches.token_length))[
            : switches.token_length
        ]
        self.tokens[token] = Grant(unit.property_id, unit.guid, now + life)
        return token, self.tokens[token], datetime.now(UTC) + timedelta(seconds=life)

    def _opened(self, property_id: str | None, code: str) -> Unit | None:
        """Return the unit that an access code opens, one that was replaced a moment ago included."""
        now = self.clock()
        codes = [(unit.property_id, unit.access_code, unit) for unit in self.units.values()]
        codes += [
            (former.property_id, former.code, self.units[former.unit_guid])
            for former in self.former_codes
            if former.ends > now
        ]
        for place, known, unit in codes:
            if place == property_id and secrets.compare_digest(known.encode(), code.encode()):
                return unit
        return None

    def replace_link(self, unit: Unit) -> None:
        """Give the unit a new access code, and tell its contact as far as its property sends messages."""
        ends = self.clock() + self.switches.link_lag
        former = FormerCode(unit.property_id, unit.guid, unit.access_code, ends)
        self.former_codes.append(former)
        unit.access_code = secrets.token_urlsafe(32)
        if not self.switches.tokens_outlive_link:
            self.tokens = {t: g for t, g in self.tokens.items() if g.unit_guid != unit.guid}
        property_, contact = self.properties[unit.property_id], unit.contact or Contact("")
        for kind, sent, to in (
            ("email", property_.send_email, contact.email),
            ("sms", property_.send_sms, contact.phone),
        ):
            if sent and to:
                message = {"unit": unit.guid, "kind": kind, "to": to, "link": link(unit, "auth")}
                self.messages.append(message)

    def grant(self, authorization: str) -> Grant | None:
        """Return what the header's token opens, or None where it is unknown, expired or misspelt."""
        scheme, _, rest = authorization.partition(" ")
        bearer, rest = scheme.lower() == "bearer", rest.strip()
        style = self.switches.token_style
        found = None
        # A token that begins with "Bearer " itself is whole as it is, and gets no second one.
        if bearer or style != "bearer":
            found = self.tokens.get(authorization)
        if found is None and bearer and style != "bare" and not rest.lower().startswith("bearer "):
            found = self.tokens.get(rest)
        return found if found and found.expires > self.clock() else None

    def spend(self, property_id: str | None) -> bool:
        """Return whether the property had a call left. Ids that are no property's have no limit."""
        bucket = self.buckets.get(canonical_id(property_id or "") or "")
        return bucket is None or not self.switches.bucket or bucket.take(self.clock())

    # Writes

    def write(self, change: Callable[[], None]) -> None:
        """Apply the change now, or later where the switches say so."""
        switches = self.switches
        if switches.accepted or switches.late or switches.in_order:
            due = self.clock() + switches.accepted_delay
            if switches.in_order:
                due = max([due, *(when for when, _ in self.pending)])
            self.pending.append((due, change))
        else:
            change()

    def settle(self, *, everything: bool = False) -> None:
        """Apply the accepted writes that are due, or all of them."""
        if not self.pending:
            return
        now = self.clock()
        due = [change for when, change in self.pending if everything or when <= now]
        self.pending = [p for p in self.pending if not everything and p[0] > now]
        for change in due:
            change()

    def job_id(self) -> str:
        """Return an id for a change under way. Nothing can be asked about it, as with the vendor's."""
        return str(uuid.uuid4())

    def passphrase_change(self, unit: Unit, user: User, wanted: str | None) -> Callable[[], None]:
        """Return the change that sets this passphrase: none where it is None, or unchanged.

        Raise Refused where the resident may not choose one, or not this one.
        """
        property_ = self.properties[unit.property_id]
        pool = property_.pool
        if wanted is None or (wanted == user.passphrase and not self.switches.in_order):
            return lambda: None
        if wanted == "":

            def generate() -> None:
                fresh = "".join(secrets.choice(pool.alphabet) for _ in range(pool.length))
                user.passphrase = fresh

            return generate
        if wanted != user.passphrase:
            self._check_choice(property_, wanted)

        def choose() -> None:
            user.passphrase = wanted

        return choose

    @staticmethod
    def _check_choice(property_: Property, wanted: str) -> None:
        pool = property_.pool
        if property_.profile is None or property_.profile.tenant_set_dpsk is not True:
            raise Refused("Residents of this property cannot set a passphrase of their own.")
        if not pool.minimum <= len(wanted) <= 63:
            raise Refused(f"A passphrase has {pool.minimum} to 63 characters.")
        if any(not " " <= c <= "~" for c in wanted):
            raise Refused("A passphrase is made of printable ASCII characters.")


def shuffled(users: list[User]) -> list[User]:
    """Return the users in a stable order that says nothing of their type or name."""
    return sorted(users, key=lambda user: hashlib.sha256(user.id.encode()).digest())


def zulu(moment: datetime) -> str:
    """Return the moment as an ISO date-time with a Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def pages(total: int, size: int) -> int:
    """Return how many pages of this size the total fills."""
    return math.ceil(total / size)
