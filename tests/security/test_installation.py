"""An installation as in production, attacked from outside and then searched for what it kept."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests.residents.conftest import seeded
from tests.residents.pages import PAGES
from tests.security.client import Answer, Client
from tests.security.conftest import Installation

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = seeded("full branding")
PLAIN = seeded("no portal profile")
SUSPENDED = seeded("a suspended unit")
NOBODY = "00000000-0000-4000-8000-000000000000"
EVERY_PAGE = {
    "content-security-policy",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "x-request-id",
}


@pytest.fixture
def client(installation: Installation) -> Client:
    return installation.make()


# Headers and cookies ------------------------------------------------------------------------------


def test_every_text_says_its_charset(client: Client) -> None:
    client.sign_in(HOME)
    paths = [page.path(HOME) for page in PAGES]
    paths += [f"/p/{HOME.property_id}/", "/nothing", "/robots.txt", "/healthz/", "/p/x/"]
    paths += ["/static/portal.js", "/static/portal.css"]
    answers = [client.get(path) for path in paths]
    # Refused at the edge, before any page is made.
    answers.append(client.send("POST", "/sign-out/", data={"x": "y" * 70_000}))
    for answer in answers:
        kind = answer.headers["content-type"].replace('"', "")
        assert kind.startswith("text/"), answer.path
        assert kind.endswith("; charset=utf-8"), answer.path


def test_every_answer_has_every_security_header(client: Client) -> None:
    client.sign_in(HOME)
    paths = [page.path(HOME) for page in PAGES]
    paths += [
        f"/p/{HOME.property_id}/",
        f"/p/{HOME.property_id}/x/",
        f"/p/{HOME.property_id}/icon.png",
    ]
    paths += ["/nothing", "/robots.txt", "/healthz/", "/help", "/p/x/"]
    for path in paths:
        for method in ("GET", "HEAD", "DELETE"):
            answer = client.send(method, path)
            assert set(answer.headers) >= EVERY_PAGE, (method, path)
            assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
            kept = answer.headers["cache-control"]
            assert "no-store" in kept or path.endswith((".png", "/help")) or "private" in kept, path
    client.submit(client.get("/"), "Sign out")


def test_static_files_have_the_headers_that_matter_to_them(client: Client) -> None:
    page = client.get("/").root
    places = [node.attrs["href"] for node in page.all("link")]
    places += [node.attrs["src"] for node in page.all("script")]
    assert len(places) == 3
    for place in places:
        answer = client.get(place)
        assert answer.status == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000; incl")
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers
        assert client.send("TRACE", place).status == 405


def test_cookies_are_tied_to_the_host_and_out_of_reach(client: Client) -> None:
    client.sign_in(HOME)
    form = client.get("/contact/")
    client.submit(form, "Save contact details")
    lines = [line for line in client.seen if line.lower().startswith("set-cookie: ")]
    names = {line.split(": ", 1)[1].split("=")[0] for line in lines}
    assert names == {"__Host-session", "__Host-csrf", "__Host-known", "__Host-messages"}
    for line in lines:
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes, line
        assert not any(attribute.startswith("domain") for attribute in attributes)


def test_plain_http_is_sent_to_https_and_the_answer_is_not_kept(client: Client) -> None:
    path = f"/p/{HOME.property_id}/some-code/"
    answer = client.get(path, **{"X-Forwarded-Proto": "http"})
    assert answer.status == 301
    assert urlsplit(answer.headers["location"])[:3] == (
        "https",
        urlsplit(client.origin).netloc,
        path,
    )
    assert "no-store" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "//evil.example//", "/\\evil.example", "/%2Fevil.example/x"]
)
def test_no_redirect_leads_elsewhere(client: Client, path: str) -> None:
    for proto in ("http", "https"):
        answer = client.get(
            client.http.base_url.scheme + "://" + client.http.base_url.netloc.decode() + path,
            **{"X-Forwarded-Proto": proto},
        )
        place = urlsplit(answer.headers.get("location", ""))
        assert place.netloc in ("", urlsplit(client.origin).netloc), (path, place)
        assert not answer.headers.get("location", "").startswith("//")


def test_another_host_is_refused(client: Client) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1:80@evil.example"):
        assert client.get("/", Host=host).status == 400
    answer = client.get("/", **{"X-Forwarded-Host": "evil.example"})
    assert answer.status == 200
    assert "evil.example" not in answer.text


def test_a_form_of_another_site_is_refused(client: Client) -> None:
    page = client.get(f"/p/{HOME.property_id}/")
    for origin in ("https://evil.example", "null", client.origin.replace("https", "http")):
        client.origin = origin
        answer = client.submit(page, "Open my Wi-Fi", secret=HOME.secret)
        assert answer.status == 403
        assert "__Host-session" not in client.cookies


# The door -----------------------------------------------------------------------------------------


def blank(answer: Answer) -> bytes:
    """The page without what is random in every page."""
    body = re.sub(rb'(csrfmiddlewaretoken" value=")\w+', rb"\1", answer.body)
    return body.replace(answer.headers["x-request-id"].encode(), b"")


def test_refusals_are_the_same_to_the_last_byte(installation: Installation) -> None:
    with_header = {"X-Forwarded-For": "203.0.113.50"}
    found = []
    for home, lockout in ((None, None), (PLAIN, None), (SUSPENDED, 401), (SUSPENDED, 403)):
        installation.vendor.switches(lockout=lockout)
        client = installation.make(**with_header)
        property_id = home.property_id if home else NOBODY
        code = home.secret if home and lockout else "wrong"
        found.append((property_id, client.try_code(property_id, code)))
    installation.vendor.switches(lockout=None)
    # The address of the property stands in the page, and its colours do: one dress for all.
    pages = {
        re.sub(
            rb"<style.*?</style>\n|<link rel=\"icon.*?\n|<p dir=\"auto\">.*?</p>\n"
            rb"|<meta name=\"theme-color.*?\n|<img class=\"logo.*?\n|<span class=\"disc.*?\n",
            b"",
            blank(answer),
        ).replace(property_id.encode(), b"PROPERTY")
        for property_id, answer in found
    }
    assert {answer.status for _, answer in found} == {401}
    assert len(pages) == 1


def test_wrong_codes_make_an_address_wait_and_nobody_else(installation: Installation) -> None:
    for home in (HOME, PLAIN):
        # Properties that nobody has signed in to yet are counted together.
        installation.make(**{"X-Forwarded-For": "203.0.113.62"}).sign_in(home)
    here = installation.make(**{"X-Forwarded-For": "6.6.6.6, 203.0.113.60"})
    for number in range(20):
        # What a client writes in front of the proxy's own words changes nothing.
        here.headers["X-Forwarded-For"] = f"198.51.100.{number}, 203.0.113.60"
        assert here.try_code(HOME.property_id, "wrong").status == 401
    told = here.try_code(HOME.property_id, HOME.secret)
    assert told.status == 429
    assert 1 <= int(told.headers["retry-after"]) <= 5
    assert "__Host-session" not in here.cookies
    there = installation.make(**{"X-Forwarded-For": "203.0.113.61"})
    assert there.sign_in(HOME).status == 200
    assert here.try_code(PLAIN.property_id, PLAIN.secret).status == 302
    # The wait is over: Redis forgets it by itself; here it is made to.
    for name in installation.redis.client.scan_iter("portal:wait:*"):
        installation.redis.client.delete(name)
    assert here.follow(here.try_code(HOME.property_id, HOME.secret)).status == 200


def test_an_untrusted_peer_is_counted_by_its_own_address(installation: Installation) -> None:
    """The portal on a second address of the machine, which it takes for nobody's proxy."""
    port = urlsplit(installation.portal.url).port
    before = count(installation)
    for number in range(3):
        with socket.create_connection(
            ("127.0.0.1", port or 0), source_address=("127.0.0.9", 0)
        ) as peer:
            peer.sendall(
                b"GET /help/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
                b"X-Forwarded-For: 203.0.113.%d\r\nConnection: close\r\n\r\n" % number
            )
            answer = peer.recv(65536)
        # Not believed that this was HTTPS either.
        assert answer.startswith(b"HTTP/1.1 301"), answer[:100]
    assert count(installation) == before


def count(installation: Installation) -> int:
    return len(list(installation.redis.client.scan_iter("portal:tries:*")))


# What was kept ------------------------------------------------------------------------------------


def replace_link(installation: Installation) -> list[str]:
    """Have the home's link replaced, and come in by the new one; every header field seen."""
    client = installation.make(**{"X-Forwarded-For": "203.0.113.72"})
    client.sign_in(HOME)
    asked = client.get("/help/link/replace/")
    assert client.submit(asked, "Yes, replace our link").status == 200
    [message] = installation.vendor.messages()
    entered = client.submit(
        client.get(f"/p/{HOME.property_id}/"), "Open my Wi-Fi", secret=message["link"]
    )
    assert entered.status == 302
    return client.seen


def journey(installation: Installation) -> list[str]:
    """Do everything else that a resident can do and a stranger tries; every header field seen."""
    client = installation.make(**{"X-Forwarded-For": "203.0.113.70"})
    client.get(f"/p/{HOME.property_id}/{quote(HOME.secret, safe='')}/")
    assert client.sign_in(HOME).status == 200
    for page in PAGES:
        shown = client.get(page.path(HOME))
        assert shown.status == 200, page
        # Signing out comes last, and what is removed or reset is not there for the next page.
        if page.button and page.name not in ("sign-out-everywhere", "replace-link", "remove"):
            client.submit(shown, page.button, **page.typed)
        client.get(page.path(HOME), **{"HX-Request": "true", "HX-Target": "main"})
    for path in ("/wifi/unit/x/", "/p/", "/logo/x.png", "/people/../x/"):
        client.get(path)
    for fault in ({"status": 500}, {"kind": "reset"}, {"kind": "html"}, {"status": 401}):
        installation.vendor.fault(**fault, count=3)
        client.get("/contact/")
        installation.vendor.clear_faults()
    return client.seen


BAD = [
    "GET {link} x HTTP/1.1",
    "GET {link} HTTP/9.9",
    "G@T {link} HTTP/1.1",
    "GET {link}%0a HTTP/1.1",
    "GET {link}%00 HTTP/1.1",
    "GET {link}\xff HTTP/1.1",
    "GET {link}" + 5000 * "a" + " HTTP/1.1",
    "GET http://127.0.0.1{link} HTTP/1.1",
    "POST {link} HTTP/1.1\r\nContent-Length: 0",
    "POST {link} HTTP/1.1\r\nContent-Length: 999999999",
    "POST {link} HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3",
    "GET {link} HTTP/1.1\r\nHost: second",
    "GET {link} HTTP/1.1\r\nBad Header: {link}",
    "GET {link} HTTP/1.1\r\nReferer: http://x{link}" + 9000 * "a",
    "CONNECT {link} HTTP/1.1",
]


def bad_requests(installation: Installation) -> None:
    """Requests that no browser sends, each with a link's secret in it."""
    port = urlsplit(installation.portal.url).port or 0
    for line in BAD:
        text = line.format(link=f"/p/{HOME.property_id}/{HOME.secret}")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
            end = "\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
            peer.sendall((text + end).encode("latin-1"))
            assert peer.recv(100).startswith(b"HTTP/1.1 "), line


def test_nothing_that_was_kept_tells_a_secret_or_signs_anybody_in(
    installation: Installation,
) -> None:
    secrets = found_in(installation)
    seen = replace_link(installation)
    secrets |= found_in(installation)
    installation.vendor.reset()
    installation.vendor.switches(bucket=False)
    seen += journey(installation)
    secrets |= found_in(installation)
    bad_requests(installation)
    installation.vendor.reset()
    installation.vendor.switches(bucket=False)
    other = installation.make(**{"X-Forwarded-For": "203.0.113.71"})
    other.sign_in(PLAIN)
    secrets |= found_in(installation) | {"203.0.113.70": "an address"}
    cookie = other.cookies["__Host-session"]

    kept = {**installation.portal.kept(), "redis": installation.redis.dump()}
    assert {"portal.log", "portal.sqlite3", "redis"} <= set(kept)
    kept["headers"] = "\n".join(seen + other.seen).encode()
    assert b'"logger": "portal.requests"' in kept["portal.log"]
    for name, content in kept.items():
        for secret, kind in secrets.items():
            assert secret.encode() not in content, f"{name} holds a {kind}"
        if name != "headers":
            assert cookie.encode() not in content, f"{name} holds a session's cookie"

    # Whatever stands in the stores, presented as a cookie.
    with closing(sqlite3.connect(installation.portal.database)) as database:
        stored = [
            str(v) for row in database.execute("select * from residents_session") for v in row
        ]
    names = [key.decode() for key in installation.redis.client.keys("portal:session:*")]
    assert stored
    assert names
    for value in [*stored, *names, *(name.rsplit(":", 1)[1] for name in names)]:
        thief = installation.make()
        thief.cookies["__Host-session"] = value
        assert thief.get("/contact/").status == 401
    assert other.get("/contact/").status == 200


def found_in(installation: Installation) -> dict[str, str]:
    """Everything of the vendor's that nobody may find, with what it is."""
    stored = installation.vendor.stored()
    found: dict[str | None, str] = dict.fromkeys(installation.vendor.tokens(), "token")
    for unit in stored["units"]:
        found[unit["hashedSecret"]] = "access code"
        found[quote(unit["hashedSecret"], safe="")] = "access code"
        contact = unit["contact"] or {}
        found[contact.get("email")] = "email address"
        found[contact.get("phoneNumber")] = "phone number"
    for user in stored["users"]:
        found[user["passphrase"]] = "passphrase"
        found[user.get("email")] = "email address"
        found[user.get("phoneNumber")] = "phone number"
    return {secret: kind for secret, kind in found.items() if secret}


# Settings -----------------------------------------------------------------------------------------

PRODUCTION = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "a9-long-and-random-text-of-more-than-fifty-characters-0123456789",
    "ALLOWED_HOSTS": "portal.example",
    "RUCKUS_REGION": "na",
    "DATABASE_URL": "sqlite://:memory:",
}


def check(*options: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "check", *options],
        cwd=ROOT,
        env=PRODUCTION | settings,
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("value", ["*", "10.0.0.1/8", "proxy.example"])
def test_a_list_of_proxies_that_makes_no_sense_is_a_refusal_to_start(value: str) -> None:
    done = check(TRUSTED_PROXIES=f"127.0.0.1, {value}")
    assert done.returncode
    assert "Settings: TRUSTED_PROXIES must be" in done.stderr


def test_spaces_between_the_values_of_a_list_mean_nothing() -> None:
    asked = "from django.conf import settings as s; print(s.TRUSTED_PROXIES, *s.ALLOWED_PROPERTIES)"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env=PRODUCTION
        | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "TRUSTED_PROXIES": " 10.0.0.0/8 , ::1,unix, ",
            "ALLOWED_PROPERTIES": f" {HOME.property_id} ,",
        },
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout == f"['10.0.0.0/8', '::1', 'unix'] {HOME.property_id}\n"
