"""The whole client for staff against the whole sandbox: a building goes live."""

import contextlib
import dataclasses

import httpx
import pytest

from ruckus.account import Account, Credentials
from ruckus.budget import STRANGERS, Bucket, Quota
from ruckus.errors import NotAllowed, NotFound, NotSignedIn, TooBusy, Unavailable
from ruckus.management import ManagementApi
from ruckus.management_types import UnitResident
from ruckus.resident import ResidentApi
from ruckus.unit_links import UnitLinks
from ruckus.wire import Upstream
from sandbox import seeds
from sandbox.app import create_app
from sandbox.management.accounts import ADMINISTRATOR, DELEGATE, LANDLORD, READ_ONLY
from tests.servers import SandboxProcess

from .test_management import CALLS

BRANDED = seeds.BRANDED.id.replace("-", "")


class World:
    """A fresh sandbox, and the Upstream that reaches it."""

    def __init__(self, **switches):
        self.app = create_app()
        self.state = self.app.state.sandbox
        self.switch(**switches)
        self.transport = httpx.ASGITransport(self.app)
        self.upstream = Upstream("http://sandbox", transport=self.transport)
        # As many as the test wants, at any speed.
        self.upstream.bulk = Bucket("bulk", Quota(1_000_000, burst=1_000_000))
        self.upstream.strangers = Bucket("strangers", Quota(1_000_000, burst=1_000_000))
        assert STRANGERS.burst < 300

    def switch(self, **switches):
        management = self.state.management
        management.switches = dataclasses.replace(management.switches, **switches)

    def api(self, account=ADMINISTRATOR, *, customer=None, **more):
        known = Credentials(account.tenant_id, account.client_id, account.client_secret, customer)
        return ManagementApi(self.upstream, Account(known), **more)

    async def sign_in(self, property_id, code):
        return await ResidentApi(self.upstream, property_id=property_id).log_in(code)

    async def build(self, **plan):
        async with httpx.AsyncClient(transport=self.transport, base_url="http://sandbox") as http:
            answer = await http.post("/_sandbox/management/building", json=plan)
        return answer.json()

    @property
    def operations(self):
        return [call["operation"] for call in self.state.calls]


@contextlib.asynccontextmanager
async def world(**switches):
    made = World(**switches)
    yield made
    await made.upstream.aclose()


async def test_staff_can_do_all_operations():
    async with world() as sandbox:
        api = sandbox.api()
        properties = await api.fetch_properties()
        assert BRANDED in {each.venue_id for each in properties}
        assert (await api.query_properties()).total == len(seeds.PROPERTIES)
        found = await api.fetch_property(BRANDED)
        assert (found.name, found.api_allowed, found.portal_allowed) == (
            "Larkspur House",
            True,
            False,
        )
        units = await api.fetch_units(BRANDED)
        assert [unit.name for unit in units] == ["2338", "2339", "3101", "3102", "4500"]
        assert [unit.is_suspended for unit in units] == [False, False, True, False, False]
        unit = await api.fetch_unit(BRANDED, units[0].id)
        assert unit.resident == UnitResident("Casey Example", "casey@example.com", "+12025550138")
        assert unit.href.startswith("https://")
        named = await api.query_units(BRANDED, page_size=50, names=["3102", "2338", "nobody"])
        assert [unit.name for unit in named.items.values()] == ["2338", "3102"]
        change = await api.update_unit_status(BRANDED, unit.id, "DISABLED")
        assert not change.accepted
        assert (await api.fetch_activity(change.request_id)).succeeded
        assert (await api.fetch_unit(BRANDED, unit.id)).is_suspended
        await api.resend_notifications(BRANDED, [unit.id])
        assert sandbox.state.management.resent == [unit.id]
    assert set(sandbox.operations) - {"createToken"} == CALLS.keys()


@pytest.mark.parametrize("first_number", [0, 1])
@pytest.mark.parametrize("first_page", [0, 1])
async def test_all_homes_are_found_however_the_vendor_counts(first_page, first_number):
    async with world(first_page=first_page, first_number=first_number) as sandbox:
        built = await sandbox.build(homes=250, without_link=0, suspended=0)
        units = await sandbox.api().fetch_units(built["property_id"])

        assert len(units) == 250
        assert units.complete
        # A vendor that calls its first page 1 in its answers too is asked for one before it.
        asked = sandbox.operations.count("queryUnits")
        assert asked == (4 if first_page == first_number == 1 else 3)


@pytest.mark.parametrize("shape", ["auth", "fragment", "whole", "secret"])
async def test_a_whole_building_is_linked(shape):
    async with world(link=shape) as sandbox:
        built = await sandbox.build()
        venue = built["property_id"]
        api = sandbox.api(bulk=True)
        units = await api.fetch_units(venue)
        assert sum(unit.is_suspended for unit in units) == 3
        links = UnitLinks(api, sandbox.sign_in)
        proved = await links.prove(venue, units[0])
        assert proved.proved
        found = {unit.id: await links.find(venue, unit) for unit in units}

        assert sandbox.operations.count("residentLogin") == proved.sign_ins
        missing = {unit_id for unit_id, link in found.items() if link.code is None}
        assert missing == set(built["without_link"])
        assert len(missing) == 12
        codes = {guid: unit.access_code for guid, unit in sandbox.state.units.items()}
        # What was learned of one home is right for all others.
        for unit_id in found.keys() - missing:
            assert found[unit_id].code == codes[unit_id]


@pytest.mark.parametrize("shape", ["auth", "fragment", "whole", "secret"])
async def test_each_demo_home_is_proved(shape):
    async with world(link=shape) as sandbox:
        api = sandbox.api()
        for home in seeds.homes():
            venue = home.property_id.replace("-", "")
            links = UnitLinks(api, sandbox.sign_in)
            link = await links.prove(venue, await api.fetch_unit(venue, home.unit_guid))
            assert (link.code, link.proved, link.other_unit_id) == (home.secret, True, None)
            assert link.property_id == home.property_id


async def test_links_in_rows_spare_the_calls():
    async with world(rows_have_links=True) as sandbox:
        api = sandbox.api()
        units = await api.fetch_units(BRANDED)
        links = UnitLinks(api, sandbox.sign_in)
        for unit in units:
            assert (await links.prove(BRANDED, unit)).proved

        assert "fetchUnit" not in sandbox.operations


async def test_a_role_that_sees_no_links_sees_all_else():
    async with world(read_only_sees_links=False) as sandbox:
        api = sandbox.api(READ_ONLY)
        units = await api.fetch_units(BRANDED)
        links = UnitLinks(api, sandbox.sign_in)
        link = await links.prove(BRANDED, units[0])
        assert (link.code, link.refused) == (None, False)
        with pytest.raises(NotAllowed):
            await api.update_unit_status(BRANDED, units[0].id, "DISABLED")

        assert (await UnitLinks(sandbox.api(), sandbox.sign_in).prove(BRANDED, units[0])).code


async def test_a_service_provider_sees_its_customers_homes_and_no_others():
    async with world() as sandbox:
        assert await sandbox.api(DELEGATE).fetch_properties() == ()
        with pytest.raises(NotFound):
            await sandbox.api(DELEGATE).fetch_units(BRANDED)
        with pytest.raises(NotAllowed):
            await sandbox.api(ADMINISTRATOR, customer=DELEGATE.tenant_id).fetch_properties()
        customers = sandbox.api(DELEGATE, customer=LANDLORD)
        assert len(await customers.fetch_properties()) == len(seeds.PROPERTIES)
        assert len(await customers.fetch_units(BRANDED)) == 5


async def test_a_token_that_has_ended_is_renewed():
    async with world() as sandbox:
        api = sandbox.api()
        await api.fetch_units(BRANDED)
        sandbox.state.management.tokens.clear()
        await api.fetch_units(BRANDED)

        assert sandbox.operations.count("createToken") == 2


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"client_secret": "wrong"}, NotSignedIn),
        ({"client_id": "wrong"}, NotSignedIn),
        ({"tenant_id": "wrong"}, Unavailable),
    ],
)
async def test_wrong_credentials_are_told_apart_from_an_outage(wrong, kind):
    async with world() as sandbox:
        known = Credentials(
            ADMINISTRATOR.tenant_id, ADMINISTRATOR.client_id, ADMINISTRATOR.client_secret
        )
        account = Account(dataclasses.replace(known, **wrong))
        with pytest.raises(kind) as caught:
            await ManagementApi(sandbox.upstream, account).fetch_properties()

        assert caught.value.operation == "createToken"
        assert caught.value.status in (200, 401)


@pytest.mark.parametrize("accept", ["hal", "versioned"])
async def test_either_media_type_will_do(accept):
    async with world(accept=accept) as sandbox:
        units = await sandbox.api().fetch_units(BRANDED)

        assert len(units) == 5


@pytest.mark.parametrize(("outcome", "holds"), [("SUCCESS", True), ("FAIL", False)])
async def test_a_change_that_takes_time_can_be_asked_for(outcome, holds):
    async with world(accepted=True, outcome=outcome) as sandbox:
        api = sandbox.api()
        [unit, *_] = await api.fetch_units(BRANDED)
        change = await api.update_unit_status(BRANDED, unit.id, "DISABLED")
        assert change.accepted
        activity = await api.fetch_activity(change.request_id)
        assert (activity.succeeded, activity.failed) == (False, False)
        sandbox.state.settle(everything=True)
        activity = await api.fetch_activity(change.request_id)

        assert (activity.succeeded, activity.failed) == (holds, not holds)
        assert (await api.fetch_unit(BRANDED, unit.id)).is_suspended == holds


async def test_a_tenant_out_of_calls_is_told_to_come_back():
    async with world(retry_after=30) as sandbox:
        api = sandbox.api()
        await api.fetch_unit(BRANDED, seeds.homes()[0].unit_guid)
        sandbox.state.management.buckets[LANDLORD].level = -1000
        with pytest.raises(TooBusy) as caught:
            await api.fetch_unit(BRANDED, seeds.homes()[0].unit_guid)

        assert (caught.value.status, caught.value.retry_after) == (429, 30)


async def test_over_sockets_it_is_the_same():
    with SandboxProcess() as sandbox:
        venue = sandbox.management("POST", "building", json={"homes": 120})["property_id"]
        [account, *_] = sandbox.management("GET", "accounts")
        known = Credentials(account["tenant_id"], account["client_id"], account["client_secret"])
        upstream = Upstream(sandbox.url)

        async def sign_in(property_id, code):
            return await ResidentApi(upstream, property_id=property_id).log_in(code)

        try:
            api = ManagementApi(upstream, Account(known))
            units = await api.fetch_units(venue)
            assert len(units) == 120
            assert (await UnitLinks(api, sign_in).prove(venue, units[1])).proved
            await api.update_unit_status(venue, units[1].id, "DISABLED")
            assert (await api.fetch_unit(venue, units[1].id)).is_suspended
        finally:
            await upstream.aclose()
