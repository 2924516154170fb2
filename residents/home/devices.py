"""Devices as the page shows them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from common.keys import digest
from common.request import ResidentRequest
from residents.home.device_kinds import icon_of, is_private, load_makers, maker_of, name_of_kind
from residents.home.kind import Kind
from ruckus.resident import ResidentApi
from ruckus.resident_types import BadId, Device, Listed, check_id

# How long an address must not have been seen to be called left.
LEFT = timedelta(days=7)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
# Characters of a removal page's id that name the device; as many more say that it was listed.
HALF = 16


def bare(identifier: str | None) -> str:
    """Return an identifier without what is only notation: case, colons, dashes, dots."""
    return "".join(c for c in (identifier or "").lower() if c.isalnum())


@dataclass(frozen=True)
class ShownDevice:
    """A device with the name that our buttons call it by."""

    device: Device
    kind: Kind
    # The mark of the home that has it in a list.
    home: str
    # Another device in the list has the same guid, which must not be what this one is removed by.
    shares_guid: bool = False
    # It may be what another device in the list called itself before.
    looks_left: bool = False
    # What the home calls it, "" without a name.
    name: str = ""

    @property
    def title(self) -> str:
        return self.name or self.what

    @property
    def what(self) -> str:
        """Return the kind of device that the vendor takes it for."""
        return name_of_kind((self.device.type or "").strip()) or _("Device")

    @property
    def stored_title(self) -> str:
        """Return what stands in the diary, which is read in any language."""
        return self.name or (self.device.type or "").strip()

    @property
    def label(self) -> str:
        """Return what tells it from all others."""
        return f"{self.title} {self.device.mac_address or self.device.id}"

    @property
    def icon(self) -> str:
        return icon_of(self.device.type)

    @property
    def by_address(self) -> bool:
        """Return whether it was added by its address, and so needs no passphrase."""
        return self.device.auth_type == "MACREG"

    @property
    def facts(self) -> list[str]:
        """Return what else is known, the last contact aside."""
        maker = maker_of(self.device.mac_address)
        found = [self.what] if self.name else []
        if maker:
            found.append(maker)
        if is_private(self.device.mac_address):
            found.append(_("Private address"))
        if self.by_address:
            found.append(_("Added by its hardware address"))
        if self.looks_left:
            found.append(_("Perhaps an older address of another device"))
        return found

    @property
    def names(self) -> tuple[str, str]:
        """Return both of its identifiers, which together tell it from all others."""
        return bare(self.device.id), bare(self.device.mac_address)

    @property
    def vendor_ids(self) -> list[str]:
        """Return the identifiers to remove it by, the one that is most likely taken first.

        The unit's operation takes the MAC address; that of a linked person, as far as is known,
        the guid. What can't stand in an address is left out.
        """
        ids = [self.device.mac_address, None if self.shares_guid else self.device.id]
        if self.kind is Kind.LINKED:
            ids.reverse()
        return [identifier for identifier in ids if identifier and fits_an_address(identifier)]

    @cached_property
    def removal_id(self) -> str | None:
        """Return the id of the page that removes it, or None where nothing could remove it."""
        if not self.vendor_ids:
            return None
        name = digest("device", *self.names)[:HALF]
        return name + listed(self.home, name)

    def is_called(self, identifier: str) -> bool:
        wanted = bare(identifier)
        # A device lacks one of the two at times, which must not make it match nothing but dashes.
        return bool(wanted) and wanted in self.names

    def may_be(self, other: "ShownDevice") -> bool:
        """Return whether both are one device, of which either list may lack an identifier."""
        pairs = list(zip(self.names, other.names, strict=True))
        return any(one and one == two for one, two in pairs) and all(
            one == two or not one or not two for one, two in pairs
        )


def listed(home: str, name: str) -> str:
    return digest("listed device", home, name)[:HALF]


def was_listed(home: str, device_id: str) -> bool:
    """Return whether this is the id of a removal page that a list of this home led to."""
    return constant_time_compare(device_id[HALF:], listed(home, device_id[:HALF]))


def fits_an_address(identifier: str) -> bool:
    try:
        check_id(identifier)
    except BadId:
        return False
    return True


def shown_devices(devices: Iterable[Device], kind: Kind, home: str) -> list[ShownDevice]:
    """Return each device once, the one that connected last first; those without a date come last."""
    newest_first = sorted(
        devices, key=lambda device: device.last_connected or LONG_AGO, reverse=True
    )
    different: dict[tuple[str, str], Device] = {}
    for device in newest_first:
        different.setdefault(ShownDevice(device, kind, home).names, device)
    guids = Counter(guid for guid, _ in different)
    left = set(map(id, addresses_left(different.values())))
    return [
        ShownDevice(device, kind, home, shares_guid=guids[guid] > 1, looks_left=id(device) in left)
        for (guid, _), device in different.items()
    ]


def addresses_left(newest_first: Iterable[Device]) -> Iterator[Device]:
    """Give the devices that may be a newer one's former private address.

    A phone makes up another address when it forgets a network, or each time: the list then has it
    twice. One of the same type that was here a week after the other was the last time may be it.
    """
    newest: dict[str | None, datetime] = {}
    for device in newest_first:
        when = device.last_connected
        if when is None or not is_private(device.mac_address):
            continue
        if newest.setdefault(device.type, when) - when > LEFT:
            yield device


@dataclass(frozen=True)
class DeviceList:
    """Devices under one heading: the first few at once, the rest when it is asked for."""

    title: str
    kind: Kind
    user_id: str
    devices: Sequence[ShownDevice] = ()
    at_once: int = 5
    # Whether all of the list, or some of it, can't be read at the moment.
    missing: bool = False
    cut: bool = False
    # Devices that should have been removed by now.
    overdue: Sequence[ShownDevice] = ()
    # How many are back, and of how many, where a new passphrase disconnected some and some are not.
    back: tuple[int, int] | None = None

    @property
    def first(self) -> Sequence[ShownDevice]:
        return self.devices[: self.at_once]

    @property
    def more(self) -> Sequence[ShownDevice]:
        return self.devices[self.at_once :]


async def fetch_devices(
    request: ResidentRequest, kind: Kind, user_id: str, api: ResidentApi | None = None
) -> Listed[ShownDevice]:
    """Return the devices of a user, newest first; one call, with this client or the request's."""
    api = api or request.api
    match kind:
        case Kind.UNIT:
            found = await api.fetch_unit_devices("UNIT")
        case Kind.GUEST:
            found = await api.fetch_unit_devices("GUEST")
        case _:
            found = await api.fetch_user_devices(user_id)
    await load_makers()
    return Listed(shown_devices(found, kind, request.home.mark), complete=found.complete)


def find(devices: Iterable[ShownDevice], device_id: str) -> ShownDevice | None:
    """Return the device with this removal page, or the only one that has this guid or MAC address.

    Pages of former versions were called by the latter; None where there are two of them.
    """
    called = []
    for device in devices:
        if device.removal_id == device_id:
            return device
        if device.is_called(device_id):
            called.append(device)
    return called[0] if len(called) == 1 and called[0].removal_id else None
