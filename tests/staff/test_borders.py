"""Whoever may not do something can't, whatever they send: each deed is tried as it would work.

A deed is what a form of a page would send, with ids that are there. The right member does it, so
that it is known to work; then who has no right to it sends the same, and nothing moves.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from common.homes import home_mark, link_mark
from common.property.ids import bare_id
from sandbox.management import wire
from sandbox.management.accounts import ADMINISTRATOR, DELEGATE, LANDLORD
from sandbox.state import State
from staff import urls
from staff.handover import move_out as moving
from staff.links.email import planned
from staff.models import Home, Job, LinkReplacement, MoveOut, Property
from tests.staff.conftest import ConnectedBuilding, add_member

Body = dict[str, Any]

# How a property looks is told to everybody, and colors the pages of error, too.
FOR_ALL = {"getTenantPortalAccess", "getPropertyStyles", "downloadFavicons"}


@dataclass
class Ground:
    """The building that is attacked, and another property with a home that is the attacker's own."""

    building: ConnectedBuilding
    home: Home
    move_out: MoveOut
    person: User
    own: Property
    own_home: Home

    @property
    def values(self) -> dict[str, Any]:
        """What addresses name."""
        return {
            "property_id": self.building.property.id,
            "unit_id": self.home.unit_id,
            "number": 1,
            "user_id": self.person.pk,
        }

    @property
    def code(self) -> str:
        return self.building.unit(self.home.name).access_code

    async def everything(self) -> list[Any]:
        """What is stored, and what the vendor was asked about the building."""
        place = self.building.property.id
        calls = [
            (call["operation"], call["path"])
            for call in self.building.sandbox.state.calls
            if place in bare_id(call["path"]) and call["operation"] not in FOR_ALL
        ]
        return [await sync_to_async(stored)(), calls]


def stored() -> dict[str, list[Any]]:
    models = [
        *apps.get_app_config("staff").get_models(),
        *apps.get_app_config("common").get_models(),
    ]
    left_out = {"session", "knownproperty"}
    found = {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in models
        if model._meta.model_name not in left_out
    }
    people = User.objects.order_by("pk").values("pk", "password", "groups", "properties")
    return found | {"people": list(people)}


async def ground_of(building: ConnectedBuilding, deed: str) -> Ground:
    home = await building.home("102")
    if deed == "replaced":
        former = link_mark(home_mark(building.property.id, home.unit_id), "another code")
        await LinkReplacement.objects.acreate(
            home=home, number=1, former=former, answer="taken", ended=timezone.now()
        )
    kinds = {"stop-check": Job.Kind.CHECK_LINKS, "stop-email": Job.Kind.EMAIL}
    if kind := kinds.get(deed):
        await Job.objects.acreate(property=building.property, kind=kind, state="running")
    # The deed that begins a move-out would only lead to the one that is there.
    begun = home if deed != "move-out" else await building.home("103")
    users = [(moving.CONTACT, ""), (moving.LINK, ""), (moving.OLD_LINK, ""), (moving.LETTER, "")]
    member = await add_member("mover@example.com", "owner")
    move_out = await sync_to_async(moving.write_down)(begun, moving.Member(member, True), users)
    state: State = building.sandbox.state
    place = next(each for each in state.properties.values() if each.name != building.property.name)
    unit = next(each for each in state.units.values() if each.property_id == place.id)
    own = await Property.objects.acreate(
        id=bare_id(place.id),
        account=building.account,
        venue_id=wire.venue_id(place),
        name=place.name,
    )
    return Ground(
        building,
        home,
        move_out,
        await add_member("seven@example.com", "manager"),
        own,
        await own.homes.acreate(unit_id=unit.guid, mark="own", name=unit.number, sort_key="1"),
    )


async def homes(ground: Ground) -> Body:
    return {"homes": str(ground.home.pk)}


async def confirmed(ground: Ground) -> Body:
    plan = await planned(ground.building.property, [ground.home], again=False)
    return {"homes": str(ground.home.pk), "confirmed": plan.mark}


async def ticked(ground: Ground) -> Body:
    return {"do": "email", "unit": [ground.home.unit_id]}


async def from_file(ground: Ground) -> Body:
    given = msgspec.json.encode([(ground.home.pk, [ground.code])]).decode()
    return {"given": given, "do": "show"}


def sends(**body: str) -> Callable[[Ground], Awaitable[Body]]:
    async def made(ground: Ground) -> Body:
        return {
            name: value.format(code=ground.code, number=ground.home) for name, value in body.items()
        }

    return made


# What a manager of the building may do there.
OF_A_PROPERTY = {
    "read-homes": sends(),
    "check": sends(),
    "stop-check": sends(),
    "set-up": sends(),
    "link": sends(do="show"),
    "selection": ticked,
    "letters": homes,
    "cards": homes,
    "email": confirmed,
    "stop-email": sends(),
    "ruckus-message": homes,
    "from-file": from_file,
    "replace": sends(number="1"),
    "replaced": sends(do="old", pasted="{code}"),
    "move-out": sends(number="{number}"),
    "move-out-step": sends(),
    "close-move-out": sends(),
}
# What owners alone may do.
OF_OWNERS = {
    "export": homes,
    "add-person": sends(email="new@example.com", name="New", role="owner"),
    "role": sends(role="owner"),
    "give-property": sends(),
    "take-property": sends(),
    "new-link": sends(sure="yes"),
    "remove-person": sends(sure="yes"),
    "connect": sends(
        name="Another",
        region="na",
        tenant=DELEGATE.tenant_id,
        client=DELEGATE.client_id,
        secret=DELEGATE.client_secret,
        delegated=LANDLORD,
    ),
    "new-token": sends(client=ADMINISTRATOR.client_id, secret=ADMINISTRATOR.client_secret),
    "test-account": sends(),
    "account-properties": sends(),
    "disconnect": sends(),
}
EVERY = OF_A_PROPERTY | OF_OWNERS
# Those that name no more than the property.
ALL_OF_IT = {"read-homes", "check", "stop-check", "set-up", "stop-email"}
# What each may do for itself, and what shows something and does nothing.
OTHERS = {
    *("sign-in", "code", "recovery", "sign-out", "welcome", "password"),
    *("me", "new-password", "authenticator", "recovery-codes"),
    *("home", "homes", "residents", "set-up-all", "one-home", "moving-out", "logo"),
    *("people", "person", "accounts", "account", "audit", "audit-csv"),
}


def converters(name: str) -> list[str]:
    pattern = next(each for each in urls.urlpatterns if each.name == name)
    return re.findall(r"<\w+:(\w+)>", str(pattern.pattern))


def address(ground: Ground, name: str, **other: Any) -> str:
    account = ground.building.account.pk
    values = ground.values | {"pk": account if name in OF_OWNERS else ground.move_out.pk} | other
    return reverse(f"staff:{name}", kwargs={each: values[each] for each in converters(name)})


async def send(browser: Any, path: str, body: Body) -> int:
    """Send it as if the form had its token, and read all of the answer."""
    browser.client.handler.enforce_csrf_checks = False
    return int((await browser.send("POST", path, body)).status)


@pytest.fixture(autouse=True)
def mail(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:9"


def test_each_address_is_tried_that_does_something():
    assert set(EVERY) | OTHERS == {pattern.name for pattern in urls.urlpatterns}
    assert not set(EVERY) & OTHERS


@pytest.mark.parametrize("deed", EVERY)
async def test_who_may_do_it_can(staff, building, deed):
    """If this fails, the tests below try something that would not work for anybody."""
    ground = await ground_of(building, deed)
    if deed == "take-property":
        await building.property.managers.aadd(ground.person)
    body = await EVERY[deed](ground)
    role = ["owner"] if deed in OF_OWNERS else ["manager", building.property]
    browser = await staff(*role)
    before = await ground.everything()
    assert await send(browser, address(ground, deed), body) in (200, 302)
    assert await ground.everything() != before


@pytest.mark.parametrize("deed", EVERY)
async def test_a_manager_of_another_property_can_not(staff, building, deed):
    ground = await ground_of(building, deed)
    if deed == "take-property":
        await building.property.managers.aadd(ground.person)
    body = await EVERY[deed](ground)
    browser = await staff("manager", ground.own)
    before = await ground.everything()
    assert await send(browser, address(ground, deed), body) == 404
    assert await ground.everything() == before


@pytest.mark.parametrize("deed", OF_OWNERS)
async def test_a_manager_of_the_property_can_not_do_what_owners_do(staff, building, deed):
    ground = await ground_of(building, deed)
    body = await EVERY[deed](ground)
    browser = await staff("manager", building.property)
    before = await ground.everything()
    assert await send(browser, address(ground, deed), body) == 404
    assert await ground.everything() == before


@pytest.mark.parametrize("deed", [deed for deed in OF_A_PROPERTY if deed not in ALL_OF_IT])
async def test_nothing_foreign_can_be_reached_below_ones_own_property(staff, building, deed):
    """The address begins with one's own property; home, numbers and body are another's."""
    ground = await ground_of(building, deed)
    body = await EVERY[deed](ground)
    browser = await staff("manager", ground.own)
    before = await ground.everything()
    status = await send(browser, address(ground, deed, property_id=ground.own.id), body)
    assert status in ((404,) if "unit_id" in converters(deed) else (200, 302, 400, 409))
    assert await ground.everything() == before


@pytest.mark.parametrize("deed", ["move-out-step", "close-move-out"])
async def test_nor_a_move_out_below_ones_own_home(staff, building, deed):
    ground = await ground_of(building, deed)
    browser = await staff("manager", ground.own)
    own = {"property_id": ground.own.id, "unit_id": ground.own_home.unit_id}
    before = await ground.everything()
    for body in ({}, {"number": "1"}):
        assert await send(browser, address(ground, deed, **own), body) == 404
    assert await ground.everything() == before


async def test_nor_a_move_out_of_another_home_of_the_same_building(staff, building):
    ground = await ground_of(building, "close-move-out")
    browser = await staff("manager", building.property)
    neighbour = (await building.home("104")).unit_id
    before = await ground.everything()
    assert await send(browser, address(ground, "close-move-out", unit_id=neighbour), {}) == 404
    assert await ground.everything() == before
