"""The resident's journeys where the vendor takes tokens in either style, and changes its mind."""

from typing import Any

import pytest
from django.test import override_settings

from common import upstream as upstreams
from common.models import Session
from ruckus.authorization import TokenStyle
from sandbox.links import vendor_link
from tests.residents.browser import Browser
from tests.residents.conftest import Sandbox, seeded
from tests.residents.pages import PAGES

HOME = seeded("full branding")


@pytest.fixture(params=["bearer", "bare"])
def style(request: pytest.FixtureRequest, sandbox: Sandbox) -> str:
    sandbox.state.switches.token_style = request.param
    return str(request.param)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_every_page_is_there_in_both_styles(style, resident, page):
    browser = await resident()
    assert (await browser.get(page.path(HOME))).status == 200


async def test_a_contact_is_saved_in_both_styles(style, resident, sandbox):
    browser = await resident()
    form = await browser.get("/contact/")
    saved = await browser.submit(form, "Save contact details", name="Nobody Real")
    assert saved.status == 302
    assert sandbox.state.units[HOME.unit_guid].contact.name == "Nobody Real"


async def test_a_passphrase_is_reset_in_both_styles(style, resident, sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    before = user.passphrase
    form = await browser.get(f"/wifi/unit/{user.id}/reset/")
    assert (await browser.submit(form, "Reset passphrase")).status == 302
    assert user.passphrase != before


async def test_ruckus_own_link_opens_the_home_in_both_styles(style, visitor):
    page = await visitor.get(vendor_link(HOME, page=f"/p/{HOME.property_id}/"))
    sent = await visitor.submit(page, "Open my Wi-Fi")
    assert (await visitor.follow(sent)).heading == f"Unit {HOME.unit.number}"


async def test_the_style_is_kept_with_the_session(sandbox):
    sandbox.state.switches.token_style = "bare"
    first, second = Browser(), Browser()
    await first.sign_in(HOME)
    # Somebody else's cloud in front of the same portal.
    for upstream in sandbox.upstreams:
        upstream.learn(upstreams.UnitToken("another"), TokenStyle.BEARER)
    sandbox.forget_calls()
    assert (await first.get("/")).status == 200
    assert sandbox.calls().count("residentFetchUnit") == 1
    await second.sign_in(HOME)
    assert (await second.get("/")).status == 200


async def test_a_switch_in_mid_run_asks_to_sign_in_again_and_works(resident, sandbox):
    browser = await resident()
    sandbox.state.switches.token_style = "bare"
    assert (await browser.get("/")).status == 401
    assert not await Session.objects.aexists()
    home = await browser.sign_in(HOME)
    assert home.heading == f"Unit {HOME.unit.number}"


@override_settings(RUCKUS_API_URL="http://127.0.0.1:9", RUCKUS_TOKEN_STYLE="bare")
def test_a_setting_fixes_the_style() -> None:
    made: Any = upstreams.make_upstream()
    assert made.style_of(upstreams.UnitToken("t", TokenStyle.BEARER)) is TokenStyle.BARE
