"""The diary of a home: whose it is, how long it lasts, and that it never stands in anybody's way."""

import asyncio
import io
import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from common import asides, diary
from common.diary import Event
from common.homes import home_mark, link_mark
from common.keys import DIARY, ring
from common.models import DiaryEntry, OpenedHome

HOME = "home-of-a-test"
LINK = "a" * 40
OTHER = "b" * 40

pytestmark = pytest.mark.django_db


async def events(link: str = LINK) -> list[Event]:
    """What the diary of a link tells, newest first."""
    entries, _ = await diary.read(link)
    return [entry.event for entry in entries]


async def aged(**ago: float) -> None:
    """All entries there are now were written so long ago."""
    async for row in DiaryEntry.objects.all():
        row.at -= timedelta(**ago)
        row.ends -= timedelta(**ago)
        await row.asave()


# Writing and reading ------------------------------------------------------------------------------


async def test_what_is_written_is_read_newest_first_with_its_details():
    await diary.write(LINK, Event.DEVICE_RENAMED, on="iphone", device="Phone", name="Robin’s")
    await diary.write(LINK, Event.STAFF_OPENED_LINK)
    (second, first), more = await diary.read(LINK)
    assert second.event is Event.STAFF_OPENED_LINK
    assert second.details == {}
    assert first.event is Event.DEVICE_RENAMED
    assert first.details == {"on": "iphone", "device": "Phone", "name": "Robin’s"}
    assert timezone.now() - first.row.at < timedelta(minutes=1)
    assert not more
    assert str(first.row) == first.row.at.isoformat()


async def test_a_link_has_a_diary_of_its_own():
    await diary.write(LINK, Event.PASSPHRASE_RESET)
    await diary.write("", Event.PASSPHRASE_CHOSEN)
    assert await events(OTHER) == []
    assert await events("") == []
    assert await DiaryEntry.objects.acount() == 1


async def test_an_export_is_written_for_each_link_that_is_in_it():
    await diary.write_to_all([LINK, OTHER, ""], Event.STAFF_EXPORTED_LINK)
    assert await events(LINK) == await events(OTHER) == [Event.STAFF_EXPORTED_LINK]


async def test_earlier_entries_are_pages_of_their_own(monkeypatch):
    monkeypatch.setattr(diary, "AT_ONCE", 2)
    for event in (Event.CONTACT_EDITED, Event.STAFF_SUSPENDED, Event.STAFF_LET_IN):
        await diary.write(LINK, event)
    entries, more = await diary.read(LINK)
    assert [entry.event for entry in entries] == [Event.STAFF_LET_IN, Event.STAFF_SUSPENDED]
    assert more
    entries, more = await diary.read(LINK, skip=2)
    assert [entry.event for entry in entries] == [Event.CONTACT_EDITED]
    assert not more


async def test_what_is_stored_tells_neither_what_happened_nor_where():
    home = home_mark("property", "unit")
    link = link_mark(home, "the-code")
    await diary.signed_in(home, link, "iphone")
    await diary.write(link, Event.DEVICE_RENAMED, device="Phone", name="Robin’s phone")
    rows = [row async for row in DiaryEntry.objects.all()]
    opened = await OpenedHome.objects.aget()
    stored = " ".join(str(vars(row)) for row in [*rows, opened]).lower()
    for told in ("robin", "renamed", "signed", "iphone", "property", "unit", "the-code"):
        assert told not in stored
    assert str(opened) == home


async def test_an_entry_that_was_moved_to_another_diary_is_none():
    await diary.write(LINK, Event.PASSPHRASE_RESET)
    await DiaryEntry.objects.aupdate(link=OTHER)
    assert await events(OTHER) == []


async def test_entries_that_no_key_decrypts_or_nobody_understands_are_left_out():
    for _ in range(2):
        await diary.write(LINK, Event.PASSPHRASE_RESET)
    last = await DiaryEntry.objects.order_by("pk").alast()
    assert last is not None
    last.encrypted = "gAAAAA"
    await last.asave()
    # One of a later version of the portal.
    odd = ring(DIARY).encrypt(f'{LINK}["danced",{{}}]'.encode()).decode()
    now = timezone.now()
    await DiaryEntry.objects.acreate(
        link=LINK, weight=2, at=now, ends=now + timedelta(days=1), encrypted=odd
    )
    assert await events() == [Event.PASSPHRASE_RESET]


async def test_entries_are_encrypted_anew_with_all_else(settings):
    settings.ENCRYPTION_KEYS = ["one"]
    for _ in range(2):
        await diary.write(LINK, Event.CONTACT_EDITED, fields="phone")
    last = await DiaryEntry.objects.order_by("pk").alast()
    assert last is not None
    last.encrypted = "gAAAAA"
    await last.asave()
    settings.ENCRYPTION_KEYS = ["two", "one"]
    out = io.StringIO()
    await sync_to_async(call_command)("rekey", stdout=out)
    assert ", 1 diary entries," in out.getvalue()
    settings.ENCRYPTION_KEYS = ["two"]
    assert await events() == [Event.CONTACT_EDITED]


async def test_a_fresh_start_leaves_no_diary():
    await diary.signed_in(HOME, LINK, "mac")
    await sync_to_async(call_command)("rekey", "--anew", stdout=io.StringIO())
    assert not await DiaryEntry.objects.aexists()
    assert not await OpenedHome.objects.aexists()


# What staff write ---------------------------------------------------------------------------------


async def test_staff_without_the_code_write_for_the_link_that_opened_the_home_last():
    await diary.signed_in(HOME, OTHER, "mac")
    await diary.signed_in(HOME, LINK, "mac")
    await diary.write_for_home(HOME, Event.STAFF_SUSPENDED)
    assert await events() == [Event.STAFF_SUSPENDED, Event.SIGNED_IN]
    assert await events(OTHER) == [Event.SIGNED_IN]


async def test_a_home_that_nobody_has_opened_has_no_diary():
    await diary.write_for_home(HOME, Event.STAFF_SUSPENDED)
    assert not await DiaryEntry.objects.aexists()


async def test_that_a_link_was_replaced_is_told_to_who_opens_the_next_one():
    await diary.signed_in(HOME, OTHER, "mac")
    await diary.write_for_next_link(HOME, Event.STAFF_REPLACED_LINK)
    await diary.write_for_next_link("another home", Event.LINK_REPLACED)
    await diary.signed_in(HOME, OTHER, "iphone")
    assert Event.STAFF_REPLACED_LINK not in await events(OTHER)
    await diary.signed_in(HOME, LINK, "mac")
    assert await events() == [Event.SIGNED_IN, Event.STAFF_REPLACED_LINK]
    # Once: the link after that is another matter.
    await diary.signed_in(HOME, "c" * 40, "mac")
    assert await events("c" * 40) == [Event.SIGNED_IN]


async def test_a_link_is_known_to_be_opened_since_its_first_sign_in():
    await diary.signed_in(HOME, LINK, "mac")
    first = await OpenedHome.objects.aget()
    await OpenedHome.objects.aupdate(seen=first.seen - timedelta(days=300))
    await diary.signed_in(HOME, LINK, "iphone")
    again = await OpenedHome.objects.aget()
    assert (again.at, again.seen) == (first.at, first.seen)
    await diary.signed_in(HOME, OTHER, "mac")
    other = await OpenedHome.objects.aget()
    assert other.link == OTHER
    assert other.at > first.at


async def test_who_tries_a_link_at_the_office_does_not_open_the_home():
    await diary.signed_in(HOME, LINK, "mac", opens=False)
    assert (await OpenedHome.objects.aget()).at is None
    await diary.signed_in(HOME, LINK, "iphone")
    first = await OpenedHome.objects.aget()
    assert first.at
    await diary.signed_in(HOME, LINK, "mac", opens=False)
    assert (await OpenedHome.objects.aget()).at == first.at
    entries, _ = await diary.read(LINK)
    assert [entry.details["on"] for entry in entries] == ["iphone", "mac"]


async def test_that_a_link_was_opened_ends_a_year_after_its_last_sign_in():
    await diary.signed_in(HOME, LINK, "mac")
    await OpenedHome.objects.aupdate(seen=timezone.now().date() - timedelta(days=366))
    await diary.signed_in("another home", OTHER, "mac")
    assert [row.link async for row in OpenedHome.objects.all()] == [OTHER]


async def test_staff_leave_nothing_of_who_moved_out():
    await diary.signed_in(HOME, LINK, "mac")
    await diary.write(LINK, Event.STAFF_CLEARED_CONTACT)
    await diary.write(OTHER, Event.STAFF_OPENED_LINK)
    await diary.forget(LINK)
    assert await events() == []
    assert not await OpenedHome.objects.aexists()
    assert await events(OTHER) == [Event.STAFF_OPENED_LINK]


async def test_staff_leave_nothing_that_waits_for_who_moves_in():
    await diary.signed_in(HOME, LINK, "mac")
    for home in (HOME, "another home"):
        await diary.write_for_next_link(home, Event.LINK_REPLACED, on="mac")
    await diary.forget_home(HOME)
    assert not await OpenedHome.objects.aexists()
    await diary.signed_in(HOME, OTHER, "iphone")
    assert await events(OTHER) == [Event.SIGNED_IN]
    await diary.signed_in("another home", LINK, "iphone")
    assert Event.LINK_REPLACED in await events()


# How much, and how long ---------------------------------------------------------------------------


async def test_signing_in_over_and_over_is_one_entry_for_each_kind_of_device():
    for on in ("mac", "iphone", "mac", "iphone"):
        await diary.signed_in(HOME, LINK, on)
    assert await DiaryEntry.objects.acount() == 2
    await aged(minutes=11)
    await diary.signed_in(HOME, LINK, "mac")
    assert await DiaryEntry.objects.acount() == 3


async def test_entries_end_after_as_many_days_as_are_set(settings):
    settings.DIARY_DAYS = 2
    await diary.write(LINK, Event.CONTACT_EDITED)
    await aged(days=1)
    assert await events() == [Event.CONTACT_EDITED]
    await aged(days=1)
    assert await events() == []
    await diary.signed_in("another home", OTHER, "mac")
    assert [row.link async for row in DiaryEntry.objects.all()] == [OTHER]


async def test_the_trace_of_a_break_in_is_not_driven_out(monkeypatch):
    monkeypatch.setattr(diary, "MOST", 4)
    await diary.write(LINK, Event.DEVICE_REMOVED)
    await diary.write(LINK, Event.CONTACT_EDITED)
    await diary.write(OTHER, Event.DEVICE_REMOVED)
    await diary.signed_in(HOME, LINK, "mac")
    for _ in range(4):
        await diary.write(LINK, Event.DEVICE_RENAMED)
    assert await events() == [
        Event.DEVICE_RENAMED,
        Event.DEVICE_RENAMED,
        Event.SIGNED_IN,
        Event.CONTACT_EDITED,
    ]
    for on in ("iphone", "android", "windows"):
        await diary.signed_in(HOME, LINK, on)
    assert await events() == [Event.SIGNED_IN] * 3 + [Event.CONTACT_EDITED]
    assert await events(OTHER) == [Event.DEVICE_REMOVED]


# Deleting it --------------------------------------------------------------------------------------


async def test_a_deleted_diary_keeps_what_tells_of_a_break_in_for_a_week():
    await diary.signed_in(HOME, LINK, "mac")
    await diary.write(LINK, Event.CONTACT_EDITED)
    await diary.write(LINK, Event.DEVICE_RENAMED, device="Phone", name="Mine")
    await diary.write(LINK, Event.STAFF_OPENED_LINK)
    await diary.write(OTHER, Event.CONTACT_EDITED)
    await diary.delete(LINK, on="windows", names="1")
    entries, _ = await diary.read(LINK)
    assert [entry.event for entry in entries] == [
        Event.DELETED,
        Event.STAFF_OPENED_LINK,
        Event.CONTACT_EDITED,
        Event.SIGNED_IN,
    ]
    assert entries[0].details == {"on": "windows", "names": "1"}
    await aged(days=6)
    assert len(await events()) == 4
    # Deleting it again makes nothing of it stay longer.
    await diary.delete(LINK)
    await aged(days=1, minutes=1)
    assert await events() == [Event.DELETED, Event.DELETED]
    assert await events(OTHER) == [Event.CONTACT_EDITED]


async def test_a_diary_that_could_not_be_deleted_is_as_it_was(monkeypatch):
    await diary.write(LINK, Event.DEVICE_RENAMED)

    def down(*args: Any) -> None:
        raise OperationalError("down")

    monkeypatch.setattr(diary, "add", down)
    with pytest.raises(OperationalError):
        await diary.delete(LINK)
    assert await events() == [Event.DEVICE_RENAMED]


# Standing in nobody's way -------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
async def test_a_database_that_is_down_is_logged_and_nothing_else(monkeypatch, caplog, error):
    def down(*args: Any) -> None:
        raise error("with secrets")

    monkeypatch.setattr(diary, "add", down)
    with caplog.at_level(logging.WARNING, "portal"):
        await diary.write(LINK, Event.PASSPHRASE_RESET)
        await diary.write_to_all([LINK], Event.STAFF_EXPORTED_LINK)
        await diary.write_for_home(HOME, Event.STAFF_SUSPENDED)
        await diary.signed_in(HOME, LINK, "mac")
    told = f"An entry of a diary was not written: {error.__name__}"
    assert caplog.messages == [told] * 4


async def test_a_database_that_is_slow_holds_nobody_up_and_the_entry_is_written(monkeypatch):
    add = diary.add

    def slow(*args: Any) -> None:
        time.sleep(0.3)
        add(*args)

    monkeypatch.setattr(diary, "add", slow)
    monkeypatch.setattr(asides, "PATIENCE", 0.05)
    begun = time.monotonic()
    await diary.write(LINK, Event.PASSPHRASE_RESET)
    assert time.monotonic() - begun < 0.25
    await asyncio.gather(*asides.under_way)
    assert await events() == [Event.PASSPHRASE_RESET]
    assert not asides.under_way
