"""What members of staff change about themselves."""

import pytest
from django.contrib.auth.models import User

from common.keys import STAFF, ring
from staff.audit import What
from staff.models import AuditEntry, Person, RecoveryCode
from tests.staff.browser import StaffBrowser
from tests.staff.conftest import KEY, PASSWORD, code_of_the_app

EMAIL = "owner@example.com"
NEW = "five other plain words here"


async def second_browser(browser: StaffBrowser) -> StaffBrowser:
    """The same person in another browser."""
    other = StaffBrowser()
    page = await other.get("/staff/sign-in/")
    page = await other.follow(await other.submit(page, "Continue", email=EMAIL, password=PASSWORD))
    assert (await other.submit(page, "Sign in", code=code_of_the_app())).status == 302
    return other


async def noted() -> list[str]:
    entries = AuditEntry.objects.filter(what=What.PERSON_CHANGED)
    return [entry.detail async for entry in entries]


async def test_a_new_password_signs_out_everywhere_else(staff):
    browser = await staff()
    other = await second_browser(browser)
    before = browser.cookie
    page = await browser.get("/staff/me/")
    page = await browser.get(page.link("Change password"))
    page = await browser.follow(await browser.submit(page, "Change password", password=NEW))
    assert "Password changed. You’re signed out everywhere else." in page.words
    assert browser.cookie != before
    assert (await other.get("/staff/me/")).status == 302
    assert (await User.objects.aget()).check_password(NEW)
    assert await noted() == [f"{EMAIL}, new password"]


async def test_a_new_password_keeps_to_the_rules(staff):
    browser = await staff()
    page = await browser.get("/staff/me/password/")
    view = await browser.submit(page, "Change password", password="password1234")
    assert view.status == 422
    assert "This password is too common." in view.errors


async def test_another_authenticator_takes_the_place_of_the_first(staff):
    browser = await staff()
    other = await second_browser(browser)
    page = await browser.get("/staff/me/authenticator/")
    key = page.root.one("code").words.replace(" ", "")
    for wrong, said in [
        ("000000", "Enter the code that shows now"),
        ("1", "The code has 6 digits"),
    ]:
        view = await browser.submit(page, "Use this authenticator", code=wrong)
        assert (view.status, view.errors) == (422, [said])
        assert view.root.one("code").words.replace(" ", "") == key
    person = await Person.objects.aget()
    assert ring(STAFF).decrypt(person.encrypted_key).decode() == KEY
    view = await browser.submit(page, "Use this authenticator", code=code_of_the_app(0, key))
    page = await browser.follow(view)
    assert "Your new authenticator works." in page.words
    person = await Person.objects.aget()
    assert ring(STAFF).decrypt(person.encrypted_key).decode() == key
    assert (await other.get("/staff/me/")).status == 302
    assert await noted() == [f"{EMAIL}, new authenticator"]


async def test_new_recovery_codes_take_the_place_of_the_old(staff):
    browser = await staff()
    page = await browser.get("/staff/me/")
    assert "0 codes are left." in page.words
    first = await browser.submit(page, "Make new recovery codes")
    assert (first.status, first.heading) == (200, "Your recovery codes")
    old = {code.digest async for code in RecoveryCode.objects.all()}
    await browser.submit(page, "Make new recovery codes")
    new = {code.digest async for code in RecoveryCode.objects.all()}
    assert (len(old), len(new), old & new) == (8, 8, set())
    assert "8 codes are left." in (await browser.get("/staff/me/")).words
    assert await noted() == [f"{EMAIL}, new recovery codes"] * 2


@pytest.mark.parametrize("page", ["password/", "authenticator/"])
async def test_the_password_is_asked_again(staff, page):
    browser = await staff(typed=False)
    view = await browser.get(f"/staff/me/{page}")
    assert view.location == f"/staff/password/?next=%2Fstaff%2Fme%2F{page[:-1]}%2F"


async def test_codes_are_shown_after_the_password_was_asked(staff):
    browser = await staff(typed=False)
    asked = await browser.submit(await browser.get("/staff/me/"), "Make new recovery codes")
    assert asked.heading == "Enter your password"
    assert not await RecoveryCode.objects.aexists()
    shown = await browser.submit(asked, "Continue", password_again=PASSWORD)
    assert shown.heading == "Your recovery codes"
    assert await RecoveryCode.objects.acount() == 8
