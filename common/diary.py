"""The diary of a home: what changed there and when, in words, never a secret.

It belongs to a link, as names of devices do: whoever moves in with a new one starts empty. Both
apps write, and neither is failed or held up by it: what can't be written is logged. Staff who know
the access code write to `link_mark(home, code)`; who doesn't, writes for the home, and the entry
goes to the link that the home was last opened with. A home that nobody has opened has no diary. That
a link was replaced is told to who opens the next one.

Entries are stored in the reader's terms, not in sentences, so that each reads them in a language of
their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import msgspec
from asgiref.sync import sync_to_async
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from common.asides import write_aside
from common.ended import LINK_UNUSED
from common.keys import DIARY, digest, ring
from common.models import Checklist, DeviceName, DiaryEntry, OpenedHome

# Entries of one link, and of one page of them.
MOST, AT_ONCE = 500, 50
# Signing in with the same kind of device is written once in this time.
EVERY = timedelta(minutes=10)
# For how long entries stay that tell of a break-in, once the diary is deleted.
STAY = timedelta(days=7)
# After the last sign-in with a link.
OPENED_KEPT = LINK_UNUSED
ENTRY = "An entry of a diary"

Weight = DiaryEntry.Weight


class Event(StrEnum):
    """What happened; details that it may have are named behind it.

    `on` is a kind of device, `kind` and `user` say whose passphrase it is, and "unproved" is "1"
    where nobody could tell whether it took place.
    """

    # By residents.
    SIGNED_IN = "signed-in"  # on
    PASSPHRASE_RESET = "passphrase-reset"  # on, kind, user, unproved
    PASSPHRASE_CHOSEN = "passphrase-chosen"  # on, kind, user, unproved
    CONTACT_EDITED = "contact-edited"  # on, kind, user, fields, unproved
    DEVICE_REMOVED = "device-removed"  # on, device, maker, unproved
    DEVICE_RENAMED = "device-renamed"  # on, device, name ("" where it was taken away)
    LINK_REPLACED = "link-replaced"  # on
    DELETED = "deleted"  # on, names ("1" where they were deleted, too)
    # By staff.
    STAFF_OPENED_LINK = "staff-opened-link"
    STAFF_PRINTED_LINK = "staff-printed-link"
    STAFF_SENT_LINK = "staff-sent-link"  # by: "email", "sms" or ""
    STAFF_TESTED_LINK = "staff-tested-link"
    STAFF_EXPORTED_LINK = "staff-exported-link"
    STAFF_REPLACED_LINK = "staff-replaced-link"
    STAFF_CLEARED_CONTACT = "staff-cleared-contact"
    STAFF_RESET_PASSPHRASES = "staff-reset-passphrases"
    STAFF_SUSPENDED = "staff-suspended"
    STAFF_LET_IN = "staff-let-in"

    @property
    def weight(self) -> Weight:
        """Return what the entry weighs when room is made, or the diary deleted."""
        if self in (Event.DEVICE_REMOVED, Event.DEVICE_RENAMED):
            return Weight.LIGHT
        return Weight.SIGN_IN if self is Event.SIGNED_IN else Weight.HEAVY


@dataclass(frozen=True)
class Entry:
    """An entry as it is read."""

    row: DiaryEntry
    event: Event
    details: Mapping[str, str]


# Writing ------------------------------------------------------------------------------------------


async def write(link: str, event: Event, **details: str) -> None:
    """Write an entry for a link, given its mark; for none, nothing."""
    await write_aside(ENTRY, lambda: add([link], event, details))


async def write_to_all(links: Iterable[str], event: Event, **details: str) -> None:
    """Write the same entry for many links, such as those of an export."""
    await write_aside(ENTRY, lambda: add(links, event, details))


async def write_for_home(home: str, event: Event, **details: str) -> None:
    """Write an entry for the link that a home, given its mark, was last opened with."""
    await write_aside(ENTRY, lambda: add(last_opened(home), event, details))


async def write_for_next_link(home: str, event: Event, **details: str) -> None:
    """Write an entry for whoever first signs in to a home with another link than before.

    It is for who replaces a link and does not know the new one.
    """
    await write_aside(ENTRY, lambda: add([next_link(home)], event, details))


async def signed_in(home: str, link: str, on: str, *, opens: bool = True) -> None:
    """Write down that a home was opened with a link, and by which kind of device, now and then.

    Whoever tries a link at the office does not open the home (`opens`), and is in its diary.
    """
    await write_aside(ENTRY, lambda: note_sign_in(home, link, on, opens))


def add(links: Iterable[str], event: Event, details: Mapping[str, str]) -> None:
    now = timezone.now()
    rows = [
        DiaryEntry(
            link=link,
            weight=event.weight,
            at=now,
            ends=now + timedelta(days=settings.DIARY_DAYS),
            encrypted=sealed(link, event, details),
        )
        for link in links
        if link
    ]
    DiaryEntry.objects.bulk_create(rows, batch_size=200)
    if len(rows) == 1:
        # Of many at once each link has a few: the next one of its own makes room.
        make_room(rows[0].link)


def make_room(link: str) -> None:
    """Delete what is beyond a link's share: what weighs least first, of that the oldest.

    So nobody drives out the trace of a break-in by renaming devices, or signing in, over and over.
    """
    beyond = DiaryEntry.objects.filter(link=link).order_by("-weight", "-pk")[MOST:]
    DiaryEntry.objects.filter(pk__in=list(beyond.values_list("pk", flat=True))).delete()


def last_opened(home: str) -> list[str]:
    return list(OpenedHome.objects.filter(home=home).values_list("link", flat=True))


def next_link(home: str) -> str:
    """Return the mark under which entries wait for the next link of a home."""
    return digest("next link", home)


def hand_over(home: str, link: str) -> None:
    """Put what waited for the next link of a home under this one, as it was written."""
    for entry in entries_of(DiaryEntry.objects.filter(link=next_link(home))):
        entry.row.link = link
        entry.row.encrypted = sealed(link, entry.event, entry.details)
        entry.row.save(update_fields=["link", "encrypted"])


def note_sign_in(home: str, link: str, on: str, opens: bool) -> None:
    now = timezone.now()
    DiaryEntry.objects.filter(ends__lte=now).delete()
    OpenedHome.objects.filter(seen__lt=now.date() - OPENED_KEPT).delete()
    same = OpenedHome.objects.filter(home=home, link=link)
    first = Coalesce("at", Value(now)) if opens else F("at")
    if not same.update(seen=now.date(), at=first):
        opened = {"link": link, "at": now if opens else None, "seen": now.date()}
        OpenedHome.objects.update_or_create(home=home, defaults=opened)
        hand_over(home, link)
    lately = DiaryEntry.objects.filter(link=link, weight=Weight.SIGN_IN, at__gt=now - EVERY)
    if on not in (entry.details.get("on") for entry in entries_of(lately)):
        add([link], Event.SIGNED_IN, {"on": on})


# Reading ------------------------------------------------------------------------------------------


async def read(link: str, skip: int = 0) -> tuple[list[Entry], bool]:
    """Return a page of a link's entries, newest first, and whether there are earlier ones."""
    return await sync_to_async(stored)(link, skip)


def stored(link: str, skip: int) -> tuple[list[Entry], bool]:
    close_old_connections()
    live = DiaryEntry.objects.filter(link=link, ends__gt=timezone.now())
    rows = list(live.order_by("-at", "-pk")[skip : skip + AT_ONCE + 1])
    return entries_of(rows[:AT_ONCE]), len(rows) > AT_ONCE


def entries_of(rows: Iterable[DiaryEntry]) -> list[Entry]:
    """Return those entries that can be read."""
    return [entry for entry in map(opened, rows) if entry]


def sealed(link: str, event: Event, details: Mapping[str, str]) -> str:
    # With the link in it, the entry means nothing in another diary.
    plain = link.encode() + msgspec.json.encode((event, details))
    return ring(DIARY).encrypt(plain).decode()


def opened(row: DiaryEntry) -> Entry | None:
    """Return the entry, or None for one that no key decrypts or that is another link's."""
    try:
        plain = ring(DIARY).decrypt(row.encrypted)
        told = plain.removeprefix(row.link.encode())
        event, details = msgspec.json.decode(told, type=tuple[Event, dict[str, str]])
    except (InvalidToken, msgspec.MsgspecError):
        # Another link's has its mark before what would be JSON.
        return None
    return Entry(row, event, details)


# Deleting -----------------------------------------------------------------------------------------


async def delete(link: str, **details: str) -> None:
    """Delete the diary of a link for its residents, and write that it was.

    What would tell them of a break-in stays for a while: an intruder must not wipe it at once.
    """
    await sync_to_async(delete_all)(link, details)


def delete_all(link: str, details: Mapping[str, str]) -> None:
    soon = timezone.now() + STAY
    with transaction.atomic():
        entries = DiaryEntry.objects.filter(link=link)
        entries.filter(weight=Weight.LIGHT).delete()
        entries.filter(ends__gt=soon).update(ends=soon)
        add([link], Event.DELETED, details)


async def forget(link: str) -> None:
    """Leave nothing of what residents left under a link: for staff, when they have moved out."""
    for model in (DeviceName, Checklist, DiaryEntry, OpenedHome):
        await model.objects.filter(link=link).adelete()


async def forget_home(home: str) -> None:
    """Leave nothing of what waits for the next link of a home, and no word of who opened it."""
    await DiaryEntry.objects.filter(link=next_link(home)).adelete()
    await OpenedHome.objects.filter(home=home).adelete()
