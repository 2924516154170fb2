"""The whole client against the whole sandbox."""

import contextlib

import httpx
import pytest

from ruckus.errors import NotFound, NotSignedIn, Rejected
from ruckus.resident import ResidentApi
from ruckus.resident_types import Contact
from ruckus.wire import Upstream
from sandbox import seeds
from sandbox.app import create_app

from .test_resident import CALLS


@contextlib.asynccontextmanager
async def sandbox(**switches):
    """A fresh sandbox, and the Upstream that reaches it."""
    app = create_app()
    for name, value in switches.items():
        setattr(app.state.sandbox.switches, name, value)
    upstream = Upstream("http://sandbox", transport=httpx.ASGITransport(app))
    yield app.state.sandbox, upstream
    await upstream.aclose()


async def signed_in(upstream, home):
    stranger = ResidentApi(upstream, property_id=home.property_id)
    login = await stranger.log_in(home.secret)
    return ResidentApi(upstream, property_id=home.property_id, token=login.token)


@pytest.mark.parametrize(
    "switches", [{}, {"nulls": True}, {"dashless": True}], ids=["plain", "nulls", "dashless"]
)
async def test_a_resident_can_do_all_sixteen_operations(switches):
    home = seeds.homes()[0]
    async with sandbox(**switches) as (state, upstream):
        stranger = ResidentApi(upstream, property_id=home.property_id)
        await stranger.fetch_access()
        assert await stranger.fetch_styles()
        assert (await stranger.fetch_favicon()).startswith(b"\x89PNG")
        api = await signed_in(upstream, home)
        await api.fetch_property()
        await api.fetch_ui_configuration()
        assert (await api.fetch_file("logo")).startswith(b"\x89PNG")
        unit = await api.fetch_unit()
        await api.update_unit(unit.number, Contact(name="New Name", email="n@example.com"))
        expected = None if switches.get("nulls") else "New Name"
        assert (await api.fetch_unit()).contact.name == expected
        users = await api.fetch_unit_users()
        assert (await api.query_unit_users()).users == users
        assert len(users) == 4
        for user in users:
            assert (await api.fetch_unit_user(user.id)).id == user.id
            await api.update_unit_user(user)
        devices = await api.fetch_unit_devices("UNIT")
        assert await api.fetch_unit_devices("GUEST") is not None
        await api.remove_unit_device(devices[0].mac_address)
        with pytest.raises(NotFound):
            await api.remove_unit_device(devices[0].mac_address)
        left = {user.id: await api.fetch_user_devices(user.id) for user in users}
        user_id, found = next((user, found) for user, found in left.items() if found)
        await api.remove_user_device(user_id, found[0].id)
        assert len(await api.fetch_user_devices(user_id)) == len(found) - 1

    assert {call["operation"] for call in state.calls} == CALLS.keys()


async def test_a_new_passphrase_can_be_read_back():
    async with sandbox() as (_, upstream):
        api = await signed_in(upstream, seeds.homes()[0])
        user = (await api.fetch_unit_users())[0]
        await api.update_unit_user(
            type(user)(
                **{name: getattr(user, name) for name in user.__struct_fields__}
                | {"passphrase": ""}
            )
        )

        assert (await api.fetch_unit_user(user.id)).passphrase not in (None, "", user.passphrase)


async def test_refusals_are_the_errors_that_they_are():
    home = seeds.homes()[0]
    async with sandbox() as (_, upstream):
        stranger = ResidentApi(upstream, property_id=home.property_id)
        with pytest.raises(NotSignedIn):
            await stranger.log_in("wrong")
        with pytest.raises(NotSignedIn):
            await stranger.fetch_unit()
        api = await signed_in(upstream, home)
        with pytest.raises(NotFound):
            await api.fetch_unit_user("0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11")
        with pytest.raises(Rejected) as caught:
            await api.update_unit("2338", Contact(name="x", email="x" * 300))

    assert caught.value.errors
