"""Devices as the page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from residents.home.device_kinds import icon_of, is_private
from residents.home.kind import Kind
from ruckus.resident import ResidentApi
from ruckus.resident_types import BadId, Device, check_id

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def bare(identifier: str | None) -> str:
    """Return an identifier without what is only notation: case, colons, dashes, dots."""
    return "".join(c for c in (identifier or "").lower() if c.isalnum())


@dataclass(frozen=True)
class ShownDevice:
    """A device with the name that our buttons call it by."""

    device: Device
    kind: Kind

    @property
    def title(self) -> str:
        return (self.device.type or "").strip() or _("Device")

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
        found = []
        if is_private(self.device.mac_address):
            found.append(_("Private address"))
        if self.by_address:
            found.append(_("Added by its hardware address"))
        return found

    @property
    def removal_id(self) -> str | None:
        """Return what the vendor is asked to remove, or None for what can't stand in an address.

        The unit's operation takes the MAC address; that of a linked person, as far as is known,
        the guid.
        """
        ids = [self.device.mac_address, self.device.id]
        if self.kind is Kind.LINKED:
            ids.reverse()
        try:
            return check_id(ids[0] or ids[1] or "")
        except BadId:
            return None

    def is_called(self, identifier: str) -> bool:
        wanted = bare(identifier)
        # A device lacks one of the two at times, which must not make it match nothing but dashes.
        return bool(wanted) and wanted in (bare(self.device.mac_address), bare(self.device.id))

    def other_id(self, identifier: str) -> str | None:
        """Return the identifier that is not this one, or None."""
        both = (self.device.mac_address, self.device.id)
        return next((other for other in both if other and bare(other) != bare(identifier)), None)


def shown_devices(devices: Iterable[Device], kind: Kind) -> list[ShownDevice]:
    """Return the devices, the one that connected last first; those without a date come last."""
    newest_first = sorted(
        devices, key=lambda device: device.last_connected or LONG_AGO, reverse=True
    )
    return [ShownDevice(device, kind) for device in newest_first]


@dataclass(frozen=True)
class DeviceList:
    """Devices under one heading: the first few at once, the rest when it is asked for."""

    title: str
    kind: Kind
    user_id: str
    devices: list[ShownDevice] = field(default_factory=list)
    at_once: int = 5
    # Whether the list can't be read at the moment.
    missing: bool = False

    @property
    def first(self) -> list[ShownDevice]:
        return self.devices[: self.at_once]

    @property
    def more(self) -> list[ShownDevice]:
        return self.devices[self.at_once :]


async def fetch_devices(api: ResidentApi, kind: Kind, user_id: str) -> list[ShownDevice]:
    """Return the devices of a user, newest first; one call."""
    match kind:
        case Kind.UNIT:
            found = await api.fetch_unit_devices("UNIT")
        case Kind.GUEST:
            found = await api.fetch_unit_devices("GUEST")
        case _:
            found = await api.fetch_user_devices(user_id)
    return shown_devices(found, kind)


def find(devices: list[ShownDevice], device_id: str) -> ShownDevice | None:
    """Return the device with this identifier, or None."""
    return next((device for device in devices if device.is_called(device_id)), None)
