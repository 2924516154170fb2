"""Whatever is sent to whichever address: a page of ours, and never a fault of ours."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.urls import NoReverseMatch, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import throttle
from common.property import brand, public_brand
from portal.asgi import Portal
from ruckus.resident_types import BadId, check_id
from sandbox.seeds import Home
from tests.residents.browser import HTMX, Browser
from tests.residents.conftest import Sandbox, seeded
from tests.residents.html import values
from tests.residents.pages import PAGES

HOME = seeded("full branding")
# A link is replaced once, and the home has another access code afterwards.
FORMS = [page for page in PAGES if page.button and page.name != "replace-link"]
fuzz = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "'\"><script>alert(1)</script>",
        "{{ 7*7 }}{% now 'Y' %}",
        "../../../etc/passwd",
        "%2e%2e%2f",
        "\r\nSet-Cookie: a=b",
        "🏡" * 300,
        "x" * 5000,
        "-1",
        "١٢٣",
        "\u202e\u2066",
        "null",
    ]
)
TEXT = ODD | st.text(max_size=80)
IDS = st.text(alphabet="abcdefABCDEF0123456789-._:/%?#&=+ \\\"'<>\u00e9", min_size=1, max_size=70)


def run(work: Any) -> None:
    async_to_sync(work)()


@fuzz
@given(st.data())
def test_no_form_takes_anything_for_a_fault_of_ours(sandbox: Sandbox, data: Any):
    page = data.draw(st.sampled_from(FORMS))
    headers = data.draw(st.sampled_from([{}, HTMX]))
    names = data.draw(st.lists(st.sampled_from(["name", "email", "phone_number", "passphrase"])))
    typed = {name: data.draw(TEXT) for name in names}

    # A device can be removed over and over again.
    sandbox.state.switches.sticky_devices = True

    async def send() -> None:
        browser = Browser()
        await browser.sign_in(HOME)
        form = values((await browser.get(page.path(HOME))).form(page.button))
        # Form encoding can't hold half a surrogate pair.
        sent = {name: text.encode(errors="replace").decode() for name, text in typed.items()}
        view = await browser.send("POST", page.path(HOME), form | sent, **headers)
        assert view.status in (200, 302, 404, 422), page.name
        for text in sent.values():
            if "<script>" in text:
                assert text not in view.text

    run(send)


@fuzz
@given(secret=TEXT, property_id=st.just(HOME.property_id) | IDS)
def test_no_access_code_is_taken_for_a_fault_of_ours(sandbox: Sandbox, secret, property_id):
    throttle.local.clear()

    async def send() -> None:
        browser = Browser()
        text = secret.encode(errors="replace").decode()
        path = f"/p/{quote(property_id, safe='')}/"
        page = await browser.get(path)
        assert page.status in (200, 404)
        assert (await browser.get(f"{path}{quote(text, safe='')}/")).status in (200, 404)
        if page.status == 200:
            sent = await browser.submit(page, "Open my Wi-Fi", secret=text)
            assert sent.status in (401, 422)

    run(send)


@fuzz
@given(kind=st.sampled_from(["unit", "guest", "linked"]) | IDS, user=IDS, device=IDS, query=TEXT)
def test_no_id_in_an_address_reaches_another_path(sandbox: Sandbox, kind, user, device, query):
    async def look() -> None:
        browser = Browser()
        await browser.sign_in(HOME)
        sandbox.forget_calls()
        asked = f"?{quote(query.encode(errors='replace'))}"
        k, u, d = (quote(part, safe="") for part in (kind, user, device))
        for path in (
            f"/wifi/{k}/{u}/",
            f"/wifi/{k}/{u}/qr/",
            f"/wifi/{k}/{u}/devices/{d}/remove/",
            f"/people/{u}/contact/",
            f"/logo/{u}.png",
        ):
            view = await browser.get(path + asked)
            assert view.status in (200, 301, 404, 503), path
        below = f"/residents/properties/{HOME.property_id}"
        for call in sandbox.state.calls:
            rest = call["path"].removeprefix(below)
            assert rest != call["path"]
            assert ".." not in rest.split("/")
            assert len(rest.split("/")) <= 6

    run(look)


@fuzz
@given(
    path=st.text(max_size=60).map(lambda text: quote(text.encode(errors="replace"))),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]),
    header=st.sampled_from(
        ["Cookie", "Accept-Language", "HX-Target", "HX-Current-URL", "X-Forwarded-For", "Range"]
    ),
    value=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60),
)
def test_no_address_and_no_header_is_taken_for_a_fault_of_ours(
    sandbox: Sandbox, path, method, header, value
):
    async def ask() -> None:
        transport = httpx.ASGITransport(Portal())
        headers = {header: value, "HX-Request": "true"} if header[:2] == "HX" else {header: value}
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            answer = await client.request(method, f"/{path.lstrip('/')}", headers=headers)
        assert answer.status_code < 500

    run(ask)


@given(st.text(max_size=70) | IDS)
def test_an_address_takes_the_ids_that_ruckus_is_asked_with(text: str):
    """One alphabet in both places, or a page would fail on what the vendor sent."""
    try:
        check_id(text)
    except BadId:
        with pytest.raises(NoReverseMatch):
            reverse("person", args=[text])
    else:
        assert reverse("person", args=[text]).startswith("/people/")


@pytest.mark.parametrize("text", [".", "..", ".a", "...", "a.", "-", ":", "_", "x" * 64, "x" * 65])
def test_the_edges_of_that_alphabet_agree(text: str):
    test_an_address_takes_the_ids_that_ruckus_is_asked_with.hypothesis.inner_test(text)


async def test_no_redirect_holds_a_secret(resident, sandbox: Sandbox):
    browser = await resident()
    secrets = [
        HOME.secret,
        browser.cookie,
        *sandbox.state.tokens,
        *(str(user.passphrase) for user in HOME.unit.users),
    ]
    for page in FORMS:
        if page.name != "sign-out-everywhere":
            form = await browser.get(page.path(HOME))
            sent = await browser.submit_with(form, page.button, page.typed)
            assert sent.status == 302
            for secret in [*secrets, *page.typed.values()]:
                assert secret not in sent.location
                assert quote(secret) not in sent.location


async def test_what_a_vendor_sends_is_escaped_everywhere(resident, sandbox: Sandbox):
    """Markup in each text that the vendor may send, on each page that may show it."""
    mark = "<i id=x onclick=alert(1)>\"'&amp;"
    home: Home = HOME
    browser = await resident()
    property_ = sandbox.state.properties[home.property_id]
    for name in ("name", "management_name", "management_phone", "management_email"):
        setattr(property_, name, mark)
    property_.ssids = [mark]
    profile = sandbox.profile(home)
    for name in ("title", "subtitle", "announcements", "help_text", "login_text"):
        setattr(profile, name, mark)
    unit = sandbox.state.units[home.unit_guid]
    unit.number = unit.description = mark
    unit.contact.name = unit.contact.email = unit.contact.phone = mark
    for user in unit.users:
        user.name = user.email = user.phone = mark
        for device in user.devices:
            device.type = mark
    brand.brands.clear()
    public_brand.public_brands.clear()
    public_brand.newcomers.clear()
    for path in [page.path(home) for page in PAGES] + [f"/p/{home.property_id}/"]:
        view = await browser.get(path)
        assert view.status == 200
        # That no element has such an attribute is checked with every page.
        assert "<i id=x" not in view.text
        assert not view.root.all("i")
    assert mark in (await browser.get("/")).words
