"""The Property Management API, one method for each operation. For staff: it opens every home of an account."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

import msgspec

from . import management_types as types
from .account import Account, Credentials
from .client import Client, quoted
from .errors import NotFound, NotSignedIn, Rejected, Unavailable
from .management_types import (
    AccessToken,
    Activity,
    Change,
    ManagedProperty,
    ManagedUnit,
    Page,
)
from .operations import Operation
from .resident_types import Listed
from .wire import Upstream

T = TypeVar("T")

HAL = "application/hal+json"
VERSIONED = "application/vnd.ruckus.v1+json"
PLAIN = f"application/json, {VERSIONED}"

PAGE_SIZE = 100
MAX_PAGES = 200
MOST_RESENT = 100


def _query(operation_id: str, path: str, read: Callable[[bytes], T]) -> Operation[T]:
    return Operation(operation_id, "POST", path, read, HAL, safe=True)


def _get(operation_id: str, path: str, read: Callable[[bytes], T], accept: str) -> Operation[T]:
    return Operation(operation_id, "GET", path, read, accept, safe=True)


CREATE_TOKEN = Operation(
    "createToken", "POST", "/oauth2/token/{}", types.read_token, "application/json"
)
QUERY_PROPERTIES = _query(
    "queryPropertyConfigs", "/venues/propertyConfigs/query", types.read_properties
)
PROPERTY = _get("getProperty", "/venues/{}/propertyConfigs", types.read_property, HAL)
QUERY_UNITS = _query("queryUnits", "/venues/{}/units/query", types.read_units)
UNIT = _get("fetchUnit", "/venues/{}/units/{}", types.read_unit, HAL)
EDIT_UNIT = Operation("editUnit", "PATCH", "/venues/{}/units/{}", types.read_request_id, PLAIN)
RESEND = Operation(
    "resendNotifications",
    "POST",
    "/venues/{}/units/notifications",
    types.read_request_id,
    PLAIN,
    sends=True,
)
# The vendor's sample polls it, and no description that we know of lists it: the id is ours.
ACTIVITY = _get("getActivity", "/activities/{}", types.read_activity, PLAIN)


class TenantClient(Client):
    """Calls that count towards the limit of a tenant."""

    def __init__(
        self, http: Upstream, credentials: Credentials, *, deadline: float | None = None
    ) -> None:
        super().__init__(http, deadline=deadline)
        self._credentials = credentials
        self._key = f"tenant {credentials.tenant_id}"

    def _path(self, operation: Operation[Any], ids: tuple[str, ...]) -> str:
        return operation.path.format(*quoted(operation, *ids))

    async def _take(self, operation: Operation[Any], deadline: float) -> None:
        http = self._http
        http.cooldown.check(operation.id, self._key)
        await http.tenants.take(operation.id, self._key, deadline)

    def _pause(self, seconds: float) -> None:
        self._http.cooldown.start(self._key, seconds)


def _headers(operation: Operation[Any], content_type: str | None) -> dict[str, str]:
    headers = {
        "Accept": operation.accept,
        "Accept-Encoding": "gzip",
        "User-Agent": "resident-portal",
    }
    return headers | ({"Content-Type": content_type} if content_type else {})


class TokenApi(TenantClient):
    """Where an account gets its access token."""

    async def create_token(self) -> AccessToken:
        """Return a new access token. Raise NotSignedIn, Rejected or NotFound if the credentials are not taken. createToken

        For a tenant that is none the vendor may send a page: Unavailable with the reason body.
        """
        return await self._request(CREATE_TOKEN, self._credentials.tenant_id)

    async def _attempt(
        self, operation: Operation[T], path: str, content: bytes | None, deadline: float
    ) -> tuple[int, T]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        headers = _headers(operation, "application/x-www-form-urlencoded")
        encoded = urlencode(form, errors="replace").encode()
        return await self._send(operation, path, headers, encoded, deadline)


class ManagementApi(TenantClient):
    """The API as one account sees it.

    Every method raises ApiError (see errors.py), and nothing else; its operation is createToken where the
    account got no access token. With `bulk`, reads take turns, wait while people's calls are under way, and
    are patient with a vendor who is busy. `token_http` is asked for the token where `http` has none.
    """

    def __init__(
        self,
        http: Upstream,
        account: Account,
        *,
        bulk: bool = False,
        token_http: Upstream | None = None,
        deadline: float | None = None,
    ) -> None:
        super().__init__(http, account.credentials, deadline=deadline)
        self._account = account
        self._bulk = bulk
        self._token_http = token_http

    # Properties

    async def query_properties(
        self, page: int = 1, *, page_size: int = PAGE_SIZE
    ) -> Page[ManagedProperty]:
        """Return one page of the account's properties. queryPropertyConfigs"""
        query = {
            "page": page,
            "pageSize": page_size,
            "sortOrder": "ASC",
            "sortField": "venueName",
        }
        return await self._request(QUERY_PROPERTIES, json=query)

    async def fetch_properties(self) -> Listed[ManagedProperty]:
        """Return all properties of the account. queryPropertyConfigs"""
        return await _all_pages(self.query_properties)

    async def fetch_property(self, venue_id: str) -> ManagedProperty:
        """Return one property; NotFound if the venue is none. getProperty"""
        found = await self._request(PROPERTY, venue_id)
        return found if found.venue_id else msgspec.structs.replace(found, venue_id=venue_id)

    # Units

    async def query_units(
        self,
        venue_id: str,
        page: int = 1,
        *,
        page_size: int = PAGE_SIZE,
        names: Sequence[str] = (),
    ) -> Page[ManagedUnit]:
        """Return one page of the venue's units, of those alone that have one of the names where any are given. queryUnits"""
        query: dict[str, Any] = {
            "page": page,
            "pageSize": page_size,
            "sortOrder": "ASC",
            "sortField": "name",
        }
        if names:
            query["filters"] = {"name": list(names)}
        return await self._request(QUERY_UNITS, venue_id, json=query)

    async def fetch_units(self, venue_id: str) -> Listed[ManagedUnit]:
        """Return all units of the venue, 100 a call. queryUnits"""
        return await _all_pages(lambda page: self.query_units(venue_id, page))

    async def fetch_unit(self, venue_id: str, unit_id: str) -> ManagedUnit:
        """Return one unit, with its link where there is one. fetchUnit"""
        unit = await self._request(UNIT, venue_id, unit_id)
        return unit if unit.id else msgspec.structs.replace(unit, id=unit_id)

    async def update_unit_status(
        self, venue_id: str, unit_id: str, status: Literal["ENABLED", "DISABLED"]
    ) -> Change:
        """Suspends the unit, or lets it in again; Rejected if that is refused. editUnit"""
        return await self._change(EDIT_UNIT, venue_id, unit_id, json={"status": status})

    async def resend_notifications(self, venue_id: str, unit_ids: Sequence[str]) -> Change:
        """Asks for the vendor's own message to these units, 100 at most; Rejected if it is refused. resendNotifications"""
        if len(unit_ids) > MOST_RESENT:
            raise Rejected(RESEND.id)
        return await self._change(RESEND, venue_id, json=list(unit_ids))

    async def fetch_activity(self, request_id: str) -> Activity:
        """Return what became of a change that was accepted."""
        return await self._request(ACTIVITY, request_id)

    # One call

    async def _change(self, operation: Operation[str | None], *ids: str, json: Any) -> Change:
        status, request_id = await self._finish(operation, ids, json)
        return Change(accepted=status == 202, request_id=request_id)

    async def _call(
        self, operation: Operation[T], ids: tuple[str, ...], json: Any
    ) -> tuple[int, T]:
        call = super()._call
        pace = self._account.pace
        if self._takes_turns(operation):
            return await pace.patiently(lambda: call(operation, ids, json))
        with pace.person():
            return await call(operation, ids, json)

    def _takes_turns(self, operation: Operation[Any]) -> bool:
        # A write never waits: people are waiting for it, and so is a process that is to end.
        return self._bulk and operation.safe

    def _until(self) -> float:
        # The time of a bulk read begins with its turn.
        return float("inf") if self._bulk and self._deadline is None else super()._until()

    async def _attempt(
        self, operation: Operation[T], path: str, content: bytes | None, deadline: float
    ) -> tuple[int, T]:
        """Make one call. It is made again with a new access token if the one it had is refused."""
        if self._takes_turns(operation):
            await self._account.pace.turn(self._http.bulk, operation.id, self._key)
        deadline = min(deadline, asyncio.get_running_loop().time() + self._http.deadline)
        token = await self._account.token(self._start_renewal)
        try:
            return await self._exchange(operation, path, token, content, deadline)
        except NotSignedIn:
            token = await self._account.token(self._start_renewal, refused=token)
        return await self._exchange(operation, path, token, content, deadline)

    async def _exchange(
        self,
        operation: Operation[T],
        path: str,
        token: AccessToken,
        content: bytes | None,
        deadline: float,
    ) -> tuple[int, T]:
        """Send the call with this token. A read is sent again if the vendor has it in another media type only."""
        headers = _headers(operation, "application/json" if content is not None else None)
        headers["Authorization"] = f"Bearer {token.value}"
        if tenant := self._credentials.delegated_tenant_id:
            [headers["x-rks-tenantid"]] = quoted(operation, tenant)
        if operation.accept != HAL:
            return await self._send(operation, path, headers, content, deadline)
        versioned = headers | {"Accept": VERSIONED}
        if not self._account.versioned:
            try:
                return await self._send(operation, path, headers, content, deadline)
            except Unavailable as error:
                if error.status != 406:
                    raise
        result = await self._send(operation, path, versioned, content, deadline)
        self._account.versioned = True
        return result

    def _start_renewal(self) -> asyncio.Task[AccessToken]:
        return self._http.hold(self._renew())

    async def _renew(self) -> AccessToken:
        account = self._account
        first, second = self._http, self._token_http
        if second is not None and account.elsewhere:
            first, second = second, first
        try:
            return await TokenApi(first, account.credentials).create_token()
        except (NotFound, Unavailable) as error:
            answered = error.status is not None and error.status < 500
            if second is None or not answered:
                raise
        token = await TokenApi(second, account.credentials).create_token()
        account.elsewhere = not account.elsewhere
        return token


async def _all_pages(fetch: Callable[[int], Awaitable[Page[T]]]) -> Listed[T]:
    """Return what is on all pages. Pages count from 1, if the vendor's word holds."""
    first = page = await fetch(1)
    found = dict(first.items)
    pages = [first]
    fresh = bool(found)
    while fresh and page.last is not True and len(pages) < MAX_PAGES:
        page = await fetch(len(pages) + 1)
        pages.append(page)
        fresh = not page.items.keys() <= found.keys()
        found |= page.items
    totals = [page.total for page in pages if page.total is not None]
    if first.number or len(found) < max(totals, default=0):
        # It may count from 0.
        pages.append(await _first_of_all(fetch))
        found = pages[-1].items | found
    if totals:
        complete = len(found) >= max(totals)
    else:
        ended = page.last is True or not fresh
        complete = ended and all(page.size == len(page.items) for page in pages)
    return Listed(found.values(), complete=complete)


async def _first_of_all(fetch: Callable[[int], Awaitable[Page[T]]]) -> Page[T]:
    try:
        return await fetch(0)
    except Unavailable as error:
        if error.status != 400:
            raise
        # There is no such page: the first one was the first.
        return Page({})
