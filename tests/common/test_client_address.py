"""A client's address comes from the connection, or from proxies that are trusted."""

import pytest
from django.test import RequestFactory

from common.client_address import client_address


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.7", "", [], "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", [], "203.0.113.7"),
        ("10.0.0.2", "198.51.100.1", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.2", "1.1.1.1, 198.51.100.1, 10.0.0.9", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.2", "", ["10.0.0.0/8"], "10.0.0.2"),
        ("10.0.0.2", "10.0.0.3", ["10.0.0.0/8"], "10.0.0.3"),
        ("10.0.0.2", "nonsense", ["10.0.0.0/8"], ""),
        ("::ffff:10.0.0.2", "198.51.100.1", ["10.0.0.0/8"], "198.51.100.1"),
        ("::1", "[2001:db8:1:2:3:4:5:6]", ["::1"], "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "", [], "2001:db8:1:2::/64"),
        ("", "198.51.100.1", ["10.0.0.0/8"], ""),
        ("", "1.1.1.1, 198.51.100.1", ["unix"], "198.51.100.1"),
        ("", "", ["unix"], ""),
        ("10.0.0.2", "198.51.100.1", ["unix"], "10.0.0.2"),
        ("10.0.0.2", "198.51.100.1:50123", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.2", "[2001:db8::1]:50123", ["10.0.0.0/8"], "2001:db8::/64"),
        ("10.0.0.2", "[]", ["10.0.0.0/8"], ""),
    ],
)
def test_only_trusted_proxies_speak_for_a_client(
    rf: RequestFactory, settings, peer: str, forwarded: str, trusted: list[str], expected: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    request = rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected
