"""The same questions of every page. What any answer must be like is asked in browser.py."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from common.models import AwaitedWrite, Session
from common.property.brand import brands
from residents.door import session
from ruckus.errors import TooBusy
from ruckus.resident import ResidentApi
from sandbox.state import Switches
from tests.residents.browser import HTMX, View, policy_of
from tests.residents.conftest import seeded
from tests.residents.pages import PAGES, Page

HOME = seeded("full branding")


def names(patterns: Any = None) -> Iterator[str]:
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            # Staff's pages have questions of their own.
            if pattern.namespace != "staff":
                yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name)


def test_every_address_is_asked_these_questions():
    others = {"profile", "welcome", "start", "link", "icon", "logo", "sign-out", "health", "robots"}
    buttons = {"tick", "done"}
    assert set(names()) == {page.name for page in PAGES} | others | buttons


def title(page: Page) -> str:
    kind = page.args(HOME)[:1]
    return "-".join([page.name, *kind]) if page.name != "person" else page.name


every_page = pytest.mark.parametrize("page", PAGES, ids=title)
# For guests the same operations are called as for the home.
UPSTREAM = [page for page in PAGES if page.needs and page.args(HOME)[:1] != ["guest"]]
FORMS = [page for page in UPSTREAM if page.writes]
every_upstream_page = pytest.mark.parametrize("page", UPSTREAM, ids=title)
every_form = pytest.mark.parametrize("page", FORMS, ids=title)
EITHER_WAY: list[dict[str, str]] = [{}, HTMX]


# Looking --------------------------------------------------------------------------------------


@every_page
async def test_the_page_shows_itself(resident, page: Page):
    browser = await resident()
    path = page.path(HOME)
    view = await browser.get(path)
    assert view.status == 200
    assert view.heading == page.heading
    assert view.root.all("form", action="/sign-out/")

    # htmx is given the main part alone,
    part = await browser.htmx(path)
    assert (part.status, part.heading) == (200, page.heading)
    assert not part.root.all("html", "body", "header", "link", "script", "style")

    # but the whole page when it goes back to one that it does not have any more.
    back = {**HTMX, "HX-History-Restore-Request": "true", "HX-Target": "main"}
    assert (await browser.get(path, **back)).root.all("html")

    head = await browser.send("HEAD", path)
    assert (head.status, head.content) == (200, b"")


@every_page
async def test_other_methods_are_refused(resident, page: Page):
    browser = await resident()
    home = await browser.get("/")
    token = token_of(home)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST"):
        if method == "POST" and page.button:
            continue
        sent = token if method == "POST" else None
        headers = {"X-CSRFToken": token["csrfmiddlewaretoken"]}
        view = await browser.send(method, page.path(HOME), sent, **headers)
        assert view.status == 405, method
        assert "GET" in view.headers["Allow"]


def token_of(view: View) -> dict[str, str]:
    """What every form of ours sends."""
    form = view.root.all("form", method="post")[0]
    return {
        field.attrs["name"]: field.attrs["value"]
        for field in form.all("input", type="hidden")
        if field.attrs["name"] in ("csrfmiddlewaretoken", "home")
    }


@every_page
async def test_the_page_lives_with_what_the_vendor_leaves_out(resident, sandbox, page: Page):
    browser = await resident()
    for switch in ("nulls", "dashless"):
        sandbox.state.switches = Switches(bucket=False, **{switch: True})
        view = await browser.get(page.path(HOME))
        heading = page.unnamed if switch == "nulls" and page.unnamed else page.heading
        assert (view.status, view.heading) == (200, heading), switch
        assert "None" not in view.words


async def test_nulls_from_the_first_page_on_leave_a_finished_home(visitor, sandbox):
    sandbox.state.switches.nulls = True
    home = await visitor.sign_in(HOME)
    assert home.status == 200
    assert home.heading == "Unit 2338"
    assert home.sections == []
    assert len(home.people) == 4
    assert "None" not in home.words
    for path in {
        page.path(HOME).replace("/unit/", "/linked/").replace("/guest/", "/linked/")
        for page in PAGES
    }:
        view = await visitor.get(path)
        assert view.status in (200, 404), path
        assert "None" not in view.words
        if view.status == 404:
            assert "/choose/" in path or "/devices/" in path


async def test_nulls_in_everything_that_may_be_null_break_no_page(resident, sandbox):
    browser = await resident()
    sandbox.state.switches.nulls = "all"
    for page in PAGES:
        view = await browser.get(page.path(HOME))
        # A list of users that is null is no empty list, and all that these pages have.
        missing = 503 if page.needs == "queryUnitUsers" else 404
        assert view.status in (200, missing), page.name
        assert "None" not in view.words


@pytest.mark.parametrize("shows", ["full branding", "no portal profile"])
async def test_an_inline_style_has_the_nonce_that_the_policy_names(resident, shows):
    browser = await resident(shows)
    view = await browser.get("/")
    styles = view.root.all("style")
    if shows == "full branding":
        assert [style.attrs["nonce"] for style in styles] == [view.nonce]
        assert (await browser.get("/")).nonce != view.nonce
    else:
        assert not styles
        assert policy_of(view.response)["style-src"] == {"'self'"}


# Signed out -----------------------------------------------------------------------------------


async def test_who_is_not_signed_in_is_told_how_to_get_in(visitor, sandbox):
    for page in PAGES:
        view = await visitor.get(page.path(HOME))
        part = await visitor.htmx(page.path(HOME))
        if page.name == "home":
            assert view.status == 200
            assert view.heading == "Use the link from your building"
        else:
            assert view.status == part.status == 401
            assert "You’re signed out" in view.words
            assert part.headers["HX-Redirect"] == "/"
            assert not part.content
    assert not sandbox.calls()


@every_upstream_page
async def test_a_token_that_has_ended_ends_the_session(resident, sandbox, page: Page):
    for headers in EITHER_WAY:
        browser = await resident()
        sandbox.state.tokens.clear()
        view = await browser.get(page.path(HOME), **headers)
        assert view.status == 401
        assert not browser.cookie
        assert not await Session.objects.aexists()
        if headers:
            assert view.headers["HX-Redirect"] == f"/p/{HOME.property_id}/?ended"
        else:
            assert "You’re signed out" in view.words
            assert view.link("Enter your access code in a new tab") == f"/p/{HOME.property_id}/"
        # The way back says what happened.
        welcome = await browser.get(f"/p/{HOME.property_id}/?ended")
        assert "You’ve been signed out" in welcome.words


# Faults ---------------------------------------------------------------------------------------


FAULTS = {
    "500": ({"status": 500}, 503, "We can’t reach the Wi-Fi system"),
    "502": ({"kind": "html"}, 503, "We can’t reach the Wi-Fi system"),
    "reset": ({"kind": "reset"}, 503, "We can’t reach the Wi-Fi system"),
    "no JSON": ({"status": 200, "body": b"<html>"}, 503, "We can’t reach the Wi-Fi system"),
    "400": ({"status": 400}, 503, "We can’t reach the Wi-Fi system"),
    "302": (
        {"status": 302, "headers": {"Location": "http://x/"}},
        503,
        "We can’t reach the Wi-Fi system",
    ),
    "403": ({"status": 403}, 403, "These pages aren’t open to your home"),
    "404": ({"status": 404}, 404, "There’s nothing here"),
    "429": (
        {"status": 429, "headers": {"Retry-After": "17"}},
        503,
        "We’re busy right now",
    ),
}


@every_upstream_page
async def test_a_fault_is_told_in_plain_words(resident, sandbox, page: Page):
    browser = await resident()
    for name, (bend, status, words) in FAULTS.items():
        sandbox.fault(operation=page.needs, **bend)
        view = await browser.get(page.path(HOME))
        part = await browser.htmx(page.path(HOME))
        assert view.status == part.status == status, name
        assert view.title == "There is a problem"
        # Where the home itself is missing, it is not the address that is wrong.
        no_home = (name, page.needs) == ("404", "residentFetchUnit")
        told = "We can’t find your home" if no_home else words
        assert told in view.words
        assert told in part.words
        assert view.headers["X-Request-Id"] in view.words
        # What is on the page stays; the notice stands above it.
        assert part.headers["HX-Retarget"] == "#notice"
        assert part.headers["HX-Push-Url"] == "false"
        assert not part.root.all("main")
        if name == "429":
            assert 16 <= int(view.headers["Retry-After"]) <= 17
        sandbox.mended()
    # Nobody is signed out by any of these.
    assert (await browser.get(page.path(HOME))).status == 200


async def test_nobody_is_told_to_wait_for_more_than_an_hour(resident, sandbox, monkeypatch):
    browser = await resident()
    sandbox.fault(operation="residentFetchUnit", status=503, headers={"Retry-After": "86400"})
    assert (await browser.get("/contact/")).headers["Retry-After"] == "3600"

    async def busy(self: ResidentApi) -> None:
        raise TooBusy("residentFetchUnit", 429, 7200.5)

    monkeypatch.setattr(ResidentApi, "fetch_unit", busy)
    assert (await browser.get("/contact/")).headers["Retry-After"] == "3600"


async def test_pages_that_need_nothing_show_while_ruckus_is_down(resident, sandbox):
    browser = await resident()
    sandbox.fault(status=500)
    for page in PAGES:
        if page.needs is None:
            assert (await browser.get(page.path(HOME))).status == 200
    assert not sandbox.calls()


LOSSES = [
    ({"status": 500}, 503, "We can’t reach the Wi-Fi system"),
    ({"kind": "reset"}, 503, "We can’t reach the Wi-Fi system"),
    ({"status": 429}, 503, "We’re busy"),
    ({"status": 403}, 403, "These pages aren’t open to your home"),
    ({"status": 401}, 401, "You’re signed out"),
]


@every_form
async def test_a_form_is_never_lost(resident, sandbox, page: Page):
    browser = await resident()
    # A device is still there after each of the attempts to remove it.
    sandbox.state.switches.sticky_devices = True
    for step in (page.reads, page.writes):
        for bend, status, words in LOSSES:
            await AwaitedWrite.objects.all().adelete()
            form = await browser.get(page.path(HOME))
            for headers in EITHER_WAY:
                if not browser.cookie:
                    await browser.sign_in(HOME)
                    await AwaitedWrite.objects.all().adelete()
                    form = await browser.get(page.path(HOME))
                sandbox.fault(operation=step, **bend)
                # What was lost before may still come, and would stand in the way.
                await AwaitedWrite.objects.all().adelete()
                sent = await browser.submit_with(form, page.button, page.typed, headers)
                sandbox.mended()
                if sent.status == 302:
                    # Nobody knows whether the write was taken: what is read back is told instead.
                    assert status == 503
                    assert step == page.writes
                    continue
                assert sent.status == status, (step, bend)
                assert words in sent.words
                if headers:
                    # The form that is on the page stays as it is.
                    assert sent.headers["HX-Retarget"] == "#notice"
                else:
                    check_kept(form, sent, page)
                assert bool(browser.cookie) == (status != 401)


def check_kept(form: View, sent: View, page: Page) -> None:
    before = form.form(page.button)
    after = sent.form(page.button)
    kept = {field.attrs["name"]: field.attrs.get("value") for field in after.all("input")}
    assert kept.items() >= page.typed.items()
    assert kept["home"] == before.one("input", name="home").attrs["value"]
    assert after.attrs["action"] == before.attrs["action"]


@every_form
@pytest.mark.parametrize("where", ["at RUCKUS", "here"])
async def test_a_form_kept_through_the_end_of_a_session_can_be_sent_after_signing_in(
    resident, sandbox, page: Page, where
):
    browser = await resident()
    form = await browser.get(page.path(HOME))
    if where == "here":
        await Session.objects.all().adelete()
    sandbox.state.tokens.clear()
    kept = await browser.submit_with(form, page.button, page.typed)
    assert kept.status == 401
    check_kept(form, kept, page)
    # In another tab of the same browser; its CSRF cookie is new, too.
    await browser.sign_in(HOME)
    token = token_of(await browser.get("/"))["csrfmiddlewaretoken"]
    sent = await browser.submit_with(kept, page.button, page.typed | {"csrfmiddlewaretoken": token})
    assert sent.status == 302
    assert page.writes in sandbox.calls()


@every_form
async def test_a_form_without_its_csrf_token_changes_nothing(resident, sandbox, page: Page):
    browser = await resident()
    form = await browser.get(page.path(HOME))
    sandbox.forget_calls()
    view = await browser.submit_with(form, page.button, {"csrfmiddlewaretoken": "x" * 64})
    assert view.status == 403
    assert "This page was open for too long" in view.words
    assert page.writes not in sandbox.calls()


@every_form
async def test_a_form_of_another_home_changes_nothing(resident, sandbox, page: Page):
    browser = await resident()
    form = await browser.get(page.path(HOME))
    await browser.sign_in(seeded("45 users"))
    token = token_of(await browser.get("/"))["csrfmiddlewaretoken"]
    sandbox.forget_calls()
    view = await browser.submit_with(form, page.button, {"csrfmiddlewaretoken": token})
    assert view.status == 409
    assert view.heading == "This form belongs to another home"
    assert not sandbox.calls()


# The few that are no resident's pages -------------------------------------------------------------


async def test_a_machine_may_ask_whether_the_portal_serves(visitor, sandbox):
    view = await visitor.get("/healthz/")
    assert (view.status, view.text) == (200, "ok\n")
    assert "Set-Cookie" not in view.headers
    assert not sandbox.calls()


async def test_search_engines_are_kept_out(visitor):
    view = await visitor.get("/robots.txt")
    assert view.text == "User-agent: *\nDisallow: /\n"
    welcome = await visitor.get(f"/p/{HOME.property_id}/")
    assert welcome.headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("name", ["health", "robots", "icon"])
async def test_files_take_no_post(visitor, name):
    path = reverse(name, args=[HOME.property_id] if name == "icon" else [])
    welcome = await visitor.get(f"/p/{HOME.property_id}/")
    assert (await visitor.send("POST", path, token_of(welcome))).status == 405


async def test_an_address_that_does_not_exist_is_a_404_page(visitor, resident):
    for browser in (visitor, await resident()):
        for path in ("/nothing/", "/wifi/unit/", "/wifi/other/x/", "/people/../contact/"):
            view = await browser.get(path)
            assert view.status == 404
            assert "There’s nothing here" in view.words
            assert path not in view.text


@pytest.mark.parametrize(
    "path", ["/nothing/", "/wifi/other/x/", "/p/nobody/", "/people/../contact/"]
)
async def test_an_address_that_does_not_exist_keeps_the_navigation(resident, sandbox, path):
    browser = await resident()
    view = await browser.get(path)
    assert view.status == 404
    assert view.link("Help") == "/help/"
    assert view.root.one("img", class_="logo").attrs["alt"] == "Larkspur House Wi-Fi"
    assert view.form("Sign out")
    assert "To get in" not in view.words
    # A browser goes on from there.
    assert (await browser.submit(view, "Sign out")).status == 200
    assert not sandbox.calls()


async def test_what_is_refused_before_any_view_keeps_the_navigation(resident, sandbox):
    browser = await resident()
    form = await browser.get("/contact/")
    brands.clear()
    sandbox.forget_calls()
    stale = await browser.submit_with(
        form, "Save contact details", {"csrfmiddlewaretoken": "x" * 64}
    )
    assert (stale.status, stale.link("Help")) == (403, "/help/")
    # What the property is called is not asked for.
    assert stale.root.one("p", class_="brand").words == "Resident portal"
    assert (await browser.submit(stale, "Sign out")).status == 200
    assert not sandbox.calls()


async def test_without_a_session_an_address_that_does_not_exist_has_no_navigation(
    visitor, resident, monkeypatch
):
    ended = await resident()
    await Session.objects.all().adelete()
    for browser in (visitor, ended):
        view = await browser.get("/nothing/")
        assert view.status == 404
        assert not view.root.all("nav")
        assert "To get in" in view.words


async def test_a_lost_slash_is_put_back(resident):
    view = await (await resident()).get("/contact")
    assert (view.status, view.location) == (301, "/contact/")


async def test_a_page_for_a_user_of_another_home_is_a_404(resident, sandbox):
    browser = await resident()
    other = seeded("45 users")
    for page in PAGES:
        if page.args(HOME):
            view = await browser.get(page.path(other))
            assert view.status == 404 or (page.name == "devices" and view.status == 200), page


async def test_our_own_fault_is_a_plain_page_without_details(resident, sandbox, monkeypatch):
    browser = await resident()
    browser.client.raise_request_exception = False

    def broken(*args: Any) -> None:
        raise ZeroDivisionError("with details")

    monkeypatch.setattr("residents.views.home.sort_key", broken)
    view = await browser.get("/")
    assert view.status == 500
    assert view.heading == "There is a problem"
    assert "details" not in view.text


async def test_under_htmx_our_own_fault_is_a_notice_and_the_form_stays(
    resident, sandbox, monkeypatch
):
    browser = await resident()
    browser.client.raise_request_exception = False
    page = await browser.get("/contact/")

    def broken(*args: Any) -> None:
        raise ZeroDivisionError("with details")

    monkeypatch.setattr("residents.forms.ContactForm.contact", broken)
    sent = await browser.submit_with(page, "Save contact details", {"name": "X"}, HTMX)
    assert sent.status == 500
    assert "Something went wrong on our side" in sent.words
    assert sent.headers["HX-Retarget"] == "#notice"
    assert "details" not in sent.text


async def test_what_django_forbids_is_a_403_page(resident, monkeypatch):
    browser = await resident()

    async def forbidden(home: object) -> None:
        raise PermissionDenied

    monkeypatch.setattr("residents.door.signed_in.current_home", forbidden)
    view = await browser.get("/help/")
    assert view.status == 403
    assert "These pages aren’t open to your home" in view.words


async def test_a_form_that_makes_no_sense_is_a_400_page(resident):
    browser = await resident()
    response = await browser.client.post(
        "/contact/", b"x", content_type="multipart/form-data; boundary=" + "x" * 300
    )
    view = View(response, "/contact/", signed_in=True, fragment=False)
    assert view.status == 400
    assert "Something’s missing from this address" in view.words


def test_the_browser_of_these_tests_finds_what_is_wrong():
    from tests.residents import html

    for bad in (
        '<p id="a"></p><p id="a"></p>',
        '<p onclick="x()"></p>',
        '<p style="color:red"></p>',
        "<script>1</script>",
        '<style nonce="y"></style>',
        '<form method="post" action="/"><button>Go</button></form>',
        '<form action="/"><input name="a"><button>Go</button></form>',
        '<a hx-get="/">Go</a>',
        '<a href="javascript:x">Go</a>',
        "<img src=/x>",
        "<b><i></b></i>",
        "<main><h1>One</h1><h1>Two</h1></main><title>One</title>",
        "<main><h1>One</h1></main><title>Two</title>",
    ):
        with pytest.raises(AssertionError):
            html.check(html.parse(bad), fragment=True, nonce="x")


@every_form
async def test_every_form_can_be_sent_while_the_vendor_leaves_out_what_it_may(
    resident, sandbox, page: Page
):
    browser = await resident()
    form = await browser.get(page.path(HOME))
    sandbox.state.switches.nulls = True
    sandbox.forget_calls()
    sent = await browser.submit_with(form, page.button, page.typed)
    assert sent.status == 302
    assert page.writes in sandbox.calls()
    after = await browser.follow(sent)
    assert after.status == 200
    assert "None" not in after.words


@pytest.mark.parametrize(("seconds", "told"), [(0.2, "1"), (16.01, "17"), (17.0, "17")])
async def test_how_long_to_wait_is_told_in_whole_seconds_and_never_too_few(
    resident, monkeypatch, seconds, told
):
    async def busy(self: ResidentApi) -> None:
        raise TooBusy("residentFetchUnit", retry_after=seconds)

    browser = await resident()
    monkeypatch.setattr(ResidentApi, "fetch_unit", busy)
    assert (await browser.get("/")).headers["Retry-After"] == told


async def test_a_request_that_fails_leaves_the_session_as_it_was(resident, sandbox, monkeypatch):
    browser = await resident()
    # Each request notes that somebody is there.
    monkeypatch.setattr(session, "SEEN_EVERY", -1)
    before = (await Session.objects.aget()).session_data
    sandbox.fault(operation="residentFetchUnit", count=3, status=500)
    assert (await browser.get("/")).status == 503
    assert (await Session.objects.aget()).session_data == before
    sandbox.mended()
    assert (await browser.get("/")).status == 200
    assert (await Session.objects.aget()).session_data != before
