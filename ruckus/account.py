"""An account of RUCKUS One: who asks the Property Management API, and the access token of the moment."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .management_types import AccessToken
from .pace import Pace

DEFAULT_LIFE = 3600.0
"""Seconds that a token lasts where the vendor does not say."""

MARGIN = 300.0
"""Seconds before its end at which a token is renewed, or a tenth of its life where that is less."""


@dataclass(frozen=True)
class Credentials:
    """An application token, as RUCKUS One calls the pair of client id and secret.

    `delegated_tenant_id` is the customer's, where a managed service provider asks on its behalf.
    """

    tenant_id: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    delegated_tenant_id: str | None = None


class Account:
    """What is remembered of an account in memory, in one event loop: its token, and its ways with us.

    `versioned` says that reads are answered in the vendor's own media type alone, `elsewhere` that the
    token is not to be had at the API's host.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.credentials = credentials
        self.pace = pace or Pace()
        self.versioned = False
        self.elsewhere = False
        self._clock = clock
        self._token: AccessToken | None = None
        self._renew_at = 0.0
        self._renewal: asyncio.Task[AccessToken] | None = None

    def __repr__(self) -> str:
        return f"Account({self.credentials!r})"

    async def token(
        self, start: Callable[[], asyncio.Task[AccessToken]], refused: AccessToken | None = None
    ) -> AccessToken:
        """Return the access token. One that was refused, or ends soon, is renewed first, once for all who wait.

        `start` begins the renewal. Raise what it raises.
        """
        if self._token and self._token is not refused and self._clock() < self._renew_at:
            return self._token
        if self._renewal is None:
            self._renewal = start()
            self._renewal.add_done_callback(self._keep)
        renewal = self._renewal
        # Whoever leaves must not end it for the others.
        await asyncio.wait({renewal})
        return renewal.result()

    def _keep(self, renewal: asyncio.Task[AccessToken]) -> None:
        self._renewal = None
        if not renewal.cancelled() and renewal.exception() is None:
            self._token = renewal.result()
            life = self._token.expires_in or DEFAULT_LIFE
            self._renew_at = self._clock() + life - min(MARGIN, life / 10)
