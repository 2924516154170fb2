"""Staff's pages over the whole sandbox, in one process."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pyotp
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import AsyncRequestFactory

from common.property.ids import bare_id
from ruckus import wire as wires
from ruckus.budget import Quota
from ruckus.management_types import ManagedUnit
from ruckus.resident_types import Listed
from sandbox import seeds
from sandbox.management import building as made_up
from sandbox.management import wire
from sandbox.management.accounts import ADMINISTRATOR, Account
from staff.accounts.api import seal
from staff.door import second_factor, session
from staff.homes.reading import keep
from staff.models import Home, Person, Property, RuckusAccount
from staff.session import StaffSessionStore

# The whole portal over the whole sandbox is what residents' tests have.
from tests.residents.conftest import (  # noqa: F401
    Sandbox,
    forgotten,
    resident,
    sandbox,
    sandbox_app,
)
from tests.staff.browser import StaffBrowser

PASSWORD = "four plain words together"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

SignIn = Callable[..., Awaitable[StaffBrowser]]


@sync_to_async
def add_member(email: str, role: str, properties: tuple[Property, ...] = ()) -> User:
    """A member of staff who has set up everything."""
    name = email.partition("@")[0].title()
    user = User.objects.create_user(email, email, PASSWORD, first_name=name)
    Person.objects.create(user=user, encrypted_key=second_factor.encrypted(KEY))
    user.groups.add(Group.objects.get(name=role))
    for each in properties:
        each.managers.add(user)
    return user


def code_of_the_app(steps: int = 0, key: str = KEY) -> str:
    """What a member's authenticator app shows, now or some steps of 30 seconds later."""
    return pyotp.TOTP(key).at(time.time(), counter_offset=steps)


@pytest.fixture
def stranger(sandbox: Sandbox) -> StaffBrowser:  # noqa: F811
    """A browser in which no member of staff is signed in."""
    return StaffBrowser()


@pytest.fixture
def staff(sandbox: Sandbox) -> SignIn:  # noqa: F811
    """Makes browsers of members of staff who have signed in with both factors.

    Without `typed`, a page that asks for the password again will ask.
    """

    async def sign_in(
        role: str = "owner", *properties: Property, email: str | None = None, typed: bool = True
    ) -> StaffBrowser:
        user = await add_member(email or f"{role}@example.com", role, properties)
        request = AsyncRequestFactory().get("/staff/")
        request.session = StaffSessionStore()
        await session.sign_in(request, user, time.time() if typed else 0.0)
        await request.session.asave()
        browser = StaffBrowser()
        browser.client.cookies[settings.STAFF_COOKIE_NAME] = request.session.cookie_value
        return browser

    return sign_in


@dataclass
class ConnectedBuilding:
    """A property of 300 homes whose account is connected and whose homes have been read."""

    sandbox: Sandbox
    account: RuckusAccount
    property: Property
    units: list[seeds.Unit]
    # The ids of the 12 units without a link.
    without_link: list[str]

    async def home(self, number: str) -> Home:
        """The home with this number, as staff have it."""
        return await self.property.homes.aget(name=number)

    def unit(self, number: str) -> seeds.Unit:
        """The home with this number, as the vendor has it."""
        return next(unit for unit in self.units if unit.number == number)


def connect(stored: Account, region: str = "na") -> RuckusAccount:
    """An account of the sandbox, connected."""
    return RuckusAccount.objects.create(
        name=stored.name,
        region=region,
        tenant_id=stored.tenant_id,
        encrypted=seal(stored.client_id, stored.client_secret),
    )


@pytest.fixture
def building(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> ConnectedBuilding:  # noqa: F811
    """300 homes, numbered 101 and up, 12 a floor; 12 have no link, the last 3 are suspended.

    Bulk reads take turns without waiting for them.
    """
    monkeypatch.setattr(wires, "BULK", Quota(10_000, burst=10_000))
    units = made_up.units(300, suspended=3)
    without = [units[n * 297 // 12].guid for n in range(12)]
    sandbox.state.add_property(replace(made_up.BUILDING), units)
    sandbox.state.management.links |= dict.fromkeys(without)
    account = connect(ADMINISTRATOR)
    place = Property.objects.create(
        id=bare_id(made_up.BUILDING.id),
        account=account,
        venue_id=wire.venue_id(made_up.BUILDING),
        name=made_up.BUILDING.name,
    )
    keep(place, Listed(ManagedUnit(each.guid, each.number, each.status) for each in units))
    return ConnectedBuilding(sandbox, account, place, units, without)
