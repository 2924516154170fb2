"""What people who are not signed in can take from the others, or make the portal do."""

import asyncio
import uuid

from common.property import public_brand
from tests.residents.browser import Browser
from tests.residents.conftest import seeded

HOME = seeded("full branding")
ANONYMOUS = {"getTenantPortalAccess", "getPropertyStyles", "downloadFavicons", "residentLogin"}


async def test_made_up_properties_are_asked_for_a_few_at_a_time(sandbox, monkeypatch):
    monkeypatch.setattr("common.property.public_brand.PATIENCE", 0.01)
    gate = sandbox.wire.hold_back("/access")
    made_up = [str(uuid.uuid4()) for _ in range(40)]
    views = await asyncio.gather(*(Browser().get(f"/p/{name}/") for name in made_up))
    assert {view.status for view in views} == {200}
    gate.open.set()
    await asyncio.gather(*public_brand.public_brands.loops[asyncio.get_running_loop()].values())
    assert len({call["property"] for call in sandbox.state.calls}) == 8


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
    from residents.door import throttle

    for number in range(throttle.MOST_KEYS + 10):
        throttle.start_locally(f"key {number}")
    assert len(throttle.local) <= throttle.MOST_KEYS
    assert (await visitor.sign_in(HOME)).status == 200
    throttle.local.clear()
