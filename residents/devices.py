"""Devices as the page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from residents.ruckus.types import BadId, Device, check_id

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def bare(identifier: str | None) -> str:
    """Return an identifier without what is only notation: case, colons, dashes, dots."""
    return "".join(c for c in (identifier or "").lower() if c.isalnum())


@dataclass(frozen=True)
class ShownDevice:
    """A device with the name that our buttons call it by."""

    device: Device
    kind: str

    @property
    def label(self) -> str:
        kind = (self.device.type or "").strip()
        return f"{kind} {self.device.mac_address or self.device.id}".strip()

    @property
    def removal_id(self) -> str | None:
        """Return what the vendor is asked to remove, or None for what can't stand in an address.

        The unit's operation takes the MAC address; that of a linked person, as far as is known,
        the guid.
        """
        ids = [self.device.mac_address, self.device.id]
        if self.kind == "linked":
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


def shown_devices(devices: Iterable[Device], kind: str) -> list[ShownDevice]:
    """Return the devices, the one that connected last first; those without a date come last."""
    newest_first = sorted(
        devices, key=lambda device: device.last_connected or LONG_AGO, reverse=True
    )
    return [ShownDevice(device, kind) for device in newest_first]
