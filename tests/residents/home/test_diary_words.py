"""The diary in words: every event has some, and none of them breaks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from common.diary import Entry, Event
from common.models import DiaryEntry
from residents.home.diary_words import ON, SIGNED_IN, Day, days_of, line_of
from residents.home.doings import AGENTS

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


def entry(event: Event, at: datetime = NOW, **details: str) -> Entry:
    return Entry(DiaryEntry(at=at), event, details)


def told(event: Event, **details: str) -> list[str]:
    """The title of an entry and what stands below it."""
    line = line_of(entry(event, **details), {"riley": "Riley & Co"})
    return list(map(str, (line.title, *line.facts, *([line.on] if line.on else []))))


@pytest.mark.parametrize("event", Event)
def test_every_event_has_words_and_a_picture(event: Event):
    line = line_of(entry(event), {})
    assert str(line.title)
    assert line.icon
    assert all(map(str, line.facts))


@pytest.mark.parametrize(
    ("event", "details", "words"),
    [
        (Event.SIGNED_IN, {"on": "iphone"}, ["Signed in on an iPhone"]),
        (Event.SIGNED_IN, {"on": "toaster"}, ["Signed in"]),
        (
            Event.PASSPHRASE_RESET,
            {"kind": "guest", "on": "mac"},
            ["Guest Wi‑Fi passphrase reset", "on a Mac or iPad"],
        ),
        (
            Event.PASSPHRASE_RESET,
            {"kind": "unit", "unproved": "1"},
            ["Home Wi‑Fi passphrase reset", "We couldn’t confirm it"],
        ),
        (
            Event.PASSPHRASE_RESET,
            {"kind": "linked", "user": "riley"},
            ["Passphrase reset: <bdi>Riley &amp; Co</bdi>"],
        ),
        (Event.PASSPHRASE_CHOSEN, {"kind": "unit"}, ["Home Wi‑Fi passphrase chosen"]),
        (
            Event.PASSPHRASE_CHOSEN,
            {"kind": "linked", "user": "gone"},
            ["Passphrase chosen: <bdi>Household member</bdi>"],
        ),
        (
            Event.CONTACT_EDITED,
            {"kind": "unit", "fields": "email phone_number"},
            ["Contact details changed", "Email address", "Phone number"],
        ),
        (
            Event.CONTACT_EDITED,
            {"kind": "linked", "user": "riley", "fields": "name"},
            ["Contact details changed: <bdi>Riley &amp; Co</bdi>", "Name"],
        ),
        (
            Event.DEVICE_REMOVED,
            {"device": "Tablet", "maker": "Apple"},
            ["Device removed", "<bdi>Tablet</bdi>", "Apple"],
        ),
        (Event.DEVICE_REMOVED, {}, ["Device removed", "<bdi>Device</bdi>"]),
        (
            Event.DEVICE_RENAMED,
            {"device": "TV", "name": "<b>"},
            ["Device renamed", "<bdi>TV</bdi> is now “<bdi>&lt;b&gt;</bdi>”"],
        ),
        (
            Event.DEVICE_RENAMED,
            {"device": "Mine"},
            ["Device renamed", "“<bdi>Mine</bdi>” has no name now"],
        ),
        (Event.DELETED, {}, ["Diary deleted"]),
        (Event.DELETED, {"names": "1"}, ["Diary and device names deleted"]),
        (Event.STAFF_SENT_LINK, {"by": "sms"}, ["Staff sent your link", "By text message"]),
        (Event.STAFF_SENT_LINK, {}, ["Staff sent your link"]),
    ],
)
def test_an_entry_is_told_in_words(event, details, words):
    assert told(event, **details) == words


def test_every_kind_of_device_that_a_browser_names_has_words():
    assert {kind for _, kind in AGENTS} == set(SIGNED_IN) == set(ON)


def test_entries_are_told_day_by_day():
    earlier = NOW - timedelta(days=1)
    entries = [
        entry(Event.LINK_REPLACED),
        entry(Event.DELETED),
        entry(Event.STAFF_LET_IN, earlier),
    ]
    first, second = days_of(entries, {})
    assert (first.title, len(first.lines)) == ("Thursday, March 5", 2)
    assert (second.title, len(second.lines)) == ("Wednesday, March 4", 1)


def test_a_day_that_is_near_goes_by_its_name():
    today: date = timezone.localdate()
    assert Day(today, ()).title == "Today"
    assert Day(today - timedelta(days=1), ()).title == "Yesterday"


def test_a_day_is_one_of_the_time_zone_that_is_set(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    timezone.deactivate()
    (day,) = days_of([entry(Event.DELETED, NOW.replace(hour=20))], {})
    assert day.date == date(2026, 3, 6)
