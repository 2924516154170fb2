"""Clients that speak for a connected account of RUCKUS One, at its region."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.fernet import InvalidToken
from django.conf import settings

from common.keys import STAFF, ring
from common.property.ids import bare_id
from common.upstream import has_one_address, upstream_at
from ruckus.account import Account, Credentials
from ruckus.errors import NotFound, NotSignedIn
from ruckus.links import property_id as dashed
from ruckus.management import CREATE_TOKEN, ManagementApi
from ruckus.management_types import ManagedProperty
from ruckus.regions import REGIONS, token_address
from ruckus.resident import LOG_IN, ResidentApi
from ruckus.resident_types import Login
from ruckus.unit_links import LinkShape, UnitLinks
from ruckus.wire import Upstream
from staff.models import Property, RuckusAccount

# What each event loop remembers of an account, and of which secret and tenants it is.
_accounts: WeakKeyDictionary[
    asyncio.AbstractEventLoop, dict[int, tuple[tuple[str, ...], Account]]
] = WeakKeyDictionary()


def seal(client_id: str, client_secret: str) -> str:
    """Return an application token encrypted, as it is stored."""
    return ring(STAFF).encrypt(json.dumps([client_id, client_secret]).encode()).decode()


def credentials(stored: RuckusAccount) -> Credentials:
    """Return the credentials of a stored account. Raise NotSignedIn if no key opens them any more."""
    try:
        client_id, client_secret = json.loads(ring(STAFF).decrypt(stored.encrypted))
    except InvalidToken:
        raise NotSignedIn(CREATE_TOKEN.id) from None
    return Credentials(
        stored.tenant_id, client_id, client_secret, stored.delegated_tenant_id or None
    )


def account_of(stored: RuckusAccount) -> Account:
    """Return the one Account of the running event loop, so that its token and its pace are shared.

    It is another one as soon as the stored account has changed. Raise NotSignedIn.
    """
    known = _accounts.setdefault(asyncio.get_running_loop(), {})
    written = (stored.region, stored.tenant_id, stored.delegated_tenant_id, stored.encrypted)
    found = known.get(stored.pk)
    if found is None or found[0] != written:
        found = known[stored.pk] = written, Account(credentials(stored))
    return found[1]


def forget(stored: RuckusAccount) -> None:
    """Forget the secret and the token of an account that is no longer connected."""
    _accounts.get(asyncio.get_running_loop(), {}).pop(stored.pk, None)


def address_of(region: str) -> str:
    """Return where both APIs are for accounts of a region.

    An address that the settings give, and not a region, is that of a deployment under test: it is
    every region's.
    """
    return settings.RUCKUS_API_URL if has_one_address() else REGIONS[region]


def is_fit(found: ManagedProperty) -> bool:
    """Return whether residents' links can name the property."""
    try:
        dashed(found.venue_id)
    except ValueError:
        return False
    return True


def upstream_for(region: str) -> Upstream:
    """Return the way to both APIs of a region."""
    return upstream_at(address_of(region))


def api_at(
    region: str, account: Account, *, bulk: bool = False, deadline: float | None = None
) -> ManagementApi:
    """Return a client for an account that need not be stored."""
    elsewhere = None if has_one_address() else upstream_at(token_address(region))
    return ManagementApi(
        upstream_for(region), account, bulk=bulk, token_http=elsewhere, deadline=deadline
    )


def sign_in_at(region: str) -> Callable[[str, str], Awaitable[Login]]:
    """Return what signs in to properties of a region as a resident would."""

    async def sign_in(property_id: str, code: str) -> Login:
        api = ResidentApi(upstream_for(region), property_id=dashed(property_id))
        return await api.log_in(code)

    return sign_in


def management_api(account: RuckusAccount, *, bulk: bool = False) -> ManagementApi:
    """Return a client for the account; with `bulk`, people's calls go first. Raise NotSignedIn."""
    return api_at(account.region, account_of(account), bulk=bulk)


def unit_links(account: RuckusAccount, *, bulk: bool = False) -> UnitLinks:
    """Return what finds the links of the account's units and knows how they look.

    `save_shape` keeps what it has learned. Raise NotSignedIn.
    """
    api = management_api(account, bulk=bulk)
    return UnitLinks(api, sign_in_at(account.region), read_shape(account.shape))


def read_shape(stored: dict[str, Any] | None) -> LinkShape | None:
    """Return how the links of an account look, as far as is known."""
    if not stored:
        return None
    return LinkShape(stored["host"], stored["parameter"], frozenset(stored["decodings"]))


def remember_shape(account: RuckusAccount, shape: LinkShape | None) -> bool:
    """Put what is known of the account's links into its row; return whether that is news."""
    if shape is None or shape == read_shape(account.shape):
        return False
    account.shape = asdict(shape) | {"decodings": sorted(shape.decodings)}
    return True


async def save_shape(account: RuckusAccount, links: UnitLinks) -> None:
    """Keep what was learned of how the account's links look; it holds no secret."""
    if remember_shape(account, links.shape):
        await RuckusAccount.objects.filter(pk=account.pk).aupdate(shape=account.shape)


async def sign_in_to(property_id: str, code: str) -> Login:
    """Return what a resident's sign-in gives, at the region of the property's account.

    It does not count as opening the home. Raise ApiError: NotFound for a property of no account.
    """
    known = Property.objects.select_related("account")
    found = await known.filter(id=bare_id(property_id)).afirst()
    if found is None:
        raise NotFound(LOG_IN.id)
    return await sign_in_at(found.account.region)(property_id, code)
