"""What the sandbox remembers for the management API: tokens, limits, activities, switches."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.management.accounts import ACCOUNTS, Account
from sandbox.management.links import Shape

CALLS_A_MINUTE = 2000


@dataclass
class Switches:
    """How the vendor behaves where its documentation leaves it open."""

    # What the first page is called when one is asked for.
    first_page: Literal[0, 1] = 1
    # What an answer calls it.
    first_number: Literal[0, 1] = 0
    # Where the access code is in the links of units; null gives none.
    link: Shape | None = "auth"
    # The units of a query have their links, too.
    rows_have_links: bool = False
    # Whether an account that is Read-Only is given links.
    read_only_sees_links: bool = True
    # In which media types reads are answered; others are 406.
    accept: Literal["hal", "versioned", "both"] = "both"
    # Writes answer 202, hold after `accepted_delay` seconds, and end with `outcome`.
    accepted: bool = False
    accepted_delay: float = 2.0
    outcome: Literal["SUCCESS", "FAIL"] = "SUCCESS"
    # The documented limit: 2,000 calls a minute and tenant.
    limit: bool = True
    # What a 429 says of when to come back; null says nothing.
    retry_after: int | None = 1
    token_life: float = 3600.0  # seconds
    # Whether a token is sent with how long it lasts.
    tell_expiry: bool = True
    # What wrong parameters get that ask for a token.
    wrong_parameters: Literal["page", "json"] = "page"


@dataclass
class Grant:
    """Whom an access token is of, and until when by the clock."""

    account: Account
    expires: float


@dataclass
class Bucket:
    """What a tenant has left of its calls."""

    level: float
    filled: float


@dataclass
class Management:
    """The world of the management API beside the homes themselves."""

    clock: Callable[[], float]
    switches: Switches = field(default_factory=Switches)
    tokens: dict[str, Grant] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    activities: dict[str, str] = field(default_factory=dict)
    # The units to which the vendor's own message was sent, in this order.
    resent: list[str] = field(default_factory=list)
    # The shapes of single units' links, whatever the switch says; None where there is no link.
    links: dict[str, Shape | None] = field(default_factory=dict)

    def create_token(self, account: Account) -> str:
        """Return a new access token, which looks like a JWT."""
        parts = ("eyJhbGciOiJSUzI1NiJ9", secrets.token_urlsafe(200), secrets.token_urlsafe(256))
        token = ".".join(parts)
        self.tokens[token] = Grant(account, self.clock() + self.switches.token_life)
        return token

    def account_of(self, authorization: str) -> Account | None:
        """Whose token the header has, None where it is unknown or has ended."""
        scheme, _, token = authorization.partition(" ")
        grant = self.tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        return grant.account if grant and grant.expires > self.clock() else None

    def spend(self, tenant_id: str) -> bool:
        """Return whether the tenant had a call left."""
        now = self.clock()
        bucket = self.buckets.setdefault(tenant_id, Bucket(CALLS_A_MINUTE, now))
        refill = (now - bucket.filled) * CALLS_A_MINUTE / 60
        bucket.level, bucket.filled = min(CALLS_A_MINUTE, bucket.level + refill), now
        if not self.switches.limit:
            return True
        if bucket.level < 1:
            return False
        bucket.level -= 1
        return True

    def shape_of(self, unit_guid: str, account: Account) -> Shape | None:
        """Return how the account is given the unit's link, None for not at all."""
        if account.role == "Read-Only" and not self.switches.read_only_sees_links:
            return None
        return self.links.get(unit_guid, self.switches.link)

    def begin(self, change: Callable[[], None]) -> tuple[str, Callable[[], None]]:
        """Return the id of an activity, and what ends it: the change, or a failure, as the switches say."""
        request_id, outcome = str(uuid.uuid4()), self.switches.outcome

        def end() -> None:
            if outcome == "SUCCESS":
                change()
            self.activities[request_id] = outcome

        self.activities[request_id] = "INPROGRESS"
        return request_id, end


def known_account(tenant_id: str, form: dict[str, Any]) -> Account | None:
    """Return the account with these credentials."""
    for account in ACCOUNTS:
        mine = (account.tenant_id, account.client_id, account.client_secret)
        if mine == (tenant_id, form.get("client_id"), form.get("client_secret")):
            return account
    return None
