"""Can the vendor's API be reached, and do both clocks agree?"""

import asyncio
import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from ruckus.authorization import TokenStyle
from ruckus.errors import Unavailable
from ruckus.operations import JSON
from ruckus.resident import ACCESS
from ruckus.wire import Answer, Upstream
from ruckus.words import Words, say, say_many

from .failures import advice_on, host_of, said
from .finding import Finding, ok, to_do, unknown

# Translators: From this portal to RUCKUS One.
ABOUT = say("Connection")
CLOCK = say("Clock")
WAIT = say("Wait a few minutes, then try again.")
MOST_OFF = 60.0
"""Seconds that the two clocks may differ."""

# No property has this id: the answer shows that the API is there and says nothing of anybody.
NOWHERE = "00000000-0000-0000-0000-000000000000"

Connect = Callable[[str, TokenStyle | None], Upstream]
"""Makes what speaks to an address, in a fixed token style or without one. May raise OSError."""


@dataclass(frozen=True)
class Region:
    """What was found out about an address: whether to sign in there, and whether anywhere."""

    findings: tuple[Finding, ...]
    usable: bool = False
    stop: bool = False


async def check_region(connect: Connect, address: str) -> Region:
    """Return whether the API answers at an address, after a single call."""
    host = host_of(address)
    if urlsplit(address).scheme not in ("http", "https") or not host:
        wrong = to_do(
            ABOUT,
            say("RUCKUS_API_URL is not an address."),
            say("Write it like https://api.eu.ruckus.cloud, or remove it and set RUCKUS_REGION."),
        )
        return Region((wrong,), stop=True)
    if address.startswith("http:") and not _is_loopback(address):
        wrong = to_do(
            ABOUT,
            say(
                "{host} would be asked without encryption, so access codes could be read on the way.",
                host=host,
            ),
            say("Begin RUCKUS_API_URL with https://"),
        )
        return Region((wrong,), stop=True)
    try:
        upstream = connect(address, None)
    except OSError:
        wrong = to_do(
            ABOUT,
            say("The certificates that say whom to trust can't be read."),
            say("Correct or remove SSL_CERT_FILE and SSL_CERT_DIR."),
        )
        return Region((wrong,), stop=True)
    started = time.monotonic()
    try:
        answer = await _ask(upstream)
    except Unavailable as error:
        # Translators: {what} is what went wrong, such as "name not found".
        what = say("{host}: {what}.", host=host, what=said(error))
        return Region((to_do(ABOUT, what, advice_on(error)),))
    return _judge(host, answer, time.monotonic() - started)


async def _ask(upstream: Upstream) -> Answer:
    """Return the answer to a call that needs no sign-in, made without a second attempt."""
    return await upstream.send(
        ACCESS.id,
        "GET",
        f"/residents/properties/{NOWHERE}{ACCESS.path}",
        headers={"Accept": JSON, "Accept-Encoding": "gzip", "User-Agent": "resident-portal"},
        content=None,
        deadline=asyncio.get_running_loop().time() + upstream.deadline,
        limit=ACCESS.limit,
        pooled=True,
        body_matters=False,
    )


def _judge(host: str, answer: Answer, seconds: float) -> Region:
    if answer.status == 429:
        return Region(
            (unknown(ABOUT, say("{host} asks to wait (429).", host=host), WAIT),), stop=True
        )
    # Its documentation allows a plain 500, which still comes from the API itself.
    if answer.status > 500:
        ill = say(
            "{host} answers, but has a problem of its own (status {status}).",
            host=host,
            status=answer.status,
        )
        return Region((unknown(ABOUT, ill, WAIT), *_clock(answer)), usable=True)
    if 300 <= answer.status < 400 or answer.body.lstrip()[:1] == b"<":
        page = say("{host} answers with a web page. It is probably not the API.", host=host)
        return Region((to_do(ABOUT, page, say("Check RUCKUS_API_URL.")),))
    # Translators: {seconds} has one decimal, such as 0.3.
    well = say(
        "{host} answers within {seconds} seconds.",
        host=host,
        seconds=math.ceil(seconds * 10) / 10,
    )
    return Region((ok(ABOUT, well), *_clock(answer)), usable=True)


def _clock(answer: Answer) -> tuple[Finding, ...]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        # Written without a zone, it is in UTC.
        off = time.time() - theirs.replace(tzinfo=theirs.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return (unknown(CLOCK, say("RUCKUS One did not tell the time.")),)
    if abs(off) <= MOST_OFF:
        return (ok(CLOCK, say("This machine and RUCKUS One agree on the time.")),)
    span = _span(abs(off))
    if off > 0:
        # Translators: {span} is a span of time, such as "3 hours".
        what = say("This machine's clock is {span} ahead of RUCKUS One's.", span=span)
    else:
        # Translators: {span} is a span of time, such as "3 hours".
        what = say("This machine's clock is {span} behind RUCKUS One's.", span=span)
    advice = say(
        "Turn on time synchronization (NTP) on this machine. Until then sign-ins may end at the wrong time."
    )
    return (to_do(CLOCK, what, advice),)


def _span(seconds: float) -> Words:
    if seconds >= 2 * 86400:
        return say_many("{number} day", "{number} days", number=round(seconds / 86400))
    if seconds >= 2 * 3600:
        return say_many("{number} hour", "{number} hours", number=round(seconds / 3600))
    if seconds >= 2 * 60:
        return say_many("{number} minute", "{number} minutes", number=round(seconds / 60))
    return say_many("{number} second", "{number} seconds", number=round(seconds))


def _is_loopback(address: str) -> bool:
    name = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
