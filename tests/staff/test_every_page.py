"""The same questions for every page of staff's, those that are yet to come among them.

The addresses are read from staff.urls. Ids in them are made up, or those of a property, a home and a
person that are there.
"""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import AsyncClient
from django.urls import URLPattern

from staff import urls
from staff.models import AuditEntry, Home, Property, RuckusAccount
from tests.residents.browser import Browser
from tests.residents.conftest import seeded
from tests.staff.conftest import PASSWORD, add_member, code_of_the_app

VENUE = "3098b445-38af-5850-babe-972f4cae43e6"
PROPERTY, UNIT, PERSON = VENUE.replace("-", ""), "unit-1", 7
# What who is not signed in may open: each of these leads nowhere without password and code.
OPEN = {"sign-in", "code", "recovery", "sign-out", "welcome"}
# What is there for every member of staff, without a property.
FOR_ALL = {"me", "new-password", "authenticator", "recovery-codes", "password"}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def patterns() -> Iterator[URLPattern]:
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern), "an include: walk into it"
        assert pattern.name, pattern.pattern
        yield pattern


VALUES = {"property_id": PROPERTY, "unit_id": UNIT, "user_id": str(PERSON), "token": "A" * 43}


def address(pattern: URLPattern) -> str:
    """An address of the pattern: what `place` makes is there, any other number is 1."""
    route = re.sub(r"<\w+:(\w+)>", lambda found: VALUES.get(found[1], "1"), str(pattern.pattern))
    return settings.STAFF_PATH + route


ALL = {str(pattern.name): address(pattern) for pattern in patterns()}
GUARDED = {name: path for name, path in ALL.items() if name not in OPEN}
OF_A_PROPERTY = {name: path for name, path in ALL.items() if f"/p/{PROPERTY}/" in path}


def each(addresses: dict[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", addresses.values(), ids=addresses.keys())


async def place() -> Property:
    """The property, home and person that the addresses name."""
    account = await RuckusAccount.objects.acreate(
        name="Harbor", region="na", tenant_id="tenant", encrypted=""
    )
    found = await Property.objects.acreate(
        id=PROPERTY, account=account, venue_id=VENUE, name="Harbor Line"
    )
    await Home.objects.acreate(property=found, unit_id=UNIT, mark="m", name="Unit 1", sort_key="1")
    await User.objects.acreate_user("seven@example.com", id=PERSON)
    return found


def test_names_of_pages_are_all_different():
    assert len(ALL) == len(urls.urlpatterns)


@each(GUARDED)
@pytest.mark.parametrize("method", METHODS)
async def test_a_stranger_opens_nothing(stranger, path, method):
    await place()
    client = AsyncClient(enforce_csrf_checks=False)
    response = await getattr(client, method.lower())(path)
    if response.status_code == 302:
        assert response.headers["Location"].startswith("/staff/sign-in/")
    else:
        # One that takes no such method says no more than that.
        assert response.status_code in (404, 405)
        assert "Harbor" not in response.content.decode()
    assert settings.STAFF_COOKIE_NAME not in response.cookies


@each(GUARDED)
async def test_a_password_alone_opens_nothing(stranger, path):
    await place()
    await add_member("dana@example.com", "owner")
    page = await stranger.get("/staff/sign-in/")
    view = await stranger.submit(page, "Continue", email="dana@example.com", password=PASSWORD)
    assert view.location == "/staff/sign-in/code/"
    assert stranger.cookie
    for method in ("GET", "POST"):
        client = stranger.client if method == "GET" else without_csrf(stranger)
        response = await getattr(client, method.lower())(path)
        assert response.status_code in (302, 404, 405)
        if response.status_code == 302:
            assert response.headers["Location"].startswith("/staff/sign-in/")


def without_csrf(browser: Browser) -> AsyncClient:
    """The browser, as if every form had the right token."""
    client = AsyncClient(enforce_csrf_checks=False)
    client.cookies = browser.client.cookies
    return client


@each(GUARDED)
async def test_a_manager_without_properties_reaches_nothing_of_one(staff, path, request):
    await place()
    name = request.node.callspec.id
    browser = await staff("manager")
    for method in ("GET", "POST"):
        client = without_csrf(browser)
        response = await getattr(client, method.lower())(path)
        if path in OF_A_PROPERTY.values():
            assert response.status_code in (404, 405)
        assert response.status_code < 500
        body = (
            b"".join([part async for part in response]) if response.streaming else response.content
        )
        assert b"Harbor" not in body
        assert b"seven@example.com" not in body
        if name not in FOR_ALL:
            assert b"unit-1" not in body
    assert not await AuditEntry.objects.filter(property_id=PROPERTY).aexists()
    assert not await AuditEntry.objects.filter(what__startswith="account").aexists()
    assert await User.objects.acount() == 2


@each(OF_A_PROPERTY)
async def test_a_manager_of_another_property_reaches_nothing_of_this_one(staff, path):
    found = await place()
    other = await Property.objects.acreate(
        id="5" * 32, account=found.account, venue_id="5" * 32, name="Lake View"
    )
    browser = await staff("manager", other)
    for method in ("GET", "POST"):
        response = await getattr(without_csrf(browser), method.lower())(path)
        assert response.status_code in (404, 405)
        assert "Harbor" not in response.content.decode()
    # Nor does a home of another property lie below one's own.
    swapped = path.replace(PROPERTY, other.pk)
    if UNIT in swapped:
        for method in ("GET", "POST"):
            response = await getattr(without_csrf(browser), method.lower())(swapped)
            assert response.status_code in (404, 405)


@each(GUARDED)
async def test_no_form_without_its_token_is_taken(staff, path):
    await place()
    browser = await staff()
    before = await AuditEntry.objects.acount(), await User.objects.acount()
    client = AsyncClient(enforce_csrf_checks=True)
    client.cookies = browser.client.cookies
    response = await client.post(path, {"sure": "yes", "role": "owner", "password": "x"})
    assert response.status_code in (403, 404, 405)
    assert (await AuditEntry.objects.acount(), await User.objects.acount()) == before


@each(ALL)
async def test_no_page_of_staff_is_kept_anywhere(staff, path):
    await place()
    browser = await staff()
    view = await browser.get(path)
    assert view.status < 500
    assert "no-store" in view.headers["Cache-Control"]
    assert "Harbor" not in view.headers.get("Location", "")


@each(ALL)
async def test_a_residents_session_is_nothing_to_staff(sandbox, path):
    await place()
    browser = Browser()
    await browser.sign_in(seeded("full branding"))
    assert browser.cookie
    name = settings.STAFF_COOKIE_NAME
    browser.client.cookies[name] = browser.cookie
    view = await browser.client.get(path)
    assert view.status_code in (302, 200, 404, 405, 410)
    if path in GUARDED.values() and view.status_code != 404:
        assert view.status_code in (302, 405)
    # What is none of staff's is thrown away, and the resident stays signed in.
    assert (await browser.get("/")).status == 200


@pytest.mark.parametrize("path", ["/", "/contact/", "/devices/"])
async def test_a_session_of_staff_is_nothing_to_residents(staff, path):
    browser = await staff()
    visitor = Browser()
    visitor.client.cookies[settings.SESSION_COOKIE_NAME] = browser.cookie
    view = await visitor.get(path)
    nobody = await Browser().get(path)
    assert (view.status, view.heading) == (nobody.status, nobody.heading)
    assert "Unit" not in view.words


async def test_the_cookie_is_for_this_host_and_no_script(stranger, settings):
    settings.SESSION_COOKIE_SECURE = True
    await add_member("dana@example.com", "owner")
    page = await stranger.get("/staff/sign-in/")
    before = await stranger.submit(page, "Continue", email="dana@example.com", password=PASSWORD)
    page = await stranger.follow(before)
    after = await stranger.submit(page, "Sign in", code=code_of_the_app())
    cookies = [each.response.cookies for each in (before, after)]
    known = cookies[1][settings.STAFF_KNOWN_COOKIE_NAME]
    for morsel in (*(each[settings.STAFF_COOKIE_NAME] for each in cookies), known):
        assert (morsel["httponly"], morsel["secure"], morsel["samesite"]) == (True, True, "Lax")
        assert (morsel["path"], morsel["domain"]) == ("/", "")
    # Neither is of use for the other, nor names anybody.
    assert "dana" not in str(cookies)
