"""What people who are not signed in can take from the others, or make the portal do."""

import asyncio
import uuid
from contextlib import suppress

import pytest
from django.db import DatabaseError
from django.test import override_settings

from common.models import KnownProperty
from common.property import known, public_brand
from common.property.ids import bare_id
from ruckus.budget import Bucket
from ruckus.errors import TooBusy
from tests.residents.browser import Browser
from tests.residents.conftest import seeded

HOME, PLAIN = seeded("full branding"), seeded("no portal profile")
ANONYMOUS = {"getTenantPortalAccess", "getPropertyStyles", "downloadFavicons", "residentLogin"}
LOOKS = ANONYMOUS - {"residentLogin"}


def made_up() -> str:
    return str(uuid.uuid4())


@pytest.fixture(autouse=True)
def proxy(settings) -> None:
    """All come through one proxy, which may say who asks."""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]


def from_address(number: int) -> Browser:
    return Browser(**{"X-Forwarded-For": f"203.0.113.{number}"})


async def try_code(browser: Browser, property_id: str, code: str = "wrong") -> int:
    page = await browser.get(f"/p/{property_id}/{code}/")
    return (await browser.submit(page, "Open my Wi-Fi")).status


# Made-up properties -------------------------------------------------------------------------------


async def test_made_up_properties_are_asked_for_a_few_at_a_time(sandbox, monkeypatch):
    monkeypatch.setattr("common.property.public_brand.PATIENCE", 0.01)
    gate = sandbox.wire.hold_back("/access")
    views = await asyncio.gather(
        *(from_address(number).get(f"/p/{made_up()}/") for number in range(40))
    )
    assert {view.status for view in views} == {200}
    gate.open.set()
    await asyncio.gather(*public_brand.newcomers.loops[asyncio.get_running_loop()].values())
    assert len({call["property"] for call in sandbox.state.calls}) <= 8


async def test_an_address_that_makes_up_properties_gets_plain_pages_after_a_while(sandbox):
    sandbox.unhurried()
    browser = from_address(1)
    await known.remember(HOME.property_id)
    for _ in range(30):
        assert (await browser.get(f"/p/{made_up()}/")).status == 200
    assert len(sandbox.calls(*LOOKS)) == 60
    # Neither the portal's own properties nor other addresses are meant.
    assert "Welcome home." in (await browser.get(f"/p/{HOME.property_id}/")).words
    assert len(sandbox.calls(*LOOKS)) == 63
    await from_address(2).get(f"/p/{made_up()}/")
    assert len(sandbox.calls(*LOOKS)) == 66
    # It can still sign in.
    assert await try_code(browser, PLAIN.property_id, PLAIN.secret) == 302


async def test_an_address_that_makes_up_properties_waits_after_twenty_codes(sandbox):
    sandbox.unhurried()
    browser = from_address(1)
    statuses = [await try_code(browser, made_up()) for _ in range(25)]
    assert statuses == [401] * 20 + [429] * 5
    assert len(sandbox.calls("residentLogin")) == 20
    # Neither the portal's own properties nor other addresses are meant.
    await known.remember(HOME.property_id)
    assert await try_code(browser, HOME.property_id) == 401
    assert await try_code(from_address(2), PLAIN.property_id, PLAIN.secret) == 302


async def test_right_codes_at_new_properties_make_nobody_wait(sandbox):
    sandbox.unhurried()
    for _ in range(25):
        known.forget()
        await KnownProperty.objects.all().adelete()
        assert await try_code(from_address(1), HOME.property_id, HOME.secret) == 302


async def test_all_that_is_made_up_shares_a_few_calls(sandbox):
    """Each id of its own had a share of its own."""
    browsers = [from_address(number) for number in range(60)]
    before = asyncio.get_running_loop().time()
    await asyncio.gather(*(try_code(browser, made_up()) for browser in browsers))
    seconds = asyncio.get_running_loop().time() - before
    # 20 at once and 20 a second, however long it took.
    assert len(sandbox.calls()) <= 20 + 20 * seconds + 1


async def used_up(bucket: Bucket) -> None:
    now = asyncio.get_running_loop().time()
    with suppress(TooBusy):
        while True:
            await bucket.take("anOperation", "all", now)


# A first visit on a busy day ----------------------------------------------------------------------


async def test_a_first_visit_gets_in_while_a_crowd_looks_at_made_up_properties(sandbox):
    crowd = [from_address(number) for number in range(60)]
    visitor = from_address(99)
    page = await visitor.get(f"/p/{HOME.property_id}/{HOME.secret}/")
    looking = asyncio.gather(*(browser.get(f"/p/{made_up()}/") for browser in crowd))
    home = await visitor.follow(await visitor.submit(page, "Open my Wi-Fi"))
    assert home.heading == "Unit 2338"
    await looking
    # The looks have half of what there is, and had no more.
    assert len(sandbox.calls(*LOOKS)) < 60


async def test_a_first_visit_waits_for_its_turn_while_a_crowd_tries_codes(sandbox):
    visitor = from_address(99)
    page = await visitor.get(f"/p/{HOME.property_id}/{HOME.secret}/")
    await used_up(sandbox.upstreams[-1].newcomers)
    home = await visitor.follow(await visitor.submit(page, "Open my Wi-Fi"))
    assert home.heading == "Unit 2338"


async def test_a_first_visit_takes_nothing_of_a_busy_property_s_share_nor_the_other_way(sandbox):
    await known.remember(PLAIN.property_id)
    for _ in range(30):
        # Those who are on their way to a property that everybody knows.
        await try_code(Browser(), PLAIN.property_id, PLAIN.secret)
    assert await try_code(from_address(2), HOME.property_id, HOME.secret) == 302


async def test_a_property_without_a_profile_is_asked_for_again_only_after_a_while(
    sandbox, settings
):
    visitor = from_address(1)
    await visitor.get(f"/p/{PLAIN.property_id}/")
    sandbox.forget_calls()
    settings.PROPERTY_CACHE_SECONDS = 0.0
    await visitor.get(f"/p/{PLAIN.property_id}/")
    assert sandbox.calls() == []
    # And whatever is known of it, a code is tried.
    assert await try_code(visitor, PLAIN.property_id, PLAIN.secret) == 302


async def test_branding_tells_that_a_property_exists(sandbox):
    """Only signing in keeps it to itself."""
    assert "Welcome home." in (await Browser().get(f"/p/{HOME.property_id}/")).words
    assert "Welcome home." not in (await Browser().get(f"/p/{made_up()}/")).words


# What is known ------------------------------------------------------------------------------------


async def test_a_property_is_known_once_somebody_has_signed_in(sandbox):
    assert not await known.is_known(HOME.property_id)
    assert await try_code(Browser(), HOME.property_id) == 401
    assert not await known.is_known(HOME.property_id)
    assert await try_code(Browser(), HOME.property_id, HOME.secret) == 302
    assert await known.is_known(HOME.property_id)
    # Another process, and this one after a restart, know it too, however it is written.
    known.forget()
    assert await known.is_known(HOME.property_id.upper())
    assert [row.id async for row in KnownProperty.objects.all()] == [bare_id(HOME.property_id)]
    assert str(await KnownProperty.objects.aget()) == bare_id(HOME.property_id)


async def test_the_properties_of_the_settings_are_known(sandbox):
    with override_settings(ALLOWED_PROPERTIES=frozenset({HOME.property_id})):
        assert await known.is_known(HOME.property_id)


async def test_what_others_learn_is_seen_soon_and_without_a_query_for_each(monkeypatch, forgotten):
    read = []

    def stored() -> dict[str, str]:
        read.append(1)
        return {"f" * 32: ""}

    monkeypatch.setattr(known, "stored", stored)
    for _ in range(50):
        assert not await known.is_known(made_up())
    assert len(read) == 1
    monkeypatch.setattr(known, "read_again_at", 0.0)
    assert not await known.is_known(made_up())
    assert len(read) == 2
    assert await known.is_known("f" * 32)
    monkeypatch.setattr(known, "read_again_at", 0.0)
    assert not await known.is_known(made_up())
    assert not await known.is_known(made_up())
    assert len(read) == 3


async def test_a_database_that_is_down_lets_strangers_look(sandbox, monkeypatch):
    def broken() -> dict[str, str]:
        raise DatabaseError

    monkeypatch.setattr(known, "stored", broken)
    assert not await known.is_known(HOME.property_id)
    assert "Welcome home." in (await Browser().get(f"/p/{HOME.property_id}/")).words


# The others ---------------------------------------------------------------------------------------


async def test_looking_again_and_again_costs_three_calls(visitor, sandbox):
    for _ in range(30):
        assert (await visitor.get(f"/p/{HOME.property_id}/guess/")).status == 200
        await visitor.get(f"/p/{HOME.property_id}/icon.png")
    assert len(sandbox.calls()) == 3


async def test_strangers_push_nothing_out_of_what_residents_share(resident, visitor, sandbox):
    browser = await resident()
    for _ in range(20):
        await visitor.get(f"/p/{uuid.uuid4()}/")
    sandbox.forget_calls()
    assert (await browser.get("/")).status == 200
    assert sorted(sandbox.calls()) == ["queryUnitUsers", "residentFetchUnit"]


async def test_a_stranger_keeps_no_session_and_reaches_no_operation_of_a_home(visitor, sandbox):
    from common.models import Session
    from tests.residents.pages import PAGES

    for page in PAGES:
        await visitor.get(page.path(HOME))
    await visitor.get(f"/p/{HOME.property_id}/")
    await visitor.get("/logo/8a58aa1a1bc4ca78.png")
    assert set(sandbox.calls()) <= ANONYMOUS
    assert not await Session.objects.aexists()
    assert not visitor.cookie


async def test_a_stranger_who_fills_the_count_of_codes_leaves_the_door_open(visitor, sandbox):
    """The table has room for so many addresses; the oldest go first, and then start afresh."""
    from common import throttle

    for number in range(throttle.MOST_KEYS + 10):
        throttle.start_locally(f"key {number}")
    assert len(throttle.local) <= throttle.MOST_KEYS
    assert (await visitor.sign_in(HOME)).status == 200
    throttle.local.clear()
