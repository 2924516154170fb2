"""The environment variables of an installation: each is checked, and what is wrong is told all at once.

No value is repeated. It may hold a password, or be a secret that was put under the wrong name.
"""

import difflib
import os
import re
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
import phonenumbers
from django.core.exceptions import ImproperlyConfigured
from redis.connection import parse_url

from ruckus.links import property_id

# Whoever sees a cookie can try all short keys; 32 random characters are out of reach.
LEAST_KEY = 32
YES, NO = ("1", "on", "true", "yes", "y", "ok"), ("0", "off", "false", "no", "n")
# A name of ours that is none of ours is a typo.
OURS = ("PORTAL_", "RUCKUS_")
# Docker and Kubernetes tell of a service called "portal" by such names.
OF_A_SERVICE = re.compile(r"_(SERVICE_HOST|SERVICE_PORT|PORT)(_\w+)?$")
HOST = re.compile(r"(?i)[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
# What would stand between // and the path of a SQLite file is ignored without a word.
DATABASES = ("postgres://", "postgresql://", "sqlite:///", "sqlite://:memory:")


class WrongSettings(ImproperlyConfigured):
    """Settings that can't be used; `problems` has a sentence for each."""

    def __init__(self, problems: Collection[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@contextmanager
def told_plainly(status: int) -> Iterator[None]:
    """End the process with a line for each wrong setting, where there would be a traceback."""
    try:
        yield
    except WrongSettings as error:
        for problem in error.problems:
            print(f"Settings: {problem}", file=sys.stderr, flush=True)  # noqa: T201, no log yet
        raise SystemExit(status) from None


def is_host(value: str) -> bool:
    """Return whether this is a host name or an address, without scheme, port or path."""
    return HOST.fullmatch(value) is not None


def is_host_pattern(value: str) -> bool:
    """Return whether this is a host as Django takes it: one, those below a domain, or any."""
    return value == "*" or is_host(value.removeprefix("."))


def is_api(value: str) -> bool:
    """Return whether this is an address over HTTP, with a path or without."""
    try:
        parts = urlsplit(value)
        # The port is read here for the first time, and may be no number.
        host = parts.netloc.removesuffix(f":{parts.port}")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_host(host) and not parts.query + parts.fragment


def is_site(value: str) -> bool:
    """Return whether this is an address over HTTP without a path."""
    return is_api(value) and not urlsplit(value).path.strip("/")


def is_bind(value: str) -> bool:
    """Return whether this is where a server can listen: a host without a port, or unix:PATH."""
    return value.startswith("unix:") or is_host(value)


def is_network(value: str) -> bool:
    """Return whether this is an address or a network (CIDR)."""
    try:
        ip_network(value)
    except ValueError:
        return False
    return True


def is_time_zone(value: str) -> bool:
    """Return whether this is the name of a time zone."""
    try:
        ZoneInfo(value)
    # A folder of zones, such as Europe, can't be read as one.
    except (LookupError, ValueError, OSError):
        return False
    return True


def is_country(value: str) -> bool:
    """Return whether this is a country with phone numbers."""
    return value in phonenumbers.SUPPORTED_REGIONS


def is_redis(value: str) -> bool:
    """Return whether this is an address of Redis."""
    try:
        parse_url(value)  # type: ignore[no-untyped-call]
    except ValueError:
        return False
    return True


def is_database(value: str) -> bool:
    """Return whether this is an address of a database that the portal knows how to use."""
    try:
        return value.startswith(DATABASES) and bool(database(value)["NAME"])
    except ValueError:
        return False


def is_mail_server(value: str) -> bool:
    """Return whether this is an address of a mail server."""
    try:
        return bool(environ.Env.email_url_config(value))
    except (ImproperlyConfigured, ValueError):
        return False


def database(url: str) -> dict[str, Any]:
    """Return the entry of DATABASES for a URL. Raise ValueError."""
    # A warning would repeat the URL, and the password in it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[str, Any] = environ.Env.db_url_config(url)
    return found


def is_property_id(value: str) -> bool:
    """Return whether this is an id of a property, in any spelling."""
    try:
        property_id(value)
    except ValueError:
        return False
    return True


class Environment:
    """The variables, read one by one. A wrong one is written down and counts as unset."""

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self.variables = variables
        self.known: set[str] = set()
        self.problems: list[str] = []

    def finish(self) -> None:
        """Raise WrongSettings unless all that was read is right, and nothing of ours is left over."""
        for name in sorted(self.variables.keys() - self.known):
            if name.startswith(OURS) and not OF_A_SERVICE.search(name):
                close = difflib.get_close_matches(name, sorted(self.known), 1)
                meant = f" Did you mean {close[0]}?" if close else ""
                self.problems.append(f"{name} is no setting of the portal.{meant}")
        if self.problems:
            raise WrongSettings(self.problems)

    def wrong(self, problem: str) -> None:
        """Write down what is wrong."""
        self.problems.append(problem)

    def raw(self, name: str) -> str:
        """Return a variable as it is, "" where it is unset."""
        self.known.add(name)
        return self.variables.get(name, "")

    def text(self, name: str, default: str = "", *, fits: Callable[[str], bool], what: str) -> str:
        """Return a variable for which `fits` holds. `what` says what such a value is."""
        value = self.raw(name).strip()
        if value and not fits(value):
            self.wrong(f"{name} must be {what}.")
            value = ""
        return value or default

    def words(self, name: str, *, fits: Callable[[str], bool], what: str) -> list[str]:
        """Return the values between commas, none of them empty."""
        found = [word for word in map(str.strip, self.raw(name).split(",")) if word]
        if not all(map(fits, found)):
            self.wrong(f"{name} must be {what}, with commas between.")
        return [word for word in found if fits(word)]

    def keys(self, name: str, least: int = LEAST_KEY) -> list[str]:
        """Return the keys between commas."""
        found = self.words(name, fits=bool, what="keys")
        if any(len(key) < least for key in found):
            self.wrong(f"{name}: a key must have {least} characters or more.")
        return found

    def key(self, name: str) -> str:
        """Return a key, spaces and all: it can't be told whether they belong to it."""
        key = self.raw(name)
        if key and len(key) < LEAST_KEY:
            self.wrong(f"{name}: a key must have {LEAST_KEY} characters or more.")
        return key

    def choice(self, name: str, choices: Collection[str], default: str = "") -> str:
        """Return one of the choices."""
        *most, last = choices
        what = f"{', '.join(most)} or {last}"
        return self.text(name, default, fits=choices.__contains__, what=what)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return whether something is on."""
        value = self.text(name, fits=lambda word: word.lower() in YES + NO, what="on or off")
        return value.lower() in YES if value else default

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """Return a number within its bounds."""

        def within(value: str) -> bool:
            try:
                return least <= float(value) <= most
            except ValueError:
                return False

        what = f"a number from {least:g} to {most:g}"
        return float(self.text(name, str(default), fits=within, what=what))

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number within its bounds."""

        def within(value: str) -> bool:
            return value.isascii() and value.isdigit() and least <= int(value) <= most

        what = f"a whole number from {least} to {most}"
        return int(self.text(name, str(default), fits=within, what=what))

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Return an entry of DATABASES."""
        what = "a URL like postgres://user:password@host/name or sqlite:////folder/file"
        return database(self.text(name, default, fits=is_database, what=what))

    def email(self, name: str) -> dict[str, Any]:
        """Return Django's settings for a mail server, none where none is set."""
        what = "a URL like smtp+tls://user:password@host:587"
        if not (url := self.text(name, fits=is_mail_server, what=what)):
            return {}
        found: dict[str, Any] = environ.Env.email_url_config(url)
        return found
