"""The Resident Portal API, one method for each operation."""

import asyncio
import email.utils
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

import msgspec
import stamina
import stamina.instrumentation

from . import types
from .errors import (
    ApiError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Rejected,
    TooBusy,
    Unavailable,
)
from .http import Answer, Upstream
from .types import (
    Access,
    BadId,
    Contact,
    Device,
    Login,
    Property,
    UiConfiguration,
    Unit,
    UnitUser,
    UnreadableBody,
    UserPage,
    Written,
    check_id,
)

__all__ = ["BadId", "ResidentApi", "check_id", "decipher"]

T = TypeVar("T")

logger = logging.getLogger("residents.ruckus")

JSON = "application/json, application/hal+json, application/vnd.ruckus.v1+json"
PAGE_SIZE = 100
MAX_PAGES = 20
VENDOR_PAGE_SIZE = 20
SHORT_WAIT = 1.0
"""Seconds that a read waits at most when the vendor asks it to come back later."""

LONGEST_BACKOFF = 0.4
BACKOFF = stamina.AsyncRetryingCaller(
    attempts=3, timeout=None, wait_initial=0.1, wait_max=0.3, wait_jitter=0.1
)

# We log each failed call ourselves; stamina's own line would be a second one.
stamina.instrumentation.set_on_retry_hooks(())


# Operations ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """`id` is the vendor's operationId, `path` follows the property's, `read` makes the result of a 2xx body."""

    id: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    read: Callable[[bytes], T]
    accept: str = JSON
    limit: int = 2_000_000
    safe: bool = False
    """Changes nothing: may be retried, and a refusal is an outage and not the resident's mistake."""

    @property
    def writes(self) -> bool:
        """A PUT or DELETE: runs to its end, and a 2xx is a success whatever its body."""
        return self.method in ("PUT", "DELETE")


def _get(
    operation_id: str,
    path: str,
    read: Callable[[bytes], T],
    accept: str = JSON,
    limit: int = 2_000_000,
) -> Operation[T]:
    return Operation(operation_id, "GET", path, read, accept, limit, safe=True)


def _image(body: bytes) -> bytes:
    if not body:
        raise UnreadableBody("empty")
    return body


def _css(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _nothing(body: bytes) -> None:
    return None


_IMAGES = f"image/png, image/*;q=0.9, {JSON}"

LOG_IN = Operation("residentLogin", "POST", "/units/logins", types.read_login)
ACCESS = _get("getTenantPortalAccess", "/access", types.read_access)
STYLES = _get("getPropertyStyles", "/styles", _css, f"text/css, {JSON}", 256_000)
FAVICON = _get("downloadFavicons", "/files/favicons", _image, _IMAGES)
PROPERTY = _get("residentFetchProperty", "", types.read_property)
UI_CONFIGURATION = _get(
    "residentFetchUiConfiguration", "/uiConfigurations", types.read_ui_configuration
)
FILE = _get("residentDownloadPortalFile", "/files/{}", _image, _IMAGES)
UNIT = _get("residentFetchUnit", "/units", types.read_unit)
EDIT_UNIT = Operation("residentEditUnit", "PUT", "/units", _nothing)
UNIT_DEVICES = _get("residentFetchUnitDevices", "/units/devices?type={}", types.read_devices)
REMOVE_UNIT_DEVICE = Operation("residentRemoveDevice", "DELETE", "/units/devices/{}", _nothing)
QUERY_USERS = Operation(
    "queryUnitUsers", "POST", "/units/users/query", types.read_user_page, safe=True
)
USER = _get("getUnitUser", "/units/users/{}", types.read_unit_user)
UPDATE_USER = Operation("updateUnitUser", "PUT", "/units/users/{}", _nothing)
USER_DEVICES = _get("getUnitUserDevices", "/units/users/{}/devices", types.read_devices)
REMOVE_USER_DEVICE = Operation(
    "removeUnitUserDevice", "DELETE", "/units/users/{}/devices/{}", _nothing
)


def decipher(operation: Operation[T], status: int, headers: Mapping[str, str], body: bytes) -> T:
    """What an answer says: the data of a 2xx. Raises the ApiError that any other is."""
    if 200 <= status < 300:
        try:
            return operation.read(body)
        except UnreadableBody:
            raise Unavailable(
                operation.id, "body", status, maybe_written=not operation.safe
            ) from None
    match status:
        case 401:
            raise NotSignedIn(operation.id, status)
        case 403:
            raise NotAllowed(operation.id, status)
        case 404:
            raise NotFound(operation.id, status)
        case 400 | 409 | 422 if not operation.safe:
            raise Rejected(operation.id, status, types.read_errors(body))
        case 429:
            raise TooBusy(operation.id, status, _retry_after(headers))
    raise Unavailable(
        operation.id,
        f"status {status}",
        status,
        maybe_written=not operation.safe,
        retry_after=_retry_after(headers),
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds, or the seconds until the date, of Retry-After; None if it says neither."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, when.timestamp() - time.time())


# Client -------------------------------------------------------------------------------------------


class ResidentApi:
    """The API for one property, and with a token for one unit of it.

    Every method raises ApiError (see errors.py), and nothing else. `deadline` is event-loop time and bounds all calls
    of the instance together; without it each call has the time that the settings give.
    """

    def __init__(
        self,
        http: Upstream,
        *,
        property_id: str,
        token: str | None = None,
        deadline: float | None = None,
    ) -> None:
        self._http = http
        self._property_id = property_id
        self._token = token
        self._deadline = deadline

    # Before signing in

    async def log_in(self, secret: str) -> Login:
        """The unit's token. NotSignedIn or Rejected if the access code is not taken. residentLogin"""
        return await self._request(LOG_IN, json={"hashedSecret": secret})

    async def fetch_access(self) -> Access:
        """What the welcome page may say. getTenantPortalAccess"""
        return await self._request(ACCESS)

    async def fetch_styles(self) -> str:
        """The style sheet of the vendor's own pages. getPropertyStyles"""
        return await self._request(STYLES)

    async def fetch_favicon(self) -> bytes:
        """The property's icon, unchecked. downloadFavicons"""
        return await self._request(FAVICON)

    # The property

    async def fetch_property(self) -> Property:
        """Name, management and SSIDs of the property. residentFetchProperty"""
        return await self._request(PROPERTY)

    async def fetch_ui_configuration(self) -> UiConfiguration:
        """What the property wants shown and allows. residentFetchUiConfiguration"""
        return await self._request(UI_CONFIGURATION)

    async def fetch_file(self, kind: Literal["logo", "favIcon"]) -> bytes:
        """The image, unchecked. residentDownloadPortalFile"""
        return await self._request(FILE, kind)

    # The unit

    async def fetch_unit(self) -> Unit:
        """The unit and its contact. residentFetchUnit"""
        return await self._request(UNIT)

    async def update_unit(self, number: str, contact: Contact) -> Written:
        """Replaces the contact of the unit with that number; Rejected if it is refused. residentEditUnit"""
        return await self._write(EDIT_UNIT, json=types.write_unit(number, contact))

    async def fetch_unit_devices(self, kind: Literal["UNIT", "GUEST"]) -> tuple[Device, ...]:
        """The devices on the unit's own or guest Wi-Fi. residentFetchUnitDevices"""
        return await self._request(UNIT_DEVICES, kind)

    async def remove_unit_device(self, device_id: str) -> None:
        """Removes the device with that MAC address; NotFound if there is none. residentRemoveDevice"""
        await self._write(REMOVE_UNIT_DEVICE, device_id)

    # Its users

    async def query_unit_users(self, page: int = 0, page_size: int = PAGE_SIZE) -> UserPage:
        """One page of the unit's users, counted from 0. queryUnitUsers"""
        return await self._request(QUERY_USERS, json={"page": page, "pageSize": page_size})

    async def fetch_unit_users(self) -> tuple[UnitUser, ...]:
        """All users of the unit, of 20 pages at most, each once. queryUnitUsers"""
        # All pages together have the time of one call.
        api = ResidentApi(
            self._http,
            property_id=self._property_id,
            token=self._token,
            deadline=self._until(),
        )
        first = await api.query_unit_users()
        users = {user.id: user for user in first.users}
        if first.last or not users:
            return tuple(users.values())
        if first.total_pages is not None:
            rest = range(1, min(first.total_pages, MAX_PAGES))
            for page in await asyncio.gather(*map(api.query_unit_users, rest)):
                users |= {user.id: user for user in page.users}
            return tuple(users.values())
        for number in range(1, MAX_PAGES):
            # The vendor did not say whether that was all. Fewer than its own page size are,
            # even if it does not care for ours.
            if len(users) < VENDOR_PAGE_SIZE:
                break
            page = await api.query_unit_users(number)
            fresh = {user.id: user for user in page.users if user.id not in users}
            users |= fresh
            if page.last or not fresh:
                break
        return tuple(users.values())

    async def fetch_unit_user(self, user_id: str) -> UnitUser:
        """One user of the unit. getUnitUser"""
        user = await self._request(USER, user_id)
        return user if user.id else msgspec.structs.replace(user, id=user_id)

    async def update_unit_user(self, user: UnitUser) -> Written:
        """Replaces the user; a passphrase of "" makes a new one. Rejected if it is refused. updateUnitUser"""
        return await self._write(UPDATE_USER, user.id, json=types.write_unit_user(user))

    async def fetch_user_devices(self, user_id: str) -> tuple[Device, ...]:
        """The devices of one user. getUnitUserDevices"""
        return await self._request(USER_DEVICES, user_id)

    async def remove_user_device(self, user_id: str, device_id: str) -> None:
        """Removes the user's device; NotFound if there is none of that id. removeUnitUserDevice"""
        await self._write(REMOVE_USER_DEVICE, user_id, device_id)

    # How

    async def _request(self, operation: Operation[T], *ids: str, json: Any = None) -> T:
        """The data of a read or a sign-in."""
        answer = await self._call(operation, ids, json)
        return answer[1]

    async def _write(self, operation: Operation[None], *ids: str, json: Any = None) -> Written:
        """A write runs to its end, even if the resident's browser has hung up: cut short, nobody would know what holds."""
        task = self._http.hold(self._call(operation, ids, json))
        # Waiting for it cancels nothing. Nor is its error thrown into whoever awaits this, which
        # would be right as well, but hides what follows from coverage on Python 3.11.
        await asyncio.wait({task})
        status, _ = task.result()
        return Written(accepted=status == 202)

    async def _call(
        self, operation: Operation[T], ids: tuple[str, ...], json: Any
    ) -> tuple[int, T]:
        loop = asyncio.get_running_loop()
        deadline = self._until()
        path = self._path(operation, ids)
        content = _encode(operation, json)

        attempt = partial(self._attempt, operation, path, content, deadline)
        try:
            return await attempt()
        except ApiError as error:
            if not operation.safe:
                raise
            failures = [error]

        waited = False

        def again(error: Exception) -> bool | float:
            nonlocal waited
            wait = _worth_a_retry(error)
            if wait is None or loop.time() + (wait or LONGEST_BACKOFF) > deadline:
                return False
            if isinstance(error, TooBusy):
                if waited:
                    return False
                waited = True
            return wait or True

        async def retry() -> tuple[int, T]:
            # The first failure is raised once more in here, for the backoff to begin with it:
            # entering stamina costs 35 µs, which a call that succeeds need not pay.
            if failures:
                raise failures.pop()
            return await attempt()

        return await BACKOFF(again, retry)

    def _until(self) -> float:
        if self._deadline is not None:
            return self._deadline
        return asyncio.get_running_loop().time() + self._http.deadline

    def _path(self, operation: Operation[Any], ids: tuple[str, ...]) -> str:
        try:
            place, *rest = (quote(check_id(value), safe="") for value in (self._property_id, *ids))
        except BadId:
            raise NotFound(operation.id) from None
        return f"/residents/properties/{place}" + operation.path.format(*rest)

    def _headers(self, operation: Operation[Any], content: bytes | None) -> dict[str, str]:
        headers = {
            "Accept": operation.accept,
            "Accept-Encoding": "gzip",
            "User-Agent": "resident-portal",
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    async def _take(self, operation_id: str, deadline: float) -> None:
        """Takes a call of the property's, and of the strangers' share where nobody has signed in. Raises TooBusy."""
        http = self._http
        http.quiet.check(operation_id, self._property_id)
        if self._token is None:
            # The residents need not be still for what strangers were told.
            http.strangers_quiet.check(operation_id, self._property_id)
            await http.strangers.take(operation_id, self._property_id, deadline)
        await http.bucket.take(operation_id, self._property_id, deadline)

    async def _attempt(
        self, operation: Operation[T], path: str, content: bytes | None, deadline: float
    ) -> tuple[int, T]:
        """One call with all guards before it, and one line in the log if it fails."""
        http = self._http
        started = time.perf_counter()
        answer: Answer | None = None
        try:
            with http.breaker.guard(operation.id):
                await self._take(operation.id, deadline)
                answer = await http.send(
                    operation.id,
                    operation.method,
                    path,
                    headers=self._headers(operation, content),
                    content=content,
                    deadline=deadline,
                    limit=operation.limit,
                    pooled=operation.safe,
                    body_matters=not operation.writes,
                )
                return answer.status, decipher(operation, *answer)
        except ApiError as error:
            if isinstance(error, TooBusy) and error.status is not None:
                seconds = 1.0 if error.retry_after is None else error.retry_after
                quiet = http.strangers_quiet if self._token is None else http.quiet
                quiet.keep(self._property_id, seconds)
            _log(error, time.perf_counter() - started, answer)
            raise


def _encode(operation: Operation[Any], json: Any) -> bytes | None:
    if json is None:
        return None
    try:
        return msgspec.json.encode(json)
    except UnicodeEncodeError:
        # Half a surrogate pair: no keyboard makes one, and there is no way to send it.
        raise Rejected(operation.id) from None


def _worth_a_retry(error: Exception) -> float | None:
    """Seconds to wait before a read is tried again, 0 to let the backoff decide, None if it would not help."""
    if isinstance(error, TooBusy):
        after = error.retry_after
        return after if error.status and after is not None and after <= SHORT_WAIT else None
    if isinstance(error, Unavailable):
        if error.reason in ("refused", "dns", "reset"):
            return 0.0
        if error.status in (502, 503, 504):
            after = error.retry_after or 0.0
            return after if after <= SHORT_WAIT else None
    return None


def _log(error: ApiError, seconds: float, answer: Answer | None) -> None:
    """One line without ids, tokens or text of the vendor's, which may quote what was sent."""
    extra = {
        "operation": error.operation,
        "status": error.status,
        "reason": error.reason,
        "ms": round(seconds * 1000),
    }
    if answer is not None:
        extra |= types.read_trace(answer.body)
    outage = isinstance(error, (TooBusy, Unavailable))
    logger.log(
        logging.WARNING if outage else logging.INFO,
        "RUCKUS One: %s failed: %s",
        error.operation,
        error.reason,
        extra=extra,
    )
