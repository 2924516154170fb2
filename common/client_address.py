"""Who is asking: the client's address, which only proxies that are trusted may speak for."""

import ipaddress
import re
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

# Some proxies write the port of the connection, too.
WITH_PORT = re.compile(r"\[([^]]*)\](?::[0-9]+)?|([0-9.]+):[0-9]+")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@cache
def networks(listed: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in listed if network != "unix")


def is_trusted(address: Any) -> bool:
    return any(address in network for network in networks(tuple(settings.TRUSTED_PROXIES)))


def parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = text.strip()
    if found := WITH_PORT.fullmatch(text):
        text = found[1] or found[2] or ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_address(request: HttpRequest) -> str:
    """Return whose attempts to count together: an IPv4 address, or the /64 of an IPv6 address.

    X-Forwarded-For is read from its end for as long as TRUSTED_PROXIES speak; what a client wrote
    in front of that is never reached. A Unix socket has no address: who is behind one is told apart
    only where TRUSTED_PROXIES says "unix". "" stands for everybody without an address.
    """
    peer = request.META.get("REMOTE_ADDR") or ""
    address = parsed(peer)
    forwarded = [part for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part]
    if not peer and "unix" in settings.TRUSTED_PROXIES and forwarded:
        address = parsed(forwarded.pop())
    while address is not None and is_trusted(address) and forwarded:
        address = parsed(forwarded.pop())
    if address is None:
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
