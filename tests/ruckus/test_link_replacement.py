"""A link is replaced, and what came of it is found out: the whole client against the whole sandbox."""

import contextlib
import dataclasses

import httpx
import pytest

from ruckus import link_replacement
from ruckus.account import Account, Credentials
from ruckus.errors import NotSignedIn, Rejected, TooBusy, Unavailable
from ruckus.link_replacement import OtherUnit, Replacement, is_refused, replace_link
from ruckus.management import ManagementApi
from ruckus.management_types import ManagedUnit
from ruckus.resident import ResidentApi
from ruckus.resident_types import Written
from ruckus.unit_links import UnitLink, UnitLinks
from ruckus.wire import Upstream
from sandbox import seeds
from sandbox.app import create_app
from sandbox.faults import Fault
from sandbox.management.accounts import ADMINISTRATOR
from sandbox.state import State

from .test_resident import Answers, failure, made
from .vendor import PROPERTY, hangs_up_after, vendor

HOME = seeds.homes()[0]
OTHER = seeds.homes()[2]
VENUE = HOME.property_id.replace("-", "")
RESET = "residentEditUnit"


class World:
    """A sandbox whose clock goes on while somebody waits, the portal's way to it, and staff's."""

    def __init__(self, monkeypatch, **switches):
        self.now = 1000.0
        self.waits = []
        state = State(clock=lambda: self.now)
        state.switches = dataclasses.replace(state.switches, **switches)
        self.state = state
        self.upstream = Upstream("http://sandbox", transport=httpx.ASGITransport(create_app(state)))
        known = Credentials(
            ADMINISTRATOR.tenant_id, ADMINISTRATOR.client_id, ADMINISTRATOR.client_secret
        )
        self.links = UnitLinks(ManagementApi(self.upstream, Account(known)), self.sign_in)
        monkeypatch.setattr(link_replacement, "sleep", self.sleep)

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def api_of(self, property_id, token):
        return ResidentApi(self.upstream, property_id=property_id, token=token)

    async def sign_in(self, property_id, code):
        return await self.api_of(property_id, None).log_in(code)

    async def present(self):
        return await self.links.prove(VENUE, ManagedUnit(id=HOME.unit_guid))

    @property
    def code(self):
        return self.state.units[HOME.unit_guid].access_code

    def count(self, operation):
        return [call["operation"] for call in self.state.calls].count(operation)


@contextlib.asynccontextmanager
async def world(monkeypatch, **switches):
    it = World(monkeypatch, **switches)
    yield it
    await it.upstream.aclose()


@pytest.fixture
def make(monkeypatch):
    return lambda **switches: world(monkeypatch, **switches)


PASTED = UnitLink(HOME.unit_guid, HOME.property_id, HOME.secret)


# The call


async def test_the_reset_says_the_status_alone():
    api, wire = made({"number": "1"})
    assert await api.replace_link() == Written(accepted=False)
    [request] = wire.asked
    assert (request.method, request.url.path.rpartition("/")[2]) == ("PUT", "units")
    assert request.content == b'{"status":"TOKEN_RESET"}'


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ConnectError("x"),
        httpx.ReadError("x"),
        httpx.ReadTimeout("x"),
        httpx.Response(401),
        httpx.Response(429, headers={"Retry-After": "0"}),
        httpx.Response(503),
    ],
    ids=repr,
)
async def test_a_reset_is_never_repeated(broken):
    api, wire = made(broken)
    await failure(api.replace_link())
    assert len(wire.asked) == 1


async def test_over_a_socket_a_reset_whose_answer_is_lost_goes_out_once():
    async with vendor(hangs_up_after()) as it:
        upstream = Upstream(it.url)
        api = ResidentApi(upstream, property_id=PROPERTY, token="t")
        error = await failure(api.replace_link())
        await upstream.aclose()
    assert (error.reason, error.maybe_written) == ("reset", True)
    assert len(it.seen) == 1


# What came of it


async def test_each_fact_is_found_out_at_once_where_the_vendor_is_quick(make):
    async with make() as it:
        old = await it.present()
        found = await replace_link(it.api_of, old, it.links, venue_id=VENUE)
        assert (found.taken, found.accepted, found.failure) == (True, False, None)
        assert (found.new.code, found.new.proved) == (it.code, True)
        assert found.new.code != HOME.secret
        assert found.old_refused
        assert found.proved
        assert it.count(RESET) == 1
        assert it.waits == [0]


async def test_no_secret_is_in_what_is_shown_of_it(make):
    async with make(tokens_outlive_link=True) as it:
        found = await replace_link(it.api_of, await it.present(), it.links, venue_id=VENUE)
        shown = repr(found) + repr(found.new) + repr(PASTED)
        for secret in (HOME.secret, it.code, *it.state.tokens):
            assert secret not in shown


async def test_an_old_link_that_lags_is_tried_until_it_is_refused(make):
    async with make(link_lag=8) as it:
        found = await replace_link(it.api_of, await it.present(), it.links, venue_id=VENUE)
        assert found.new is not None
        assert found.old_refused
        assert it.waits == [0, 1, 2, 3, 4]


async def test_an_old_link_that_works_on_is_not_said_to_be_dead(make):
    async with make(link_lag=60) as it:
        found = await replace_link(it.api_of, await it.present(), it.links, venue_id=VENUE)
        assert found.taken
        assert found.new is not None
        assert not found.old_refused
        assert sum(it.waits) == link_replacement.PATIENCE
        # One to begin with, one for each look; three for the present link and the new one.
        assert it.count("residentLogin") <= 1 + len(it.waits) + 3
        assert it.count(RESET) == 1


async def test_a_reset_that_is_accepted_is_waited_for(make):
    async with make(accepted=True, accepted_delay=5) as it:
        found = await replace_link(it.api_of, await it.present(), it.links, venue_id=VENUE)
        assert (found.taken, found.accepted) == (True, True)
        assert found.new.code == it.code
        assert found.old_refused


async def test_a_reset_that_never_shows_is_not_proved(make):
    async with make(accepted=True, accepted_delay=600) as it:
        found = await replace_link(it.api_of, await it.present(), it.links, venue_id=VENUE)
        assert found == Replacement(taken=True, accepted=True)
        assert not found.proved
        # What staff's API goes on giving is the old one, and is not signed in with.
        assert it.count("residentLogin") == 2 + len(it.waits)


async def test_without_staff_s_api_the_old_link_is_all_that_can_be_tried(make):
    async with make() as it:
        found = await replace_link(it.api_of, PASTED)
        assert found == Replacement(taken=True, old_refused=True)
        assert found.proved


async def test_a_unit_without_a_link_has_no_new_one(make):
    async with make() as it:
        it.state.management.links[HOME.unit_guid] = None
        found = await replace_link(it.api_of, PASTED, it.links, venue_id=VENUE)
        assert found == Replacement(taken=True, old_refused=True)


async def test_a_new_link_that_opens_nothing_is_not_said_to_be_the_new_one(make):
    async with make() as it:

        async def shut(property_id, code):
            raise NotSignedIn("residentLogin", 401)

        old = await it.present()
        it.links._sign_in = shut
        found = await replace_link(it.api_of, old, it.links, venue_id=VENUE)
        assert (found.new, found.old_refused) == (None, True)


# What fails


@pytest.mark.parametrize("applies", [True, False], ids=["took-place", "did-not"])
async def test_a_reset_whose_answer_is_lost_is_looked_for_and_not_sent_again(make, applies):
    async with make() as it:
        old = await it.present()
        it.state.faults.append(Fault("status", operation=RESET, status=504, apply=applies))
        found = await replace_link(it.api_of, old, it.links, venue_id=VENUE)
        assert not found.taken
        assert isinstance(found.failure, Unavailable)
        assert found.proved is applies
        assert (found.new is not None, found.old_refused) == (applies, applies)
        assert it.count(RESET) == 1
        assert len(it.waits) == (1 if applies else len(link_replacement.WAITS))


async def test_a_refused_reset_is_looked_for_twice(make):
    async with make() as it:
        old = await it.present()
        it.state.faults.append(Fault("status", operation=RESET, status=400))
        found = await replace_link(it.api_of, old, it.links, venue_id=VENUE)
        assert isinstance(found.failure, Rejected)
        assert (found.taken, found.proved) == (False, False)
        assert it.waits == [0, 1]
        assert it.code == HOME.secret


async def test_a_reset_that_was_surely_not_sent_is_an_error(make):
    async with make() as it:
        old = await it.present()
        it.state.faults.append(Fault("status", operation=RESET, status=429))
        error = await failure(replace_link(it.api_of, old, it.links, venue_id=VENUE))
        assert isinstance(error, TooBusy)
        assert it.waits == []


async def test_with_a_link_that_is_dead_nothing_is_sent(make):
    async with make() as it:
        old = dataclasses.replace(PASTED, code="no such code")
        assert isinstance(await failure(replace_link(it.api_of, old)), NotSignedIn)
        assert it.count(RESET) == 0


async def test_with_the_link_of_another_home_nothing_is_sent(make):
    async with make() as it:
        old = dataclasses.replace(PASTED, code=OTHER.secret)
        with pytest.raises(OtherUnit):
            await replace_link(it.api_of, old)
        assert it.count(RESET) == 0


async def test_a_link_that_is_known_to_open_another_unit_is_taken_at_its_word(make):
    async with make() as it:
        old = dataclasses.replace(PASTED, unit_id="by-another-id", other_unit_id=HOME.unit_guid)
        assert (await replace_link(it.api_of, old)).old_refused


async def test_what_cannot_be_asked_is_asked_again(make):
    async with make() as it:
        old = await it.present()
        for _ in range(3):
            it.state.faults.append(Fault("status", operation="fetchUnit", status=500))
        found = await replace_link(it.api_of, old, it.links, venue_id=VENUE)
        assert found.new is not None
        assert it.waits == [0, 1, 2, 3]


async def test_all_looks_together_are_bounded(make, monkeypatch):
    async with make(link_lag=60) as it:
        monkeypatch.undo()
        found = await replace_link(it.api_of, PASTED, patience=0.05)
        assert (found.taken, found.old_refused) == (True, False)
        assert it.count("residentLogin") == 2


async def test_the_style_of_the_token_is_known_before_the_reset_is_sent(make):
    async with make(token_style="bare") as it:
        found = await replace_link(it.api_of, PASTED)
        assert found.taken
        assert it.count(RESET) == 1


# Later


async def test_a_pasted_link_is_refused_or_not(make):
    async with make() as it:
        assert not await is_refused(it.api_of, HOME.property_id, HOME.secret)
        assert await is_refused(it.api_of, HOME.property_id, "no such code")


async def test_a_link_that_nobody_can_try_is_neither_refused_nor_not():
    upstream = Upstream(
        "http://vendor", transport=httpx.MockTransport(Answers(httpx.Response(500)))
    )

    def api_of(property_id, token):
        return ResidentApi(upstream, property_id=property_id, token=token)

    with pytest.raises(Unavailable):
        await is_refused(api_of, PROPERTY, "code")
