"""The names that a home gives its devices, kept here for as long as its link is used.

The database is read where devices are looked at, and nowhere else.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from asgiref.sync import sync_to_async
from cryptography.fernet import InvalidToken
from django.db import DatabaseError
from django.utils import timezone

from common.ended import LINK_UNUSED
from common.homes import Home
from common.keys import NAMES, digest, ring
from common.models import DeviceName
from common.request import ResidentRequest
from residents.home.devices import ShownDevice, bare, fetch_devices
from residents.home.kind import Kind
from ruckus.resident_types import Listed

MOST = 200
# Seconds that a page waits for them.
PATIENCE = 1.0
# After the last sign-in with the link.
KEPT = LINK_UNUSED


def mark_of(link: str, device: ShownDevice) -> str:
    """Return the keyed hash of a device: of its address, which it keeps for longer than an id."""
    return digest("named device", link, bare(device.device.mac_address) or bare(device.device.id))


@dataclass(frozen=True)
class Names:
    """The names of a home, by the keyed hash of each device."""

    link: str
    names: Mapping[str, str]

    def given_to(self, devices: Listed[ShownDevice]) -> Listed[ShownDevice]:
        """Return the devices with their names."""
        if not self.names:
            return devices
        return Listed(
            (
                replace(device, name=self.names.get(mark_of(self.link, device), ""))
                for device in devices
            ),
            complete=devices.complete,
        )


async def read(home: Home) -> Names:
    """Return the names of a home, in one query.

    None for a session without a link, nor while the database is down: a list is of use without.
    """
    found: dict[str, str] = {}
    if home.link:
        with suppress(DatabaseError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                found = await sync_to_async(stored)(home.link)
    return Names(home.link, found)


def stored(link: str) -> dict[str, str]:
    rows = DeviceName.objects.filter(link=link).values_list("device", "encrypted")
    return {device: name for device, encrypted in rows if (name := opened(device, encrypted))}


def sealed(device: str, name: str) -> str:
    # With the device in it, the name means nothing under another one.
    return ring(NAMES).encrypt(f"{device}{name}".encode()).decode()


def opened(device: str, encrypted: str) -> str:
    """Return the name, or "" for one that no key decrypts or that is another device's."""
    try:
        plain = ring(NAMES).decrypt(encrypted).decode()
    except InvalidToken:
        return ""
    return plain.removeprefix(device) if plain.startswith(device) else ""


async def fetch_named(request: ResidentRequest, kind: Kind, user_id: str) -> Listed[ShownDevice]:
    """Return the devices of a user with their names, newest first."""
    devices, names = await asyncio.gather(fetch_devices(request, kind, user_id), read(request.home))
    return names.given_to(devices)


async def give(home: Home, device: ShownDevice, name: str) -> None:
    """Keep a name; beyond what a home may have, the names that were given first go."""
    mark = mark_of(home.link, device)
    _, is_new = await DeviceName.objects.aupdate_or_create(
        device=mark,
        defaults={"link": home.link, "encrypted": sealed(mark, name), "seen": today()},
    )
    if is_new:
        beyond = DeviceName.objects.filter(link=home.link).order_by("-pk")[MOST:]
        keys = [key async for key in beyond.values_list("pk", flat=True)]
        await DeviceName.objects.filter(pk__in=keys).adelete()


async def take_away(home: Home, device: ShownDevice) -> None:
    """Forget the name of a device."""
    await DeviceName.objects.filter(device=mark_of(home.link, device)).adelete()


async def delete_all(home: Home) -> None:
    """Forget all names of a home."""
    await DeviceName.objects.filter(link=home.link).adelete()


async def keep(home: Home) -> None:
    """Keep the names of a link that is used, and delete those of links that no longer are."""
    await sync_to_async(touch)(home.link)


def touch(link: str) -> None:
    DeviceName.objects.filter(seen__lt=today() - KEPT).delete()
    DeviceName.objects.filter(link=link, seen__lt=today()).update(seen=today())


def today() -> date:
    return timezone.now().date()
