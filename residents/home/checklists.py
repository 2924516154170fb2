"""What has to join again with a new passphrase, ticked as it comes back, for everybody in the home.

The devices are those that the question before a reset named, and are kept in the session until the
passphrase is changed. A checklist counts once the new passphrase shows: what would prove it is kept
with it. A device is back when the Wi-Fi system saw it after the change, or when somebody says so.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from asgiref.sync import sync_to_async
from cryptography.fernet import InvalidToken
from django.db import Error, close_old_connections, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common import models
from common.asides import write_aside
from common.homes import Home
from common.keys import CHECKLISTS, ring
from common.models import AwaitedWrite
from common.property.ids import bare_id
from common.request import ResidentRequest
from residents.home.awaited_writes import shows, user_mark
from residents.home.device_kinds import UNKNOWN, icon_of, maker_of, name_of_kind
from residents.home.device_names import PATIENCE, Names, mark_of
from residents.home.devices import ShownDevice
from residents.home.kind import Kind
from ruckus.resident_types import UnitUser

KEPT = timedelta(days=14)
MOST = 100


class Dropped(msgspec.Struct, frozen=True):
    """A device that lost the Wi-Fi. `id` is the keyed hash by which it has its name."""

    id: str
    # What the vendor and the register of addresses say of it, "" where they don't.
    what: str
    maker: str
    seen: datetime | None
    is_back: bool = False
    # What the home calls it; never stored here.
    name: str = ""

    @property
    def title(self) -> str:
        return self.name or self.kind or _("Unknown device")

    @property
    def kind(self) -> str:
        return name_of_kind(self.what)

    @property
    def label(self) -> str:
        """Return what its button calls it."""
        return ", ".join(filter(None, (self.title, self.maker)))

    @property
    def icon(self) -> str:
        return icon_of(self.what)

    @property
    def is_known(self) -> bool:
        """Return whether its kind is known, for which there are steps to connect it."""
        return self.icon != UNKNOWN

    @property
    def facts(self) -> list[str]:
        return [fact for fact in (self.name and self.kind, self.maker) if fact]


class Checklist(msgspec.Struct, frozen=True):
    """The devices of one passphrase, since its change was asked for."""

    kind: Kind
    user_id: str
    since: datetime
    # What shows that the change took place (see awaited_writes).
    expects: str
    mark: str
    devices: tuple[Dropped, ...]

    @property
    def total(self) -> int:
        return len(self.devices)

    @property
    def back(self) -> list[Dropped]:
        return [device for device in self.devices if device.is_back]

    @property
    def missing(self) -> list[Dropped]:
        return [device for device in self.devices if not device.is_back]

    def counts(self, home: Home, user: UnitUser) -> bool:
        """Return whether the change took place, given the user as read now."""
        return shows(home, user, self.expects, self.mark)

    def seen(self, home: Home, devices: Iterable[ShownDevice]) -> "Checklist":
        """Return the list with those ticked that were seen since."""
        last: dict[str, datetime] = {}
        for shown in devices:
            when = shown.device.last_connected
            if when is not None and when > self.since:
                last[mark_of(home.link, shown)] = when
        return self.changed(
            msgspec.structs.replace(device, is_back=True, seen=last[device.id])
            if device.id in last
            else device
            for device in self.devices
        )

    def ticked(self, device_id: str) -> "Checklist":
        """Return the list with one ticked by hand."""
        return self.changed(
            msgspec.structs.replace(device, is_back=True, seen=None)
            if device.id == device_id and not device.is_back
            else device
            for device in self.devices
        )

    def named(self, names: Names) -> "Checklist":
        """Return the list with what the home calls its devices."""
        return self.changed(
            msgspec.structs.replace(device, name=names.names.get(device.id, ""))
            for device in self.devices
        )

    def changed(self, devices: Iterable[Dropped]) -> "Checklist":
        return msgspec.structs.replace(self, devices=tuple(devices))


# Starting -----------------------------------------------------------------------------------------


async def rehearse(
    request: ResidentRequest, user_id: str, devices: Iterable[ShownDevice] | None
) -> None:
    """Remember in the session which devices the question names; None where they are not known."""
    home = request.home
    dropping = [dropped(home, shown) for shown in devices or () if not shown.by_address][:MOST]
    if home.link and dropping:
        named = [bare_id(user_id), msgspec.to_builtins(dropping)]
        await request.session.aset("rehearsal", named)
    else:
        await request.session.apop("rehearsal", None)


def dropped(home: Home, shown: ShownDevice) -> Dropped:
    device = shown.device
    what = (device.type or "").strip()
    maker = maker_of(device.mac_address)
    return Dropped(mark_of(home.link, shown), what, maker, device.last_connected)


async def start(request: ResidentRequest, kind: Kind, user_id: str, write: AwaitedWrite) -> None:
    """Start the list of a passphrase whose change was just asked for, in place of an earlier one."""
    home = request.home
    user, devices = await request.session.apop("rehearsal", ("", []))
    if user != bare_id(user_id):
        return
    new = Checklist(
        kind=kind,
        user_id=user_id,
        since=timezone.now(),
        expects=write.expects,
        mark=write.mark,
        devices=msgspec.convert(devices, tuple[Dropped, ...]),
    )
    await write_aside("A checklist", lambda: store(home, new))


def store(home: Home, new: Checklist) -> None:
    now = timezone.now()
    models.Checklist.objects.filter(ends__lte=now).delete()
    mark = user_mark(home, new.user_id)
    stored = {"ends": now + KEPT, "encrypted": sealed(mark, new)}
    models.Checklist.objects.update_or_create(link=home.link, user=mark, defaults=stored)


# Reading ------------------------------------------------------------------------------------------


async def read(home: Home) -> Mapping[str, Checklist]:
    """Return the lists of a home by their users' ids; none while the database is down."""
    found: list[Checklist] = []
    if home.link:
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                found = await sync_to_async(stored_lists)(home.link)
    return {bare_id(each.user_id): each for each in found}


async def read_one(home: Home, user: UnitUser) -> Checklist | None:
    """Return the list of a user who was just read, if there is one and the change took place."""
    return counting(home, user, await read(home))


def counting(home: Home, user: UnitUser, lists: Mapping[str, Checklist]) -> Checklist | None:
    """Return the list of a user out of those of the home, if the change took place."""
    found = lists.get(bare_id(user.id))
    return found if found and found.counts(home, user) else None


def stored_lists(link: str) -> list[Checklist]:
    close_old_connections()
    live = models.Checklist.objects.filter(link=link, ends__gt=timezone.now())
    return [found for row in live if (found := opened(row))]


def sealed(mark: str, new: Checklist) -> str:
    # With the user in it, the list means nothing under another one.
    return ring(CHECKLISTS).encrypt(mark.encode() + msgspec.json.encode(new)).decode()


def opened(row: models.Checklist) -> Checklist | None:
    """Return the list, or None for one that no key decrypts or that is another user's."""
    try:
        plain = ring(CHECKLISTS).decrypt(row.encrypted)
        return msgspec.json.decode(plain.removeprefix(row.user.encode()), type=Checklist)
    except (InvalidToken, msgspec.MsgspecError):
        return None


# Changing -----------------------------------------------------------------------------------------


async def look(home: Home, known: Checklist, devices: Iterable[ShownDevice]) -> Checklist:
    """Return a list with those ticked that were seen since, and store it where that is news."""
    devices = tuple(devices)
    now = known.seen(home, devices)
    if len(now.back) > len(known.back):
        # Somebody may have ticked another one meanwhile.
        await write_aside("A checklist", lambda: change(home, now, devices=devices))
    return now


async def tick(home: Home, known: Checklist, device_id: str) -> Checklist | None:
    """Return a list with a device ticked by hand, None where somebody has closed it meanwhile."""
    return await sync_to_async(change)(home, known, ticked=device_id)


def change(
    home: Home, known: Checklist, *, devices: Iterable[ShownDevice] = (), ticked: str = ""
) -> Checklist | None:
    """Tick what was seen since, and what was ticked by hand, in the list as it is stored now."""
    with transaction.atomic():
        row = rows_of(home, known).select_for_update().first()
        stored = opened(row) if row else None
        if row is None or stored is None:
            return None
        new = stored.seen(home, devices).ticked(ticked)
        row.encrypted = sealed(row.user, new)
        row.save(update_fields=["encrypted"])
    return new


async def close(home: Home, known: Checklist) -> None:
    """Close a list: somebody is done with it."""
    await rows_of(home, known).adelete()


def rows_of(home: Home, known: Checklist) -> QuerySet[models.Checklist]:
    user = user_mark(home, known.user_id)
    return models.Checklist.objects.filter(link=home.link, user=user)
