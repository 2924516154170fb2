"""Sessions against made-up cookies, other keys, and what happens elsewhere meanwhile."""

import io

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import override_settings

from common import keys
from common.models import Session
from sandbox import seeds
from tests.residents.browser import Browser
from tests.residents.conftest import seeded
from tests.residents.pages import user_of

HOME = seeded("full branding")
OTHER = seeded("no portal profile")
WELCOME = "Use the link from your building"


def with_cookie(value: str) -> Browser:
    browser = Browser()
    browser.client.cookies[django_settings.SESSION_COOKIE_NAME] = value
    return browser


async def test_a_cookie_that_a_stranger_made_up_is_never_taken_over(sandbox):
    made_up = "a" * 32
    browser = with_cookie(made_up)
    assert (await browser.sign_in(HOME)).status == 200
    assert browser.cookie != made_up
    assert (await with_cookie(made_up).get("/")).heading == WELCOME


async def test_staff_end_all_sessions_with_one_command(resident, monkeypatch):
    browser = await resident()
    stored = await Session.objects.aget()
    await sync_to_async(call_command)("rekey", "--anew", stdout=io.StringIO())
    assert (await browser.get("/contact/")).status == 401
    # Nor does one come back that Redis, or a backup, still has: homes have other marks now.
    await stored.asave(force_insert=True)
    monkeypatch.setattr(keys, "digest_secret", "")
    assert (await browser.get("/contact/")).status == 401


async def test_a_property_that_is_no_longer_served_is_closed_to_who_was_signed_in(resident):
    browser, other = await resident(), await resident("no portal profile")
    with override_settings(ALLOWED_PROPERTIES=frozenset({OTHER.property_id})):
        assert (await browser.get("/contact/")).status == 401
        assert (await other.get("/contact/")).status == 200


@pytest.mark.parametrize("action", ["reset", "choose"])
async def test_signing_out_elsewhere_while_a_passphrase_is_written_is_no_mistake(
    resident, sandbox, monkeypatch, action
):
    browser = await resident()
    user = user_of(HOME, "unit")
    path = f"/wifi/unit/{user.id}/{action}/"
    button = {"reset": "Reset passphrase", "choose": "Save passphrase"}[action]
    typed = {"passphrase": "a new passphrase"} if action == "choose" else {}
    page = await browser.get(path)

    from ruckus.resident import ResidentApi

    fetch = ResidentApi.fetch_unit_user

    async def meanwhile(self: ResidentApi, user_id: str) -> object:
        await Session.objects.all().adelete()
        return await fetch(self, user_id)

    monkeypatch.setattr(ResidentApi, "fetch_unit_user", meanwhile)
    view = await browser.submit(page, button, **typed)
    assert view.status == 401
    assert "You’re signed out" in view.words
    assert "updateUnitUser" not in sandbox.calls()
    assert not browser.cookie


def signed_cookies_of(home: seeds.Home) -> set[str]:
    return {home.secret, *(user.passphrase or "-" for user in home.unit.users)}


async def test_no_cookie_holds_anything_of_a_home(resident):
    browser = await resident()
    user = user_of(HOME, "linked")
    form = await browser.get(f"/people/{user.id}/contact/")
    await browser.submit(form, "Save contact details", name="Somebody")
    values = " ".join(morsel.value for morsel in browser.client.cookies.values())
    assert "messages" in browser.client.cookies
    for secret in signed_cookies_of(HOME) | {user.email or "-", "Somebody", user.id}:
        assert secret not in values
