"""Staff's pages over the whole sandbox, in one process."""

import time
from collections.abc import Awaitable, Callable

import pyotp
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import AsyncRequestFactory

from staff.door import second_factor, session
from staff.models import Person, Property
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
