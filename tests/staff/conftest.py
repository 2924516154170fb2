"""Staff's pages over the whole sandbox, in one process."""

from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import alogin
from django.contrib.auth.models import Group, User
from django.test import AsyncRequestFactory

from staff.models import Property
from staff.session import StaffSessionStore

# The whole portal over the whole sandbox is what residents' tests have.
from tests.residents.conftest import Sandbox, forgotten, sandbox, sandbox_app  # noqa: F401
from tests.staff.browser import StaffBrowser

SignIn = Callable[..., Awaitable[StaffBrowser]]


@sync_to_async
def add_member(email: str, role: str, properties: tuple[Property, ...] = ()) -> User:
    """A member of staff who has set up everything."""
    user = User.objects.create_user(email, email, first_name=email.partition("@")[0].title())
    user.groups.add(Group.objects.get(name=role))
    for each in properties:
        each.managers.add(user)
    return user


@pytest.fixture
def stranger(sandbox: Sandbox) -> StaffBrowser:  # noqa: F811
    """A browser in which no member of staff is signed in."""
    return StaffBrowser()


@pytest.fixture
def staff(sandbox: Sandbox) -> SignIn:  # noqa: F811
    """Makes browsers of members of staff who have signed in with both factors."""

    async def sign_in(
        role: str = "owner", *properties: Property, email: str | None = None
    ) -> StaffBrowser:
        user = await add_member(email or f"{role}@example.com", role, properties)
        request = AsyncRequestFactory().get("/staff/")
        request.session = StaffSessionStore()
        await alogin(request, user)
        await request.session.aset("second_factor", True)
        await request.session.asave()
        browser = StaffBrowser()
        browser.client.cookies[settings.STAFF_COOKIE_NAME] = request.session.cookie_value
        return browser

    return sign_in
