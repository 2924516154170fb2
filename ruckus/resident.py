"""The Resident Portal API, one method for each operation."""

import asyncio
from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

from . import resident_types as types
from .client import PropertyClient
from .errors import Unavailable
from .operations import JSON, Operation
from .resident_types import (
    Access,
    Contact,
    Device,
    Listed,
    Login,
    Property,
    UiConfiguration,
    Unit,
    UnitUser,
    UnreadableBody,
    UserPage,
    Written,
)

T = TypeVar("T")

PAGE_SIZE = 100
MAX_PAGES = 20
VENDOR_PAGE_SIZE = 20


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


class UsersRead:
    """The users of the pages read so far, and whether the vendor says that there are more.

    It says so in up to three ways, any of which may be missing, or wrong.
    """

    def __init__(self) -> None:
        self.users: dict[str, UnitUser] = {}
        self.pages = 0
        self._readable = True
        self._page = UserPage()
        self._fresh = 0

    def add(self, page: UserPage) -> None:
        """Take the next page."""
        before = len(self.users)
        self.users |= {user.id: user for user in page.users}
        self.pages += 1
        self._readable = self._readable and page.users.complete
        self._page, self._fresh = page, len(self.users) - before

    @property
    def missing(self) -> bool:
        """Return whether there are more users than were read, as far as is known."""
        page = self._page
        if page.total_users is not None:
            if len(self.users) < page.total_users:
                return True
        elif page.last is None and page.total_pages is None:
            # Fewer than the vendor's own page size are all, even if it does not care for ours. But
            # one that says nothing at all may have lost them.
            return len(page.users) >= VENDOR_PAGE_SIZE if self._fresh else not self.users
        if not page.users and self.users:
            # Whatever the numbers say, this is the end.
            return False
        return page.last is False or self.pages < (page.total_pages or 0)

    @property
    def complete(self) -> bool:
        return self._readable and not self.missing

    @property
    def worth_another(self) -> bool:
        """Return whether the next page may have somebody new."""
        return self.missing and self._fresh > 0 and self.pages < MAX_PAGES


class ResidentApi(PropertyClient):
    """The API for one property, and with a token for one unit of it.

    Every method raises ApiError (see errors.py), and nothing else.
    """

    # Before signing in

    async def log_in(self, secret: str) -> Login:
        """Return the unit's token. Raise NotSignedIn or Rejected if the access code is not taken. residentLogin"""
        return await self._request(LOG_IN, json={"hashedSecret": secret})

    async def fetch_access(self) -> Access:
        """Return what the welcome page may say. getTenantPortalAccess"""
        return await self._request(ACCESS)

    async def fetch_styles(self) -> str:
        """Return the style sheet of the vendor's own pages. getPropertyStyles"""
        return await self._request(STYLES)

    async def fetch_favicon(self) -> bytes:
        """Return the property's icon, unchecked. downloadFavicons"""
        return await self._request(FAVICON)

    # The property

    async def fetch_property(self) -> Property:
        """Name, management and SSIDs of the property. residentFetchProperty"""
        return await self._request(PROPERTY)

    async def fetch_ui_configuration(self) -> UiConfiguration:
        """Return what the property wants shown and allows. residentFetchUiConfiguration"""
        return await self._request(UI_CONFIGURATION)

    async def fetch_file(self, kind: Literal["logo", "favIcon"]) -> bytes:
        """Return the image, unchecked. residentDownloadPortalFile"""
        return await self._request(FILE, kind)

    # The unit

    async def fetch_unit(self) -> Unit:
        """Return the unit and its contact. residentFetchUnit"""
        return await self._request(UNIT)

    async def update_unit(self, number: str, contact: Contact) -> Written:
        """Replace the contact of the unit with that number; Rejected if it is refused. residentEditUnit"""
        return await self._write(EDIT_UNIT, json=types.write_unit(number, contact))

    async def replace_link(self) -> Written:
        """Have the unit's access code replaced, for everybody who has it; Rejected if it is refused. residentEditUnit

        The contract does not list this status; the vendor's own sample sends it, and it alone. Whether this
        token outlives it is not known.
        """
        return await self._write(EDIT_UNIT, json={"status": "TOKEN_RESET"})

    async def fetch_unit_devices(self, kind: Literal["UNIT", "GUEST"]) -> Listed[Device]:
        """Return the devices on the unit's own or guest Wi-Fi. residentFetchUnitDevices"""
        return await self._request(UNIT_DEVICES, kind)

    async def remove_unit_device(self, device_id: str) -> None:
        """Remove the device with that MAC address; NotFound if there is none. residentRemoveDevice"""
        await self._write(REMOVE_UNIT_DEVICE, device_id)

    # Its users

    async def query_unit_users(self, page: int = 0, page_size: int = PAGE_SIZE) -> UserPage:
        """Return one page of the unit's users, counted from 0. queryUnitUsers"""
        return await self._request(QUERY_USERS, json={"page": page, "pageSize": page_size})

    async def fetch_unit_users(self) -> Listed[UnitUser]:
        """Return all users of the unit, of 20 pages at most, each once, 2,000 at most. queryUnitUsers

        Unavailable where not one could be read, unless there is none.
        """
        # All pages together have the time of one call.
        api = ResidentApi(
            self._http,
            property_id=self._property_id,
            token=self._token,
            deadline=self._until(),
        )
        read = UsersRead()
        first = await api.query_unit_users()
        read.add(first)
        if read.worth_another and first.total_pages and not first.last:
            rest = range(1, min(first.total_pages, MAX_PAGES))
            for page in await asyncio.gather(*map(api.query_unit_users, rest)):
                read.add(page)
        # Pages may be smaller than we asked for, and their number that of larger ones.
        while read.worth_another:
            read.add(await api.query_unit_users(read.pages))
        if not read.users and not read.complete:
            raise Unavailable(QUERY_USERS.id, "body")
        users = list(read.users.values())
        complete = read.complete and len(users) <= types.MAX_USERS
        return Listed(users[: types.MAX_USERS], complete=complete)

    async def fetch_unit_user(self, user_id: str) -> UnitUser:
        """Return one user of the unit. getUnitUser"""
        user = await self._request(USER, user_id)
        return user if user.id else msgspec.structs.replace(user, id=user_id)

    async def update_unit_user(self, user: UnitUser) -> Written:
        """Replace the user; a passphrase of "" makes a new one. Raise Rejected if it is refused. updateUnitUser"""
        return await self._write(UPDATE_USER, user.id, json=types.write_unit_user(user))

    async def fetch_user_devices(self, user_id: str) -> Listed[Device]:
        """Return the devices of one user. getUnitUserDevices"""
        return await self._request(USER_DEVICES, user_id)

    async def remove_user_device(self, user_id: str, device_id: str) -> None:
        """Remove the user's device; NotFound if there is none of that id. removeUnitUserDevice"""
        await self._write(REMOVE_USER_DEVICE, user_id, device_id)
