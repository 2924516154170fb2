"""Which properties this portal serves, where, and how: PROPERTIES_FILE, or the variables for who has one.

The file has a table for each property, under its id. What a table leaves out the variables say. A
changed file is read by a thread of its own, at most once a second; a broken one is told in a line
of the log and changes nothing.
"""

import logging
import time
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextvars import ContextVar
from pathlib import Path
from threading import Thread

import msgspec
from django.conf import settings

from common.environment import (
    WrongSettings,
    is_api,
    is_country,
    is_host,
    is_property_id,
    is_time_zone,
)
from ruckus.links import property_id as canonical
from ruckus.regions import REGIONS

log = logging.getLogger("portal.properties")

LOOK_EVERY = 1.0

# The host name that a request was sent to; "" in a command, where every property may be meant.
here: ContextVar[str] = ContextVar("here", default="")


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom residents turn to where RUCKUS One names nobody."""

    name: str = ""
    phone: str = ""
    email: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says of a property."""

    hosts: tuple[str, ...] = ()
    region: str = ""
    api_url: str = ""
    time_zone: str = ""
    phone_region: str = ""
    contact: Contact = Contact()
    languages: tuple[str, ...] = ()
    link_reset: bool | None = None


UNNAMED = Entry()


class Book:
    """The properties by their bare ids, and the ids by the host names on which they answer."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self.entries = {bare(name): entry for name, entry in entries.items()}
        found = defaultdict(list)
        for name, entry in entries.items():
            # Under "" are those that answer on every host that none has for itself.
            for host in entry.hosts or ("",):
                found[host.lower()].append(canonical(name))
        self.ids_by_host = dict(found)
        self.hosts = self.ids_by_host.keys() - {""}
        self.api_urls = {own_api_url(entry) for entry in entries.values()}

    def ids_at(self, host: str) -> list[str]:
        """Return the ids of the properties that answer on a host."""
        return self.ids_by_host.get(host if host in self.hosts else "", [])


def bare(property_id: str) -> str:
    """Return what all spellings of an id have in common."""
    return property_id.replace("-", "").lower()


def own_api_url(entry: Entry) -> str:
    """Return the address that a property's calls go to."""
    return entry.api_url.rstrip("/") or REGIONS.get(entry.region, settings.RUCKUS_API_URL)


def read(path: Path) -> Book:
    """Return what a file of properties says. Raise WrongSettings, with a sentence for each fault."""
    try:
        tables = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise WrongSettings([f"PROPERTIES_FILE can't be read: {error}."]) from None
    entries, problems = {}, []
    for name, table in tables.items():
        try:
            entries[name] = msgspec.convert(table, Entry)
        except msgspec.ValidationError as error:
            problems.append(f"{name}: {error}")
            continue
        problems += [f"{name}: {problem}" for problem in faults(name, entries[name])]
    if len({bare(name) for name in tables}) < len(tables):
        problems.append("An id stands in it more than once.")
    if problems:
        raise WrongSettings([f"PROPERTIES_FILE: {problem}" for problem in problems])
    return Book(entries)


def faults(name: str, entry: Entry) -> Iterator[str]:
    """Yield what is wrong with a property's table."""
    if not is_property_id(name):
        yield "this is no id of a venue in RUCKUS One."
    if not all(map(is_host, entry.hosts)):
        yield "hosts must be names like wifi.example.org, without https:// or a port."
    if entry.region and entry.region not in REGIONS:
        yield "region must be na, eu or asia."
    elif entry.api_url and not is_api(entry.api_url):
        yield "api_url must be an address like https://api.eu.ruckus.cloud."
    elif not own_api_url(entry):
        yield "it needs a region or an api_url where RUCKUS_REGION is not set."
    if entry.time_zone and not is_time_zone(entry.time_zone):
        yield "time_zone must be the name of a time zone, like America/Chicago."
    if entry.phone_region and not is_country(entry.phone_region):
        yield "phone_region must be a country with phone numbers, like US or DE."
    known = dict(settings.LANGUAGES)
    if not all(language in known for language in entry.languages):
        yield f"languages must be some of {', '.join(known)}."


class PropertiesFile:
    """A file of properties as it was read last."""

    def __init__(self, path: Path) -> None:
        """Read it. Raise WrongSettings."""
        self.path = path
        self.stamp = self.found()
        self.book = read(path)
        self.next_look = time.monotonic() + LOOK_EVERY
        self.looking = Thread()

    def current(self) -> Book:
        """Return what it says. Nobody waits for a disk: a change is seen by who asks a moment later."""
        now = time.monotonic()
        if now >= self.next_look and not self.looking.is_alive():
            self.next_look = now + LOOK_EVERY
            self.looking = Thread(target=self.look, daemon=True)
            self.looking.start()
        return self.book

    def found(self) -> tuple[int, ...]:
        """Return by what it can be told that the file has changed."""
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

    def look(self) -> None:
        """Read the file if it has changed; one that is broken leaves all as it is."""
        stamp = self.found()
        if stamp == self.stamp:
            return
        self.stamp = stamp
        try:
            self.book = read(self.path)
        except WrongSettings as error:
            log.error("The properties stay as they were. %s", " ".join(error.problems))
        else:
            log.info("The properties were read anew: %d", len(self.book.entries))


NO_FILE = Book({})
_file: PropertiesFile | None = None


def book() -> Book:
    """Return what PROPERTIES_FILE says, nothing where there is none. Raise WrongSettings at first."""
    global _file  # noqa: PLW0603  (one installation, one file)
    if not settings.PROPERTIES_FILE:
        return NO_FILE
    if _file is None or _file.path != Path(settings.PROPERTIES_FILE):
        _file = PropertiesFile(Path(settings.PROPERTIES_FILE))
    return _file.current()


def entry_of(property_id: str) -> Entry:
    """Return what the file says of a property, nothing where it does not name it."""
    return book().entries.get(bare(property_id), UNNAMED)


def named() -> Collection[str]:
    """Return the bare ids of the properties that are named, in the file or in ALLOWED_PROPERTIES."""
    if settings.PROPERTIES_FILE:
        return book().entries.keys()
    return {bare(allowed) for allowed in settings.ALLOWED_PROPERTIES}


def is_served(property_id: str) -> bool:
    """Return whether this portal serves a property, on whichever host; any, if none is named."""
    names = named()
    return bare(property_id) in names if names or settings.PROPERTIES_FILE else True


def answers_here(property_id: str) -> bool:
    """Return whether a property answers on the host that was asked."""
    host, present = here.get(), book()
    if not host or not present.hosts:
        return True
    own = present.entries.get(bare(property_id), UNNAMED).hosts
    return host in map(str.lower, own) if own else host not in present.hosts


def only_property() -> str | None:
    """Return the id of the one property that answers on the host that was asked, or None."""
    if settings.PROPERTIES_FILE:
        ids = book().ids_at(here.get())
    else:
        ids = [canonical(allowed) for allowed in settings.ALLOWED_PROPERTIES]
    return ids[0] if len(ids) == 1 else None


def api_url_of(property_id: str) -> str:
    """Return the address that a property's calls go to."""
    return own_api_url(entry_of(property_id))


def names_address(property_id: str) -> bool:
    """Return whether the file says where a property's calls go to."""
    entry = entry_of(property_id)
    return bool(entry.api_url or entry.region)


def api_urls() -> Collection[str]:
    """Return all addresses that calls may go to."""
    return book().api_urls or {settings.RUCKUS_API_URL}


def portal_url_of(property_id: str) -> str:
    """Return the address under which a property's residents reach the portal, "" if none is known."""
    if not (hosts := entry_of(property_id).hosts):
        return str(settings.PORTAL_URL)
    return f"https://{hosts[0]}" if settings.HTTPS else f"http://{hosts[0]}:{settings.PORT}"


def time_zone_of(property_id: str) -> str:
    """Return the zone of a property's exact times."""
    return entry_of(property_id).time_zone or settings.TIME_ZONE


def phone_region_of(property_id: str) -> str:
    """Return the country whose national numbers a property's residents may type."""
    return entry_of(property_id).phone_region or settings.PHONE_REGION


def contact_of(property_id: str) -> Contact:
    """Return whom a property's residents turn to where RUCKUS One names nobody."""
    return entry_of(property_id).contact


def allows_link_reset(property_id: str) -> bool:
    """Return whether a property's residents may replace their link themselves."""
    own = entry_of(property_id).link_reset
    return settings.LINK_RESET if own is None else own


def languages_of(property_id: str) -> tuple[str, ...]:
    """Return the languages of a property, the first as the default; none where all are offered."""
    return entry_of(property_id).languages


def languages_here() -> list[str]:
    """Return the languages of the properties that answer on the host, the first as the default.

    Where one of them names none, all that the portal has are offered: [].
    """
    present, offered = book(), list[str]()
    for property_id in present.ids_at(here.get()):
        own = present.entries[bare(property_id)].languages
        if not own:
            return []
        offered += [language for language in own if language not in offered]
    return offered
