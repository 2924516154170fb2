"""The door: links, access codes, sessions, and the ways out."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import quote

import msgspec
import pytest
from asgiref.sync import async_to_sync
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import throttle
from common.models import Session
from common.property import known
from residents.door import session
from ruckus.resident import ResidentApi
from ruckus.resident_types import Login
from sandbox.links import vendor_link
from sandbox.seeds import Home
from tests.residents.browser import HTMX, Browser, View
from tests.residents.conftest import seeded

HOME = seeded("full branding")
PLAIN = seeded("no portal profile")
ODD_CODE = seeded("an access code with / + = %")
# Its code looks percent-encoded itself.
NO_USERS = seeded("no users at all")
NOBODY = "00000000-0000-4000-8000-000000000000"
REFUSED = "That link or code didn’t work."


def link(home: Home, *, slash: str = "/") -> str:
    return f"/p/{home.property_id}/{quote(home.secret, safe='')}{slash}"


# Links --------------------------------------------------------------------------------------------


async def test_looking_at_a_link_changes_nothing(visitor, sandbox):
    view = await visitor.get(link(HOME))
    assert view.status == 200
    assert view.heading == "Your home’s Wi-Fi"
    assert "residentLogin" not in sandbox.calls()
    assert not visitor.cookie
    assert not await Session.objects.aexists()
    # The address of the form, which a log might hold, has no secret in it.
    assert view.form("Open my Wi-Fi").attrs["action"] == f"/p/{HOME.property_id}/"


async def test_no_htmx_is_loaded_where_the_address_is_a_secret(visitor):
    view = await visitor.get(link(HOME))
    assert [node.attrs["src"] for node in view.root.all("script")] == ["/static/portal.js"]


@pytest.mark.parametrize("home", [HOME, PLAIN, ODD_CODE], ids=lambda home: home.shows)
@pytest.mark.parametrize("slash", ["/", ""])
async def test_a_link_and_its_button_open_the_home(visitor, home, slash):
    page = await visitor.get(link(home, slash=slash))
    sent = await visitor.submit(page, "Open my Wi-Fi")
    assert (sent.status, sent.location) == (302, "/")
    assert (await visitor.follow(sent)).heading == f"Unit {home.unit.number}"


async def test_the_access_code_can_be_typed_in(visitor):
    page = await visitor.get(f"/p/{HOME.property_id}/")
    field = page.root.one("input", name="secret")
    assert field.attrs["type"] == "password"
    home = await visitor.follow(
        await visitor.submit(page, "Open my Wi-Fi", secret=f" {HOME.secret} ")
    )
    assert home.heading == "Unit 2338"


async def test_the_script_can_put_a_secret_behind_the_hash_into_the_form(visitor):
    page = await visitor.get(f"/p/{HOME.property_id}/")
    form = page.form("Open my Wi-Fi")
    assert "data-sign-in" in form.attrs
    assert form.one("div", data_code=True)


@pytest.mark.parametrize("spelling", ["replace", "upper"])
async def test_the_id_of_a_property_is_sent_in_one_spelling(visitor, sandbox, spelling):
    written = HOME.property_id
    written = written.upper() if spelling == "upper" else written.replace("-", "")
    page = await visitor.get(f"/p/{written}/")
    assert page.status == 200
    await visitor.submit(page, "Open my Wi-Fi", secret=HOME.secret)
    assert {call["property"] for call in sandbox.state.calls} == {HOME.property_id}


NO_PROPERTY = [
    "x",
    "12345678-1234-1234-1234-12345678901",
    "12345678-1234-1234-1234-1234567890123",
    "g" * 32,
    "-" * 32,
    "0" * 31 + "%2F",
    "..",
]


async def test_what_cannot_be_a_property_is_a_404_and_asks_nobody(visitor, sandbox):
    for written in NO_PROPERTY:
        for rest in ("", "secret/", "icon.png"):
            view = await visitor.get(f"/p/{written}/{rest}")
            assert view.status == 404, written
            assert "There’s nothing here" in view.words
    assert not sandbox.calls()


@override_settings(ALLOWED_PROPERTIES=frozenset({HOME.property_id.replace("-", "").upper()}))
async def test_a_portal_can_be_for_some_properties_only(visitor, sandbox):
    assert (await visitor.get(link(HOME))).status == 200
    sandbox.forget_calls()
    for rest in ("", "secret/", "icon.png"):
        assert (await visitor.get(f"/p/{PLAIN.property_id}/{rest}")).status == 404
    assert not sandbox.calls()


def asked_in_one_loop(work):
    """Runs a coroutine for each example of a property-based test."""
    return async_to_sync(work)()


# A browser normalises dots in paths before it sends them, and line breaks end a path.
CODES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=512
).filter(lambda code: code not in (".", "..", "icon.png"))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(code=CODES)
def test_any_access_code_survives_its_link_and_shows_nowhere_else(sandbox, code):
    async def ask() -> None:
        sandbox.state.units[HOME.unit_guid].access_code = code
        visitor = Browser()
        plain = await visitor.get(f"/p/{HOME.property_id}/")
        page = await visitor.get(f"/p/{HOME.property_id}/{quote(code, safe='')}/")
        assert page.root.one("input", name="secret").attrs["value"] == code
        sent = await visitor.submit(page, "Open my Wi-Fi")
        assert (sent.status, sent.location) == (302, "/")
        # A code may be a word that header fields have anyway.
        if len(code) > 8 and code not in str(plain.headers):
            for view in (page, sent):
                assert code not in str(view.headers)
            assert code not in str(visitor.client.cookies)

    asked_in_one_loop(ask)


async def test_a_code_longer_than_any_is_no_code(visitor, sandbox):
    for length, kind in ((512, "hidden"), (513, "password"), (2000, "password")):
        page = await visitor.get(f"/p/{HOME.property_id}/{'x' * length}/")
        assert page.root.one("input", name="secret").attrs["type"] == kind
    assert (await visitor.get(f"/p/{HOME.property_id}/{'x' * 2001}/")).status == 404
    typed = await visitor.submit(
        await visitor.get(f"/p/{HOME.property_id}/"), "Open my Wi-Fi", secret="x" * 513
    )
    assert typed.status == 422
    assert typed.errors == ["There is no access code in this. Copy the whole link."]
    assert typed.title.startswith("Error: ")
    longest = await visitor.submit(
        await visitor.get(f"/p/{HOME.property_id}/"), "Open my Wi-Fi", secret="x" * 16_385
    )
    assert longest.errors == ["That’s too long to be an access code or link"]
    assert "residentLogin" not in sandbox.calls()


async def test_no_code_at_all_is_told_so(visitor, sandbox):
    page = await visitor.get(f"/p/{HOME.property_id}/")
    sent = await visitor.submit(page, "Open my Wi-Fi", secret="  ")
    assert sent.status == 422
    assert sent.errors == ["Enter your access code or link"]
    assert sent.root.one("a", href="#id_secret").words == "Enter your access code or link"
    assert "residentLogin" not in sandbox.calls()


# RUCKUS' own links and pasted ones -----------------------------------------------------------------


def vendor_form(home: Home) -> str:
    """The address of ours that carries the code as RUCKUS' own link does."""
    return vendor_link(home, page=f"/p/{home.property_id}/")


@pytest.mark.parametrize("home", [HOME, PLAIN, ODD_CODE, NO_USERS], ids=lambda home: home.shows)
async def test_ruckus_own_parameter_opens_the_home(visitor, sandbox, home):
    page = await visitor.get(vendor_form(home))
    assert page.status == 200
    assert page.form("Open my Wi-Fi").attrs["action"] == f"/p/{home.property_id}/"
    assert "residentLogin" not in sandbox.calls()
    home_page = await visitor.follow(await visitor.submit(page, "Open my Wi-Fi"))
    assert home_page.heading == f"Unit {home.unit.number}"
    assert len(sandbox.calls("residentLogin")) == 1


PASTED = {
    "ours": lambda home: f"https://wifi.example.org{link(home)}",
    "ours without a scheme": lambda home: f"wifi.example.org{link(home, slash='')}",
    "ours behind a hash": lambda home: (
        f"https://wifi.example.org/p/{home.property_id}/#{quote(home.secret, safe='')}"
    ),
    "ours with auth": lambda home: f"https://wifi.example.org{vendor_form(home)}",
    "RUCKUS' own": vendor_link,
    "RUCKUS' own in brackets": lambda home: f"<{vendor_link(home)}>",
}


@pytest.mark.parametrize("home", [HOME, ODD_CODE, NO_USERS], ids=lambda home: home.shows)
@pytest.mark.parametrize("shape", PASTED)
async def test_a_whole_link_can_be_pasted_for_the_code(visitor, home, shape):
    page = await visitor.get(f"/p/{home.property_id}/")
    sent = await visitor.submit(page, "Open my Wi-Fi", secret=PASTED[shape](home))
    assert (await visitor.follow(sent)).heading == f"Unit {home.unit.number}"


async def test_a_link_of_ours_leads_to_its_own_property(visitor):
    page = await visitor.get(f"/p/{PLAIN.property_id}/")
    sent = await visitor.submit(page, "Open my Wi-Fi", secret=PASTED["ours"](HOME))
    assert (await visitor.follow(sent)).heading == f"Unit {HOME.unit.number}"


async def test_another_id_in_ruckus_own_link_does_not_lead_away(visitor, sandbox):
    page = await visitor.get(f"/p/{HOME.property_id}/")
    pasted = vendor_link(HOME, page=f"https://residents.example.com/{NOBODY}/")
    sent = await visitor.submit(page, "Open my Wi-Fi", secret=pasted)
    assert (await visitor.follow(sent)).heading == f"Unit {HOME.unit.number}"


async def test_readings_of_one_right_link_cost_nothing(visitor, sandbox):
    page = await visitor.get(f"/p/{NO_USERS.property_id}/")
    for _ in range(throttle.FREE):
        sent = await visitor.submit(page, "Open my Wi-Fi", secret=vendor_link(NO_USERS))
        assert sent.status == 302
        await visitor.submit(await visitor.follow(sent), "Sign out")
        visitor.client.cookies.clear()
        page = await visitor.get(f"/p/{NO_USERS.property_id}/")
    # Its first reading is a wrong code, and none of them was held against anybody.
    assert len(sandbox.calls("residentLogin")) == 2 * throttle.FREE


async def test_a_link_without_a_code_is_told_so(visitor, sandbox):
    page = await visitor.get(f"/p/{HOME.property_id}/")
    sent = await visitor.submit(
        page, "Open my Wi-Fi", secret=f"https://wifi.example.org/p/{HOME.property_id}/"
    )
    assert (sent.status, sent.errors) == (
        422,
        ["There is no access code in this. Copy the whole link."],
    )
    assert "residentLogin" not in sandbox.calls()


async def start_page(visitor: Browser, pasted: str) -> View:
    return await visitor.submit(await visitor.get("/"), "Open my Wi-Fi", secret=pasted)


@pytest.mark.parametrize("shape", ["ours", "ours without a scheme", "ours with auth"])
async def test_the_start_page_takes_a_whole_link(visitor, shape):
    sent = await start_page(visitor, PASTED[shape](HOME))
    assert (sent.status, sent.location) == (302, "/")
    assert (await visitor.follow(sent)).heading == f"Unit {HOME.unit.number}"


async def test_the_start_page_takes_the_property_from_ruckus_own_link(visitor):
    pasted = vendor_link(HOME, page=f"https://residents.example.com/{HOME.property_id}/")
    sent = await start_page(visitor, pasted)
    assert (await visitor.follow(sent)).heading == f"Unit {HOME.unit.number}"


@pytest.mark.parametrize("pasted", [HOME.secret, vendor_link(HOME)], ids=["code", "link"])
async def test_the_start_page_asks_for_the_whole_link(visitor, sandbox, pasted):
    sent = await start_page(visitor, pasted)
    assert sent.status == 422
    assert sent.errors == ["Paste the whole link, not just the access code"]
    assert sent.heading == "Use the link from your building"
    assert sandbox.calls() == []


async def test_the_start_page_refuses_a_wrong_link_in_place(visitor, sandbox):
    sent = await start_page(visitor, f"https://wifi.example.org/p/{HOME.property_id}/wrong/")
    assert (sent.status, sent.heading) == (401, "Use the link from your building")
    assert sent.errors[0].startswith(REFUSED)


@override_settings(ALLOWED_PROPERTIES=frozenset([PLAIN.property_id, NOBODY]))
async def test_a_link_to_a_property_that_is_not_served_is_refused_like_a_wrong_one(
    visitor, sandbox
):
    sent = await start_page(visitor, f"https://wifi.example.org{link(HOME)}")
    assert sent.status == 401
    assert sent.errors[0].startswith(REFUSED)
    assert sandbox.calls() == []


@override_settings(ALLOWED_PROPERTIES=frozenset([HOME.property_id.upper()]))
async def test_where_one_property_is_served_the_start_page_is_its_welcome_page(visitor):
    page = await visitor.get("/")
    assert page.heading == "Your home’s Wi-Fi"
    sent = await visitor.submit(page, "Open my Wi-Fi", secret=HOME.secret)
    assert (await visitor.follow(sent)).heading == f"Unit {HOME.unit.number}"


# Refusals -----------------------------------------------------------------------------------------


async def refused_page(visitor: Browser, property_id: str, code: str) -> View:
    page = await visitor.get(f"/p/{property_id}/")
    return await visitor.submit(page, "Open my Wi-Fi", secret=code)


async def test_wrong_code_unknown_property_and_suspended_home_look_the_same(sandbox):
    suspended = seeded("a suspended unit")
    wrong = await refused_page(Browser(), HOME.property_id, "wrong")
    unknown = await refused_page(Browser(), NOBODY, "wrong")
    other = await refused_page(Browser(), PLAIN.property_id, HOME.secret)
    sandbox.state.switches.lockout = 401
    locked = await refused_page(Browser(), suspended.property_id, suspended.secret)
    sandbox.state.switches.lockout = 403
    forbidden = await refused_page(Browser(), suspended.property_id, suspended.secret)
    sandbox.fault(operation="residentLogin", status=404)
    missing = await refused_page(Browser(), HOME.property_id, "wrong")
    sandbox.mended()
    sandbox.fault(operation="residentLogin", status=422)
    rejected = await refused_page(Browser(), HOME.property_id, "wrong")
    pages = [wrong, unknown, other, locked, forbidden, missing, rejected]
    assert {page.status for page in pages} == {401}
    assert {tuple(page.errors) for page in pages} == {tuple(wrong.errors)}
    assert wrong.errors[0].startswith(REFUSED)
    assert not await Session.objects.aexists()


async def test_a_refused_code_is_not_written_back_into_the_page(visitor):
    view = await refused_page(visitor, HOME.property_id, "a wrong code")
    assert "a wrong code" not in view.text


async def test_a_link_that_opens_nothing_asks_for_the_code(visitor):
    page = await visitor.get(f"/p/{HOME.property_id}/wrong/")
    assert page.root.one("input", name="secret").attrs["type"] == "hidden"
    again = await visitor.submit(page, "Open my Wi-Fi")
    assert again.root.one("input", name="secret").attrs["type"] == "password"


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"kind": "reset"}, {"status": 429}, {"status": 200, "body": b"{}"}]
)
async def test_an_outage_at_sign_in_keeps_the_link(visitor, sandbox, fault):
    page = await visitor.get(link(HOME))
    sandbox.fault(operation="residentLogin", **fault)
    sent = await visitor.submit(page, "Open my Wi-Fi")
    assert sent.status == 503
    assert not visitor.cookie
    sandbox.mended()
    home = await visitor.follow(await visitor.submit(sent, "Open my Wi-Fi"))
    assert home.heading == "Unit 2338"


async def test_too_many_wrong_codes_make_the_next_attempt_wait_and_keep_its_code(
    visitor, sandbox, monkeypatch
):
    for place in (HOME, PLAIN):
        await known.remember(place.property_id)
    wrong = await visitor.get(f"/p/{HOME.property_id}/wrong/")
    page = await visitor.get(link(HOME))
    for _ in range(20):
        assert (await visitor.submit(wrong, "Open my Wi-Fi")).status == 401
    sandbox.forget_calls()
    told = await visitor.submit(page, "Open my Wi-Fi")
    assert told.status == 429
    assert told.errors[0].startswith("Too many wrong codes came from your network.")
    assert 1 <= int(told.headers["Retry-After"]) <= 5
    assert "residentLogin" not in sandbox.calls()
    # The property next door is open, and so is this one to another address.
    assert (await refused_page(visitor, PLAIN.property_id, "wrong")).status == 401
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 6)
    monkeypatch.setattr("common.throttle.time", later)
    home = await visitor.follow(await visitor.submit(told, "Open my Wi-Fi"))
    assert home.heading == "Unit 2338"


async def keep_waiting(neighbour: Browser) -> None:
    """Everybody behind the neighbour's address waits now who is not known to be somebody else."""
    wrong = await neighbour.get(f"/p/{HOME.property_id}/wrong/")
    for _ in range(20):
        assert (await neighbour.submit(wrong, "Open my Wi-Fi")).status == 401
    assert (await neighbour.submit(wrong, "Open my Wi-Fi")).status == 429


async def test_no_neighbour_keeps_a_browser_waiting_that_was_signed_in_before(visitor, sandbox):
    await visitor.submit(await visitor.sign_in(HOME), "Sign out")
    await keep_waiting(Browser())
    assert (await visitor.sign_in(HOME)).heading == "Unit 2338"


@pytest.mark.parametrize("change", [lambda known: known[1:], lambda known: "x" + known, len])
async def test_a_cookie_that_the_portal_never_gave_is_nobodys(visitor, sandbox, change):
    await visitor.submit(await visitor.sign_in(HOME), "Sign out")
    await keep_waiting(Browser())
    visitor.client.cookies["known"] = change(visitor.client.cookies["known"].value)
    page = await visitor.get(link(HOME))
    assert (await visitor.submit(page, "Open my Wi-Fi")).status == 429


async def test_having_been_signed_in_next_door_counts_for_nothing_here(visitor, sandbox):
    await visitor.submit(await visitor.sign_in(PLAIN), "Sign out")
    await keep_waiting(Browser())
    page = await visitor.get(link(HOME))
    assert (await visitor.submit(page, "Open my Wi-Fi")).status == 429


async def test_signing_in_over_and_over_gives_no_more_wrong_codes(visitor, sandbox):
    await visitor.sign_in(HOME)
    await keep_waiting(visitor)
    # Another browser of the same home, from an address of its own.
    other = Browser(REMOTE_ADDR="203.0.113.9")
    await other.sign_in(HOME)
    assert (await refused_page(other, HOME.property_id, "wrong")).status == 429


async def test_an_outage_is_not_counted_as_a_wrong_code(visitor, sandbox):
    page = await visitor.get(link(HOME))
    sandbox.fault(operation="residentLogin", status=500)
    for _ in range(25):
        assert (await visitor.submit(page, "Open my Wi-Fi")).status == 503
    sandbox.mended()
    assert (await visitor.submit(page, "Open my Wi-Fi")).status == 302


# The welcome page ---------------------------------------------------------------------------------


async def test_the_welcome_page_is_dressed_as_the_property_wants(visitor):
    view = await visitor.get(link(HOME))
    assert "Welcome home. Your Wi-Fi is one tap away." in view.words
    assert "--key:#234f68" in view.root.one("style").children[0]
    icon = view.root.one("link", rel="icon").attrs["href"]
    answer = await visitor.get(icon)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert "public" in answer.headers["Cache-Control"]


async def test_a_property_without_a_profile_has_a_finished_welcome_page(visitor, sandbox):
    view = await visitor.get(link(PLAIN))
    assert view.status == 200
    assert not view.root.all("style")
    assert view.root.one("link", rel="icon").attrs["href"].startswith("/static/")
    assert (await visitor.get(f"/p/{PLAIN.property_id}/icon.png")).status == 404
    # That there is nothing is remembered.
    sandbox.forget_calls()
    await visitor.get(link(PLAIN))
    assert not sandbox.calls()


@pytest.mark.parametrize(
    "operation", ["getTenantPortalAccess", "getPropertyStyles", "downloadFavicons", None]
)
@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 200, "body": b"\xff<"}])
async def test_what_dresses_the_welcome_page_never_breaks_it(visitor, sandbox, operation, fault):
    sandbox.fault(operation=operation, **fault)
    view = await visitor.get(link(HOME))
    assert view.status == 200
    dressed = ("one tap away" in view.words, bool(view.root.all("style")))
    assert dressed == (
        operation not in ("getTenantPortalAccess", None),
        operation not in ("getPropertyStyles", None),
    )


async def test_the_welcome_page_does_not_wait_long_for_its_dress(visitor, sandbox, monkeypatch):
    monkeypatch.setattr("common.property.public_brand.PATIENCE", 0.01)
    gate = sandbox.wire.hold_back("/access")
    view = await visitor.get(link(HOME))
    assert view.status == 200
    assert "one tap away" not in view.words
    gate.open.set()


async def test_markup_in_a_login_text_is_only_text(visitor):
    view = await visitor.get(link(seeded("markup and emoji and right-to-left text")))
    assert "</title><h1>Hello</h1>" in view.words


# Sessions -----------------------------------------------------------------------------------------


async def test_signing_in_makes_a_new_session_key(visitor):
    visitor.client.cookies["session"] = "planted"
    await visitor.sign_in(HOME)
    first = visitor.cookie
    assert first != "planted"
    await visitor.sign_in(HOME)
    assert visitor.cookie not in (first, "planted")


async def test_the_session_cookie_is_for_the_server_alone(visitor):
    page = await visitor.get(link(HOME))
    sent = await visitor.submit(page, "Open my Wi-Fi")
    cookies = sent.response.cookies
    assert cookies.keys() == {"session", "known"}
    for cookie in cookies.values():
        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")


async def test_a_second_link_leaves_nothing_of_the_first(resident):
    browser = await resident()
    first = browser.cookie
    home = await browser.sign_in(PLAIN)
    assert home.heading == "Unit 12B"
    assert "2338" not in home.text
    assert "Larkspur" not in home.text
    assert await Session.objects.acount() == 1
    browser.client.cookies["session"] = first
    assert (await browser.get("/contact/")).status == 401


async def test_the_session_ends_with_the_token(visitor, sandbox):
    sandbox.state.switches.token_life = 100
    page = await visitor.get(link(HOME))
    sent = await visitor.submit(page, "Open my Wi-Fi")
    assert 90 < int(sent.response.cookies["session"]["max-age"]) <= 100
    stored = await Session.objects.aget()
    assert stored.expire_date < datetime.now(UTC) + timedelta(seconds=101)


async def test_a_login_that_is_over_already_says_so(visitor, sandbox):
    sandbox.state.switches.token_life = -1
    view = await visitor.submit(await visitor.get(link(HOME)), "Open my Wi-Fi")
    assert view.status == 401
    expired = "That link has expired. Ask your building’s office for a new one."
    assert view.errors == [expired]
    assert not visitor.cookie
    assert not await Session.objects.aexists()
    # A code that was right is no wrong one.
    assert not any(count for count, _, _ in throttle.local.values())
    # Nor is it an end of the session, which would send in circles.
    assert "signed out" not in view.words


async def test_an_end_that_is_past_by_another_clock_keeps_nobody_out(
    visitor, sandbox, settings, monkeypatch
):
    settings.SESSION_HOURS = 2.0
    page = await visitor.get(link(HOME))
    # For us it is a day later than for whoever made the token.
    at(monkeypatch, 24 * 3600)
    sent = await visitor.submit(page, "Open my Wi-Fi")
    assert sent.status == 302
    assert (await visitor.follow(sent)).heading == "Unit 2338"


@pytest.mark.parametrize(
    ("status", "becomes"), [(403, 302), (404, 302), (500, 503), (429, 503), (401, 401)]
)
async def test_only_a_refused_token_is_over(visitor, sandbox, monkeypatch, status, becomes):
    page = await visitor.get(link(HOME))
    at(monkeypatch, 24 * 3600)
    sandbox.fault(operation="residentFetchUnit", status=status)
    sent = await visitor.submit(page, "Open my Wi-Fi")
    assert sent.status == becomes
    assert ("has expired" in sent.words) is (becomes == 401)
    if becomes == 503:
        assert sent.form("Open my Wi-Fi")


async def test_a_token_that_is_about_to_end_is_taken_while_it_lasts(visitor, sandbox):
    sandbox.state.switches.token_life = 5
    page = await visitor.get(link(HOME))
    sandbox.forget_calls()
    sent = await visitor.submit(page, "Open my Wi-Fi")
    assert "residentFetchUnit" not in sandbox.calls()
    assert 0 < int(sent.response.cookies["session"]["max-age"]) <= 5
    assert (await visitor.follow(sent)).heading == "Unit 2338"


async def test_a_session_that_ended_here_links_to_the_property_s_page(resident, monkeypatch):
    browsers = [await resident(), await resident()]
    at(monkeypatch, 121 * 60)
    for browser, headers in zip(browsers, ({}, HTMX), strict=True):
        view = await browser.get("/contact/", **headers)
        assert view.status == 401
        if headers:
            assert view.headers["HX-Redirect"] == f"/p/{HOME.property_id}/?ended"
        else:
            assert view.link("Enter your access code in a new tab") == f"/p/{HOME.property_id}/"


async def test_a_session_of_a_property_that_is_served_no_more_links_nowhere(resident, settings):
    browser = await resident()
    settings.ALLOWED_PROPERTIES = ["00000000-0000-0000-0000-000000000000"]
    view = await browser.get("/contact/")
    assert view.status == 401
    assert not [node for node in view.root.all("a") if "/p/" in node.attrs["href"]]


async def test_a_token_without_an_end_lasts_as_long_as_we_let_it(visitor, sandbox, settings):
    settings.SESSION_HOURS = 2.0
    sandbox.state.switches.nulls = True
    page = await visitor.get(link(HOME))
    sent = await visitor.submit(page, "Open my Wi-Fi")
    assert 7190 < int(sent.response.cookies["session"]["max-age"]) <= 7200


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """For the session's own limits it is so many seconds later."""
    monkeypatch.setattr(session, "time", SimpleNamespace(time=lambda: time.time() + seconds))


@pytest.mark.parametrize("minutes", [121, 13 * 60])
async def test_a_session_ends_when_nobody_uses_it_or_at_its_limit(resident, monkeypatch, minutes):
    browser = await resident()
    if minutes > 12 * 60:
        # Used all the time.
        for hour in range(1, 12):
            at(monkeypatch, hour * 3600)
            assert (await browser.get("/")).status == 200
    at(monkeypatch, minutes * 60)
    assert (await browser.get("/")).status == 401
    assert not browser.cookie
    assert not await Session.objects.aexists()


async def test_when_a_session_was_last_used_is_written_at_most_every_five_minutes(
    resident, monkeypatch
):
    browser = await resident()
    before = (await Session.objects.aget()).session_data
    at(monkeypatch, 290)
    await browser.get("/help/")
    assert (await Session.objects.aget()).session_data == before
    at(monkeypatch, 310)
    await browser.get("/help/")
    assert (await Session.objects.aget()).session_data != before


async def test_signing_in_sweeps_out_sessions_that_have_ended(resident, monkeypatch):
    monkeypatch.setattr("common.sessions.SWEEP", 5)
    over = datetime.now(UTC) - timedelta(seconds=1)
    await Session.objects.abulk_create(
        Session(session_key=f"old{n}", session_data="x", expire_date=over) for n in range(7)
    )
    await resident()
    assert await Session.objects.filter(expire_date__lte=over).acount() == 2
    await resident()
    assert await Session.objects.acount() == 2


async def test_a_property_that_is_no_longer_served_is_signed_out(resident, settings):
    browser = await resident()
    settings.ALLOWED_PROPERTIES = frozenset({PLAIN.property_id})
    assert (await browser.get("/contact/")).status == 401
    assert not await Session.objects.aexists()


# Ways out -----------------------------------------------------------------------------------------


async def test_signing_out_ends_the_session_on_the_server(resident):
    browser = await resident()
    cookie = browser.cookie
    gone = await browser.submit(await browser.get("/"), "Sign out")
    assert gone.heading == "You’re signed out"
    assert not browser.cookie
    assert not await Session.objects.aexists()
    browser.client.cookies["session"] = cookie
    assert (await browser.get("/")).heading == "Use the link from your building"


async def test_signing_out_twice_is_no_mistake(resident):
    browser = await resident()
    home = await browser.get("/")
    await browser.submit(home, "Sign out")
    token = (await browser.get(link(HOME))).root.one("input", name="csrfmiddlewaretoken")
    again = await browser.submit(home, "Sign out", csrfmiddlewaretoken=token.attrs["value"])
    assert again.heading == "You’re signed out"


async def test_a_link_cannot_sign_anybody_out(resident):
    browser = await resident()
    assert (await browser.get("/sign-out/")).status == 405
    assert (await browser.get("/")).status == 200


async def test_signing_out_everywhere_asks_first_and_ends_all_sessions_of_the_home(resident):
    phone, laptop = await resident(), await resident()
    neighbour = await resident("45 users")
    asked = await phone.get("/sign-out-everywhere/")
    assert "still works" in asked.words
    assert await Session.objects.acount() == 3
    done = await phone.submit(asked, "Sign out everywhere")
    assert done.heading == "You’re signed out"
    assert "ask the building’s office for a new one" in done.words
    assert (await laptop.get("/")).heading == "Use the link from your building"
    assert (await phone.get("/")).heading == "Use the link from your building"
    assert (await neighbour.get("/")).heading == "Unit 4500"


async def test_homes_that_the_vendor_gives_no_id_are_told_apart(resident, monkeypatch):
    log_in = ResidentApi.log_in

    async def nameless(self: ResidentApi, secret: str) -> Login:
        return msgspec.structs.replace(await log_in(self, secret), unit_id="")

    monkeypatch.setattr(ResidentApi, "log_in", nameless)
    one, neighbour = await resident(), await resident("45 users")
    form = await one.get("/sign-out-everywhere/")
    assert (await one.submit(form, "Sign out everywhere")).status == 200
    assert (await neighbour.get("/")).heading == "Unit 4500"


async def test_a_session_that_ends_while_a_page_is_made_stays_ended(resident, sandbox, monkeypatch):
    browser = await resident()
    at(monkeypatch, 310)  # So that the session is written at the end of the request.

    async def gone(self: object) -> object:
        await Session.objects.all().adelete()
        return await fetch(self)

    fetch = ResidentApi.fetch_unit
    monkeypatch.setattr(ResidentApi, "fetch_unit", gone)
    await browser.get("/contact/")
    assert not browser.cookie
    assert not await Session.objects.aexists()


async def test_signing_out_everywhere_says_that_a_change_may_still_come(resident, sandbox):
    browser = await resident()
    words = "It may still come"
    assert words not in (await browser.get("/sign-out-everywhere/")).words
    sandbox.state.switches.accepted = True
    user = HOME.unit.users[0]
    asked = await browser.get(f"/wifi/unit/{user.id}/reset/")
    await browser.submit(asked, "Reset passphrase")
    asked = await browser.get("/sign-out-everywhere/")
    assert words in asked.words
    done = await browser.submit(asked, "Sign out everywhere")
    assert words in done.words
    # Who comes back is told, and waits for it.
    home = await browser.sign_in(HOME)
    assert "Setting your new passphrase" in home.words
