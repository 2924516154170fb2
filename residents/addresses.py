"""Who is asking: the client's address, which only proxies that are trusted may speak for."""

import ipaddress
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@cache
def networks(listed: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network, strict=False) for network in listed)


def is_trusted(address: Any) -> bool:
    return any(address in network for network in networks(tuple(settings.TRUSTED_PROXIES)))


def parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def client_address(request: HttpRequest) -> str:
    """Return whose attempts to count together: an IPv4 address, or the /64 of an IPv6 address.

    X-Forwarded-For is read from its end for as long as TRUSTED_PROXIES speak; what a client wrote
    in front of that is never reached. "" stands for everybody without an address.
    """
    address = parsed(request.META.get("REMOTE_ADDR") or "")
    forwarded = [part for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part]
    while address is not None and is_trusted(address) and forwarded:
        address = parsed(forwarded.pop())
    if address is None:
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
