"""Cookies that a sibling host has set, over a real socket."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.residents.conftest import seeded
from tests.security.conftest import Installation

HOME, OTHER = seeded("full branding"), seeded("no portal profile")


def status_and_page(installation: Installation, *lines: bytes) -> tuple[int, str]:
    """What the contact page answers to these header lines."""
    url = urlsplit(installation.portal.url)
    head = [b"GET /contact/ HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close"]
    head += [b"X-Forwarded-Proto: https", *lines]
    with socket.create_connection((url.hostname, url.port), timeout=30) as peer:
        peer.sendall(b"\r\n".join(head) + b"\r\n\r\n")
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    return int(answer.split(b" ", 2)[1]), answer.decode(errors="replace")


@pytest.fixture(scope="module")
def cookies(installation: Installation) -> tuple[bytes, bytes]:
    """The session cookies of two homes, as the browser of each sends it."""
    browsers = [installation.make(), installation.make()]
    for browser, home in zip(browsers, (HOME, OTHER), strict=True):
        browser.sign_in(home)
    ours, theirs = (b"__Host-session=" + b.cookies["__Host-session"].encode() for b in browsers)
    return ours, theirs


def name(home) -> str:
    return home.unit.contact.name


def test_each_session_shows_its_own_home(installation, cookies):
    for cookie, home in zip(cookies, (HOME, OTHER), strict=True):
        status, page = status_and_page(installation, b"Cookie: " + cookie)
        assert status == 200
        assert name(home) in page


@pytest.mark.parametrize("space", [b"\xa0", b"\x85", b"\x0b", b"\x0c", b"\x1c", b"\x1f", b"\t"])
def test_a_name_that_only_looks_like_ours_shows_nobody_another_home(installation, cookies, space):
    ours, theirs = cookies
    for line in (ours + b"; " + space + theirs, b"x=1; " + space + theirs + b"; " + ours):
        status, page = status_and_page(installation, b"Cookie: " + line)
        assert name(OTHER) not in page
        # What is no header field at all is refused by the server itself.
        assert (status, name(HOME) in page) in ((200, True), (400, False))
    status, page = status_and_page(installation, b"Cookie: x=1; " + space + theirs)
    assert status in (400, 401)


@pytest.mark.parametrize(
    "between", [b"; ", b"\r\nCookie: ", b"\r\ncookie:", b"\r\n ", b"\r\n\t;", b", "]
)
def test_a_second_cookie_of_our_name_does_not_decide(installation, cookies, between):
    ours, theirs = cookies
    for line in (ours + between + theirs, theirs + between + ours):
        status, page = status_and_page(installation, b"Cookie: " + line)
        assert status in (400, 401)
        assert name(HOME) not in page
        assert name(OTHER) not in page


def test_cookies_on_lines_of_their_own_are_all_read(installation, cookies):
    ours, _ = cookies
    status, page = status_and_page(installation, b"Cookie: a=1", b"Cookie: " + ours, b"Cookie: b=2")
    assert status == 200
    assert name(HOME) in page
