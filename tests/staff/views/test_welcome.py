"""The one-time link: password and authenticator are set together."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User

from common.keys import STAFF, ring
from staff.door import people, second_factor
from staff.models import Invitation, Person, RecoveryCode
from tests.residents.views.test_connect import decoded
from tests.staff.browser import StaffBrowser
from tests.staff.conftest import PASSWORD, code_of_the_app

EMAIL = "dana@example.com"


async def invite(role: str = "owner") -> str:
    _, token = await people.add(None, EMAIL, "Dana Park", role)
    return f"/staff/welcome/{token}/"


def key_on(page) -> str:
    return page.root.one("code").words.replace(" ", "")


async def test_a_link_sets_up_a_sign_in_that_works(stranger):
    address = await invite()
    page = await stranger.get(address)
    assert (page.heading, EMAIL in page.words) == ("Set up your sign-in", True)
    key = key_on(page)
    assert len(key) == 32
    # The address holds the token.
    assert page.root.one("meta", name="referrer").attrs["content"] == "strict-origin"
    done = await stranger.submit(
        page, "Set up and sign in", password=PASSWORD, code=code_of_the_app(-1, key)
    )
    assert (done.status, done.heading) == (200, "Your recovery codes")
    codes = done.root.one("pre").words.split()
    assert len(set(codes)) == 8
    assert (await stranger.get("/staff/me/")).heading == "Your sign-in"
    person = await Person.objects.aget()
    assert key not in person.encrypted_key
    assert ring(STAFF).decrypt(person.encrypted_key).decode() == key
    for code in codes:
        assert not await RecoveryCode.objects.filter(digest__contains=code).aexists()
    # The link is used up, and the code with which it was.
    other = StaffBrowser()
    assert (await other.get(address)).status == 410
    page = await other.get("/staff/sign-in/")
    page = await other.follow(await other.submit(page, "Continue", email=EMAIL, password=PASSWORD))
    again = await other.submit(page, "Sign in", code=code_of_the_app(-1, key))
    assert again.status == 401
    page = await other.get("/staff/sign-in/recovery/")
    assert (await other.submit(page, "Sign in", code=codes[3])).status == 302


async def test_the_code_that_is_scanned_has_the_key(stranger):
    page = await stranger.get(await invite())
    text = decoded(page.text)
    parts = urlsplit(text)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query)["secret"] == [key_on(page)]
    assert page.link("Open in the app") == text


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "Enter a new password"),
        ("short", "This password is too short. It must contain at least 12 characters."),
        ("123456789012", "This password is entirely numeric."),
        ("dana@example.com", "The password is too similar to the email address."),
        ("x" * 129, "Password must be 128 characters or fewer"),
    ],
)
async def test_a_password_keeps_to_djangos_rules(stranger, password, said):
    page = await stranger.get(await invite())
    key = key_on(page)
    view = await stranger.submit(
        page, "Set up and sign in", password=password, code=code_of_the_app(0, key)
    )
    assert view.status == 422
    assert said in view.errors
    # The key stays, which is in the app by now.
    assert key_on(view) == key
    assert not await Person.objects.aexists()


async def test_a_wrong_code_sets_nothing_up(stranger):
    page = await stranger.get(await invite())
    view = await stranger.submit(page, "Set up and sign in", password=PASSWORD, code="000000")
    assert (view.status, view.errors) == (422, ["Enter the code that shows now"])
    user = await User.objects.aget()
    assert not user.has_usable_password()
    assert await Invitation.objects.aexists()


@pytest.mark.parametrize("signed", ["", "nonsense", "of somebody else", "old"])
async def test_a_key_that_was_not_offered_is_not_taken(stranger, signed, monkeypatch):
    page = await stranger.get(await invite())
    key = key_on(page)
    if signed == "of somebody else":
        other = await User.objects.acreate_user("erik@example.com")
        signed = second_factor.Offer(other, key).signed
    elif signed == "old":
        signed = second_factor.Offer(await User.objects.aget(), key).signed
        monkeypatch.setattr(second_factor, "OFFERED_SECONDS", -1)
    view = await stranger.submit(
        page, "Set up and sign in", key=signed, password=PASSWORD, code=code_of_the_app(0, key)
    )
    assert view.status == 422
    assert key_on(view) != key
    assert key not in repr(second_factor.Offer(await User.objects.afirst(), key))


@pytest.mark.parametrize("token", ["x", "A" * 43, "%2e%2e"])
async def test_a_wrong_link_says_whom_to_ask(stranger, token):
    view = await stranger.get(f"/staff/welcome/{token}/")
    assert (view.status, view.heading) == (410, "This link doesn’t work any more")
    assert "Ask an owner of this portal for a new one." in view.words


async def test_a_link_that_is_used_meanwhile_sets_nothing_up(stranger, monkeypatch):
    page = await stranger.get(await invite())

    async def used(*args):
        return None

    monkeypatch.setattr(people, "set_up", used)
    view = await stranger.submit(
        page, "Set up and sign in", password=PASSWORD, code=code_of_the_app(0, key_on(page))
    )
    assert view.status == 410
    assert not stranger.cookie
