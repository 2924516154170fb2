"""In which style a token is sent, and how the right one is found out."""

import httpx
import pytest

from ruckus.authorization import TokenStyle, UnitToken
from ruckus.errors import NotSignedIn
from ruckus.resident import ResidentApi
from ruckus.resident_types import Contact
from ruckus.wire import Upstream
from sandbox.app import create_app
from sandbox.seeds import homes
from sandbox.state import State

HOME = homes()[0]
BEARER, BARE = TokenStyle.BEARER, TokenStyle.BARE


class World:
    """A sandbox, an Upstream in front of it, and the operations that it was asked for."""

    def __init__(self, fixed: TokenStyle | None = None, **switches: object) -> None:
        self.state = State()
        for name, value in switches.items():
            setattr(self.state.switches, name, value)
        transport = httpx.ASGITransport(create_app(self.state))
        self.upstream = Upstream("http://sandbox", transport=transport, token_style=fixed)

    async def token(self) -> UnitToken:
        login = await self.api(None).log_in(HOME.secret)
        return UnitToken(login.token)

    def api(self, token: UnitToken | None) -> ResidentApi:
        return ResidentApi(self.upstream, property_id=HOME.property_id, token=token)

    def asked(self, operation: str) -> int:
        return sum(call["operation"] == operation for call in self.state.calls)


@pytest.mark.parametrize("style", TokenStyle)
async def test_the_first_read_finds_out_the_style(style):
    world = World(token_style=style.value)
    token = await world.token()
    unit = await world.api(token).fetch_unit()
    assert unit.number == HOME.unit.number
    assert token.style is style
    assert world.asked("residentFetchUnit") == (1 if style is BEARER else 2)


async def test_what_worked_here_is_the_first_guess_for_the_next_token():
    world = World(token_style="bare")
    await world.api(await world.token()).fetch_unit()
    world.state.calls.clear()
    await world.api(await world.token()).fetch_unit()
    assert world.asked("residentFetchUnit") == 1


async def test_after_a_switch_of_style_new_tokens_are_taken_in_the_new_one():
    world = World()
    old = await world.token()
    await world.api(old).fetch_unit()
    world.state.switches.token_style = "bare"
    new = await world.token()
    await world.api(new).fetch_unit()
    assert (old.style, new.style) == (BEARER, BARE)


async def test_a_token_that_was_taken_before_is_not_tried_in_the_other_style():
    world = World()
    token = await world.token()
    await world.api(token).fetch_unit()
    world.state.switches.token_style = "bare"
    world.state.calls.clear()
    with pytest.raises(NotSignedIn):
        await world.api(token).fetch_unit()
    assert world.asked("residentFetchUnit") == 1


async def test_a_write_is_never_sent_in_another_style():
    world = World(token_style="bare")
    with pytest.raises(NotSignedIn):
        await world.api(await world.token()).update_unit(HOME.unit.number, Contact("Ada"))
    assert world.asked("residentEditUnit") == 1


async def test_two_reads_at_once_both_find_out():
    world = World(token_style="bare")
    api = world.api(await world.token())
    first = await api.fetch_unit_users()
    token = await world.token()
    world.upstream.learn(UnitToken("of another home"), BEARER)
    one, other = world.api(token), world.api(token)
    # The second read comes back refused when the first has already found out.
    assert world.upstream.style_of(token) is BEARER
    await one.fetch_unit()
    assert world.upstream.may_differ(token, BEARER)
    assert await other.fetch_unit_users() == first


async def test_a_dead_token_is_refused_after_both_styles():
    world = World()
    with pytest.raises(NotSignedIn):
        await world.api(UnitToken("of-nobody")).fetch_unit()
    assert world.asked("residentFetchUnit") == 2


@pytest.mark.parametrize("fixed", TokenStyle)
async def test_a_fixed_style_is_the_only_one(fixed):
    world = World(fixed, token_style=fixed.other.value)
    with pytest.raises(NotSignedIn):
        await world.api(await world.token()).fetch_unit()
    assert world.asked("residentFetchUnit") == 1
    world.state.switches.token_style = fixed.value
    # Whatever a session from other times says.
    assert await world.api(UnitToken((await world.token()).value, fixed.other)).fetch_unit()


@pytest.mark.parametrize("style", TokenStyle)
async def test_a_token_that_brings_its_own_bearer_is_sent_as_it_is(style):
    world = World(token_style=style.value, token_prefix="Bearer ")
    token = await world.token()
    await world.api(token).fetch_unit()
    assert world.asked("residentFetchUnit") == 1
    assert token.style is None
    with pytest.raises(NotSignedIn):
        await world.api(UnitToken("Bearer of-nobody")).fetch_unit()
    assert world.asked("residentFetchUnit") == 2


async def test_the_longest_token_is_taken():
    world = World(token_length=32_000)
    token = await world.token()
    assert len(token.value) == 32_000
    await world.api(token).fetch_unit()


def test_a_token_stays_out_of_its_repr():
    assert "s3cret" not in repr(UnitToken("s3cret"))
