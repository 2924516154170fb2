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

from .failures import advice_on, host_of, said
from .finding import Finding, ok, to_do, unknown

ABOUT = "Connection"
CLOCK = "Clock"
WAIT = "Wait a few minutes, then try again."
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
            "RUCKUS_API_URL is not an address.",
            "Write it like https://api.eu.ruckus.cloud, or remove it and set RUCKUS_REGION.",
        )
        return Region((wrong,), stop=True)
    if address.startswith("http:") and not _is_loopback(address):
        wrong = to_do(
            ABOUT,
            f"{host} would be asked without encryption, so access codes could be read on the way.",
            "Begin RUCKUS_API_URL with https://",
        )
        return Region((wrong,), stop=True)
    try:
        upstream = connect(address, None)
    except OSError:
        wrong = to_do(
            ABOUT,
            "The certificates that say whom to trust can't be read.",
            "Correct or remove SSL_CERT_FILE and SSL_CERT_DIR.",
        )
        return Region((wrong,), stop=True)
    started = time.monotonic()
    try:
        answer = await _ask(upstream)
    except Unavailable as error:
        return Region((to_do(ABOUT, f"{host}: {said(error)}.", advice_on(error)),))
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
        return Region((unknown(ABOUT, f"{host} asks to wait (429).", WAIT),), stop=True)
    # Its documentation allows a plain 500, which still comes from the API itself.
    if answer.status > 500:
        ill = f"{host} answers, but has a problem of its own (status {answer.status})."
        return Region((unknown(ABOUT, ill, WAIT), *_clock(answer)), usable=True)
    if 300 <= answer.status < 400 or answer.body.lstrip()[:1] == b"<":
        page = f"{host} answers with a web page. It is probably not the API."
        return Region((to_do(ABOUT, page, "Check RUCKUS_API_URL."),))
    return Region(
        (
            ok(ABOUT, f"{host} answers within {math.ceil(seconds * 10) / 10} seconds."),
            *_clock(answer),
        ),
        usable=True,
    )


def _clock(answer: Answer) -> tuple[Finding, ...]:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        # Written without a zone, it is in UTC.
        off = time.time() - theirs.replace(tzinfo=theirs.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return (unknown(CLOCK, "RUCKUS One did not tell the time."),)
    if abs(off) <= MOST_OFF:
        return (ok(CLOCK, "This machine and RUCKUS One agree on the time."),)
    way = "ahead of" if off > 0 else "behind"
    return (
        to_do(
            CLOCK,
            f"This machine's clock is {_span(abs(off))} {way} RUCKUS One's.",
            "Turn on time synchronization (NTP) on this machine. Until then sign-ins may end at the wrong time.",
        ),
    )


def _span(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _is_loopback(address: str) -> bool:
    name = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
