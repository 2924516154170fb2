"""Which cookies reach Django: plain ones, each once."""

from typing import Any

import httpx
import pytest
from django.http.cookie import parse_cookie
from hypothesis import given
from hypothesis import strategies as st

from portal import asgi
from portal.cookies import clean
from tests.residents.conftest import Resident, seeded

# What browsers have let a name begin or end with, or Python takes for white space.
SPACES = [b"\xa0", b"\x85", b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\x1f", b"\t", b"\0"]


def read(*lines: bytes) -> dict[str, str]:
    """What Django makes of these Cookie lines."""
    headers = clean([(b"host", b"x"), *((b"cookie", line) for line in lines), (b"a", b"b")])
    assert [header for header in headers if header[0] != b"cookie"] == [
        (b"host", b"x"),
        (b"a", b"b"),
    ]
    cookies = [value for name, value in headers if name == b"cookie"]
    assert len(cookies) <= 1
    return parse_cookie(b"".join(cookies).decode("latin-1"))


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("place", ["before", "after", "both"])
def test_a_name_with_odd_bytes_around_it_is_not_ours(space, place):
    before = b"" if place == "after" else space
    after = b"" if place == "before" else space
    odd = before + b"__Host-session" + after + b"=theirs"
    assert read(b"__Host-session=ours; " + odd) == {"__Host-session": "ours"}
    assert read(odd + b"; __Host-session=ours") == {"__Host-session": "ours"}
    assert read(b"x=1; " + odd) == {"x": "1"}
    assert read(odd) == {}


@pytest.mark.parametrize(
    "odd",
    [
        b" __Host-session=theirs",
        b'"__Host-session"=theirs',
        b"__Host-session =theirs",
        b"=__Host-session=theirs",
        b"__Host-session",
        b"a b=theirs",
        b"\xc3\xa4=theirs",
        b"a=\xa0theirs",
        b"a=the\x1firs",
        b"",
        b"=",
    ],
)
def test_what_is_no_plain_cookie_is_dropped(odd):
    assert read(b"x=1; " + odd + b"; y=2") == {"x": "1", "y": "2"}


def test_of_two_cookies_of_one_name_neither_decides():
    assert read(b"__Host-session=ours; x=1; __Host-session=theirs") == {"x": "1"}
    assert read(b"__Host-session=ours; x=1", b"__Host-session=theirs") == {"x": "1"}
    assert read(b"__Host-session=ours; __Host-session=ours") == {}


def test_cookies_on_several_lines_are_all_read():
    assert read(b"a=1; b=2", b"c=3") == {"a": "1", "b": "2", "c": "3"}


def test_values_keep_what_plain_ones_may_hold():
    assert read(b'a="x\\054y"; b=1=2,3 4; c=') == {"a": "x,y", "b": "1=2,3 4", "c": ""}


@given(st.binary(max_size=60))
def test_whatever_is_sent_django_reads_names_that_were_sent_just_so(line):
    for name in read(line, b"__Host-session=ours"):
        assert (name.encode() + b"=") in line + b"; __Host-session=ours"
        assert name.isascii()
        assert name.strip() == name


@pytest.mark.parametrize("space", SPACES)
async def test_a_neighboring_host_shows_nobody_another_home(resident: Resident, space: bytes):
    """A resident's own session holds, whatever else is sent that Django would read as one."""
    ours, theirs = await resident("full branding"), await resident("no portal profile")
    application = asgi.Portal()

    async def ask(line: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            headers: Any = [(b"cookie", line)]
            return await client.get("/contact/", headers=headers)

    own = b"session=" + ours.cookie.encode()
    odd = space + b"session=" + theirs.cookie.encode()
    name = seeded("full branding").unit.contact.name
    for line in (own + b"; " + odd, odd + b"; " + own, own):
        assert name in (await ask(line)).text
    assert (await ask(odd)).status_code == 401
