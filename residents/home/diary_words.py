"""The diary as residents read it: each entry as a title, what else is known, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from common.diary import Entry, Event
from residents.home.device_kinds import name_of_kind

# An iPad says that it is a Mac.
SIGNED_IN = {
    "iphone": lazy("Signed in on an iPhone"),
    "ipad": lazy("Signed in on an iPad"),
    "android": lazy("Signed in on an Android device"),
    "windows": lazy("Signed in on a Windows computer"),
    "mac": lazy("Signed in on a Mac or iPad"),
    "chromebook": lazy("Signed in on a Chromebook"),
    "linux": lazy("Signed in on a Linux computer"),
}
ON = {
    "iphone": lazy("on an iPhone"),
    "ipad": lazy("on an iPad"),
    "android": lazy("on an Android device"),
    "windows": lazy("on a Windows computer"),
    "mac": lazy("on a Mac or iPad"),
    "chromebook": lazy("on a Chromebook"),
    "linux": lazy("on a Linux computer"),
}
RESET = {
    "unit": lazy("Home Wi‑Fi passphrase reset"),
    "guest": lazy("Guest Wi‑Fi passphrase reset"),
}
CHOSEN = {
    "unit": lazy("Home Wi‑Fi passphrase chosen"),
    "guest": lazy("Guest Wi‑Fi passphrase chosen"),
}
FIELDS = {
    "name": lazy("Name"),
    "email": lazy("Email address"),
    "phone_number": lazy("Phone number"),
}
SENT = {"email": lazy("By email"), "sms": lazy("By text message")}
# Those that say it all, and the pictures beside them.
PLAIN: Mapping[Event, tuple[str, Promise | str]] = {
    Event.DEVICE_REMOVED: ("trash-2", lazy("Device removed")),
    Event.DEVICE_RENAMED: ("pencil", lazy("Device renamed")),
    Event.LINK_REPLACED: ("link", lazy("Link replaced")),
    Event.STAFF_OPENED_LINK: ("eye", lazy("Staff opened your link")),
    Event.STAFF_PRINTED_LINK: ("printer", lazy("Staff printed your link")),
    Event.STAFF_SENT_LINK: ("mail", lazy("Staff sent your link")),
    Event.STAFF_TESTED_LINK: ("refresh-cw", lazy("Staff tested your link")),
    Event.STAFF_EXPORTED_LINK: ("download", lazy("Staff exported your link")),
    Event.STAFF_REPLACED_LINK: ("link", lazy("Link replaced by staff")),
    Event.STAFF_CLEARED_CONTACT: ("mail", lazy("Staff deleted your contact details")),
    Event.STAFF_RESET_PASSPHRASES: ("key-round", lazy("Staff reset your passphrases")),
    Event.STAFF_SUSPENDED: ("wifi-off", lazy("Staff suspended your home")),
    Event.STAFF_LET_IN: ("wifi", lazy("Staff opened your home again")),
}
DEVICES = {
    "iphone": "smartphone",
    "android": "smartphone",
    "ipad": "tablet",
    "windows": "monitor",
    "linux": "monitor",
}


@dataclass(frozen=True)
class Line:
    """An entry in words; `facts` stand before the time, `on` behind it."""

    at: datetime
    icon: str
    title: Promise | str
    facts: tuple[Promise | str, ...] = ()
    on: Promise | str = ""


@dataclass(frozen=True)
class Day:
    """What was written on one day."""

    date: date
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        today = timezone.localdate()
        if self.date == today:
            return _("Today")
        if self.date == today - timedelta(days=1):
            return _("Yesterday")
        # Translators: a date as in "Thursday, March 5", in the letters of Django's date format.
        return date_format(self.date, _("l, F j"))


def days_of(entries: Iterable[Entry], people: Mapping[str, str]) -> list[Day]:
    """Return the entries day by day; `people` are the names of those who are in them, by id."""
    by_day = groupby(entries, key=lambda entry: timezone.localtime(entry.row.at).date())
    return [Day(day, tuple(line_of(entry, people) for entry in on_it)) for day, on_it in by_day]


def line_of(entry: Entry, people: Mapping[str, str]) -> Line:
    """Return an entry in words."""
    event, details = entry.event, entry.details
    icon, title = titled(event, details, people)
    on = "" if event is Event.SIGNED_IN else ON.get(details.get("on", ""), "")
    return Line(entry.row.at, icon, title, tuple(facts_of(event, details)), on)


def titled(
    event: Event, details: Mapping[str, str], people: Mapping[str, str]
) -> tuple[str, Promise | str]:
    """Return the picture and the title of an entry."""
    kind = details.get("kind", "")
    person = isolated(people.get(details.get("user", ""), _("Household member")))
    match event:
        case Event.SIGNED_IN:
            on = details.get("on", "")
            return DEVICES.get(on, "laptop"), SIGNED_IN.get(on, _("Signed in"))
        case Event.PASSPHRASE_RESET:
            words = format_html(_("Passphrase reset: {name}"), name=person)
            return "key-round", RESET.get(kind, words)
        case Event.PASSPHRASE_CHOSEN:
            words = format_html(_("Passphrase chosen: {name}"), name=person)
            return "key-round", CHOSEN.get(kind, words)
        case Event.CONTACT_EDITED if kind == "linked":
            return "mail", format_html(_("Contact details changed: {name}"), name=person)
        case Event.CONTACT_EDITED:
            return "mail", _("Contact details changed")
        case Event.DELETED if details.get("names"):
            return "trash-2", _("Diary and device names deleted")
        case Event.DELETED:
            return "trash-2", _("Diary deleted")
        case _:
            return PLAIN[event]


def facts_of(event: Event, details: Mapping[str, str]) -> Iterable[Promise | str]:
    """Give what else is known of an entry."""
    device = isolated(name_of_kind(details.get("device", "")) or _("Device"))
    if event is Event.DEVICE_RENAMED:
        if name := details.get("name"):
            yield format_html(_("{device} is now “{name}”"), device=device, name=isolated(name))
        else:
            yield format_html(_("“{device}” has no name now"), device=device)
    elif event is Event.DEVICE_REMOVED:
        yield device
        if maker := details.get("maker"):
            yield maker
    elif event is Event.STAFF_SENT_LINK and details.get("by") in SENT:
        yield SENT[details["by"]]
    for name in details.get("fields", "").split():
        yield FIELDS[name]
    if details.get("unproved"):
        yield _("We couldn’t confirm it")


def isolated(name: str) -> SafeString:
    """Return a name that somebody made up, whose direction changes nothing around it."""
    return format_html("<bdi>{}</bdi>", name)
