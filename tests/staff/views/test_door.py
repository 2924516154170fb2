"""In by password and code, and out again."""

import asyncio
import time
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse

from common import throttle
from common.models import Session
from staff.audit import What
from staff.door import attempts, passwords, second_factor, session
from staff.models import AuditEntry, Person, RecoveryCode
from tests.residents.browser import View
from tests.staff.browser import StaffBrowser
from tests.staff.conftest import PASSWORD, add_member, code_of_the_app

EMAIL = "dana@example.com"
REFUSED = "That email address or password didn’t work. Check both."


async def type_password(browser: StaffBrowser, *, after: str = "", **typed: str) -> View:
    page = await browser.get("/staff/sign-in/?" + urlencode({"next": after}))
    return await browser.submit(page, "Continue", **{"email": EMAIL, "password": PASSWORD, **typed})


async def test_password_and_code_open_the_page_that_was_asked_for(stranger):
    user = await add_member(EMAIL, "owner")
    page = await stranger.follow(await stranger.get("/staff/password/?next=b"))
    assert page.heading == "Staff sign-in"
    sent = await stranger.submit(page, "Continue", email=" Dana@Example.com ", password=PASSWORD)
    page = await stranger.follow(sent)
    assert (page.heading, "Step 2 of 2, for dana@example.com" in page.words) == (
        "Enter your code",
        True,
    )
    before = stranger.cookie
    code = code_of_the_app()
    view = await stranger.submit(page, "Sign in", code=f"{code[:3]} {code[3:]}")
    assert (view.status, view.location) == (302, "/staff/password/?next=b")
    assert stranger.cookie != before
    entry = await AuditEntry.objects.aget()
    assert (entry.what, entry.who, entry.user_id) == (What.SIGNED_IN, "Dana", user.pk)
    morsel = view.response.cookies[settings.STAFF_COOKIE_NAME]
    assert 8 * 3600 - 5 <= morsel["max-age"] <= 8 * 3600
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
    # Who is in already need not sign in again.
    assert (await stranger.get("/staff/sign-in/")).location == "/staff/"


@pytest.mark.parametrize("password", ["wrong", PASSWORD])
@pytest.mark.parametrize(
    "who", ["nobody", "a user without a second factor", "of no role", "member"]
)
async def test_all_that_is_wrong_gets_one_answer(stranger, who, password, monkeypatch):
    hashes = []

    def counted(*args):
        hashes.append(args[0])
        return check(*args)

    check = passwords.check_password
    monkeypatch.setattr(passwords, "check_password", counted)
    if who == "a user without a second factor":
        await User.objects.acreate_user(EMAIL, EMAIL, PASSWORD)
    elif who != "nobody":
        user = await add_member(EMAIL, "manager")
        if who == "of no role":
            await user.groups.aclear()
    view = await type_password(stranger, password=password)
    assert hashes == [password]
    if (who, password) == ("member", PASSWORD):
        assert view.location == "/staff/sign-in/code/"
        return
    assert (view.status, view.errors) == (401, [REFUSED])
    assert not stranger.cookie
    assert not await AuditEntry.objects.aexists()


async def test_what_is_missing_is_asked_for(stranger):
    view = await type_password(stranger, email="", password="")
    assert view.status == 422
    assert view.errors == ["Enter your email address", "Enter your password"]


@pytest.mark.parametrize(
    "after",
    [
        "https://evil.example/staff/me/",
        "//evil.example/staff/me/",
        "/\\evil.example/staff/",
        "/staff/../",
        "/contact/",
        "/staff/nothing-here/",
        "javascript:alert(1)",
        "http://[/staff/",
        "",
    ],
)
async def test_a_sign_in_leads_to_pages_of_staff_alone(stranger, after):
    await add_member(EMAIL, "owner")
    page = await stranger.follow(await type_password(stranger, after=after))
    assert (await stranger.submit(page, "Sign in", code=code_of_the_app())).location == "/staff/"


async def test_wrong_codes_are_refused_and_noted(stranger):
    await add_member(EMAIL, "owner")
    page = await stranger.follow(await type_password(stranger))
    wrong = f"{(int(code_of_the_app()) + 1) % 10**6:06}"
    view = await stranger.submit(page, "Sign in", code=wrong)
    assert (view.status, view.errors) == (401, ["Enter the code that shows now"])
    assert (await AuditEntry.objects.aget()).what == What.SIGN_IN_REFUSED
    view = await stranger.submit(page, "Sign in", code="12345")
    assert (view.status, view.errors) == (422, ["The code has 6 digits"])
    view = await stranger.submit(page, "Sign in", code="")
    assert (view.status, view.errors) == (422, ["Enter the 6-digit code"])


async def test_no_code_is_taken_twice_nor_one_before_it(stranger):
    await add_member(EMAIL, "owner")
    code = code_of_the_app(1)
    page = await stranger.follow(await type_password(stranger))
    assert (await stranger.submit(page, "Sign in", code=code)).status == 302
    other = StaffBrowser()
    page = await other.follow(await type_password(other))
    for again in (code, code_of_the_app(0), code_of_the_app(-1)):
        assert (await other.submit(page, "Sign in", code=again)).status == 401


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 302), (1, 302), (2, 401)])
async def test_the_clock_of_a_phone_may_be_half_a_minute_off(stranger, steps, status, monkeypatch):
    await add_member(EMAIL, "owner")
    now = time.time()
    monkeypatch.setattr(second_factor, "time", SimpleNamespace(time=lambda: now))
    page = await stranger.follow(await type_password(stranger))
    view = await stranger.submit(page, "Sign in", code=code_of_the_app(steps))
    assert view.status == status


async def test_a_recovery_code_opens_once_however_it_is_typed(stranger):
    user = await add_member(EMAIL, "owner")
    codes = await sync_to_async(second_factor.new_recovery_codes)(user)
    assert len(set(codes)) == 8
    page = await stranger.follow(await type_password(stranger))
    page = await stranger.get(page.link("Use a recovery code"))
    typed = f" {codes[0].replace('-', ' ').upper()} "
    view = await stranger.submit(page, "Sign in", code=typed)
    assert (view.status, view.location) == (302, "/staff/me/")
    assert (await AuditEntry.objects.aget()).detail == "recovery code"
    assert await RecoveryCode.objects.acount() == 7
    other = StaffBrowser()
    page = await other.follow(await type_password(other))
    page = await other.get(page.link("Use a recovery code"))
    view = await other.submit(page, "Sign in", code=codes[0])
    assert (view.status, view.errors) == (401, ["That isn’t one of your codes, or it was used"])
    # Nor does anybody else's open.
    await add_member("erik@example.com", "owner")
    page = await other.follow(await type_password(other, email="erik@example.com"))
    page = await other.get(page.link("Use a recovery code"))
    assert (await other.submit(page, "Sign in", code=codes[1])).status == 401


async def test_a_key_that_nothing_decrypts_any_more_takes_no_code(stranger):
    user = await add_member(EMAIL, "owner")
    page = await stranger.follow(await type_password(stranger))
    await Person.objects.filter(user=user).aupdate(encrypted_key="gAAAA")
    assert (await stranger.submit(page, "Sign in", code=code_of_the_app())).status == 401
    await Person.objects.filter(user=user).adelete()
    assert (await stranger.submit(page, "Sign in", code=code_of_the_app())).status == 401


async def test_the_second_step_needs_the_first(stranger):
    for address in ("/staff/sign-in/code/", "/staff/sign-in/recovery/"):
        assert (await stranger.get(address)).location == "/staff/sign-in/"


async def test_a_code_comes_within_five_minutes_of_the_password(stranger, monkeypatch):
    await add_member(EMAIL, "owner")
    page = await stranger.follow(await type_password(stranger))
    later = SimpleNamespace(time=lambda: time.time() + 300)
    monkeypatch.setattr(session, "time", later)
    view = await stranger.submit(page, "Sign in", code=code_of_the_app())
    page = await stranger.follow(view)
    assert page.heading == "Staff sign-in"
    assert "That took too long. Enter your password again." in page.words


@pytest.mark.parametrize("what", ["password", "removed"])
async def test_what_changes_between_both_steps_begins_anew(stranger, what):
    user = await add_member(EMAIL, "owner")
    page = await stranger.follow(await type_password(stranger))
    if what == "removed":
        await user.adelete()
    else:
        user.set_password("another plain password")
        await user.asave()
    view = await stranger.submit(page, "Sign in", code=code_of_the_app())
    assert view.location == "/staff/sign-in/"


async def test_a_password_alone_opens_nothing(stranger):
    await add_member(EMAIL, "owner")
    await type_password(stranger)
    assert (await stranger.get("/staff/password/")).location.startswith("/staff/sign-in/?next=")


async def test_a_session_that_somebody_else_began_is_not_taken_over(stranger):
    """Who plants a cookie in a browser is not in the session that begins there."""
    await add_member(EMAIL, "owner")
    await type_password(stranger)
    planted = stranger.cookie
    victim = StaffBrowser()
    victim.client.cookies[settings.STAFF_COOKIE_NAME] = planted
    page = await victim.follow(await type_password(victim))
    assert victim.cookie != planted
    await victim.submit(page, "Sign in", code=code_of_the_app())
    assert (await victim.get("/staff/password/")).status == 200
    assert (await stranger.get("/staff/password/")).status == 302
    assert (await stranger.get("/staff/sign-in/code/")).location == "/staff/sign-in/"


async def test_signing_out_ends_the_session_on_the_server(staff):
    browser = await staff()
    page = await browser.get("/staff/password/")
    cookie = browser.cookie
    page = await browser.follow(await browser.submit(page, "Sign out"))
    assert (page.heading, "You’re signed out." in page.words) == ("Staff sign-in", True)
    browser.client.cookies[settings.STAFF_COOKIE_NAME] = cookie
    assert (await browser.get("/staff/password/")).status == 302
    assert not await Session.objects.aexists()


# Guessing -----------------------------------------------------------------------------------------


@pytest.fixture
def proxied(settings):
    """A proxy stands in front, which names the addresses."""
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]


def from_address(number: int) -> StaffBrowser:
    return StaffBrowser(**{"X-Forwarded-For": f"203.0.113.{number}"})


async def test_wrong_passwords_make_an_address_wait_and_no_other(stranger, proxied):
    await add_member(EMAIL, "owner")
    for number in range(throttle.FREE):
        view = await type_password(stranger, email=f"nobody{number}@example.com")
        assert view.status == 401
    view = await type_password(stranger)
    assert view.status == 429
    assert view.errors == ["Too many wrong attempts. Wait 5 seconds, then try again."]
    assert view.headers["Retry-After"] == "5"
    assert (await type_password(from_address(7))).status == 302


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_an_account_waits_whether_it_exists_or_not(stranger, proxied, email):
    await add_member(EMAIL, "owner")
    for number in range(throttle.FREE):
        browser = from_address(number)
        assert (await type_password(browser, email=email, password="wrong")).status == 401
    view = await type_password(stranger, email=email)
    assert view.status == 429
    # The address is not counted for what was not tried.
    key = throttle.key_of("127.0.0.1", attempts.PASSWORDS)
    assert throttle.local[key][0] == 0


async def test_nobody_keeps_a_browser_waiting_that_was_signed_in_to_the_account(stranger, staff):
    await add_member(EMAIL, "owner")
    page = await stranger.follow(await type_password(stranger))
    await stranger.submit(page, "Sign in", code=code_of_the_app())
    await stranger.submit(await stranger.get("/staff/password/"), "Sign out")
    guesser = StaffBrowser()
    for _ in range(throttle.FREE):
        await type_password(guesser, password="wrong")
    assert (await type_password(guesser)).status == 429
    assert (await type_password(stranger)).status == 302
    # At another account it is as unknown as any.
    assert (await type_password(stranger, email="erik@example.com")).status == 429


async def test_wrong_codes_make_the_account_wait(stranger, proxied):
    await add_member(EMAIL, "owner")
    page = await stranger.follow(await type_password(stranger))
    for number in range(throttle.FREE):
        assert (await stranger.submit(page, "Sign in", code=f"{number:06}")).status in (401, 302)
    other = from_address(7)
    page = await other.follow(await type_password(other))
    view = await other.submit(page, "Sign in", code=code_of_the_app())
    assert (view.status, view.headers["Retry-After"]) == (429, "5")


async def test_a_crowd_at_the_door_does_not_fill_the_house(stranger, monkeypatch):
    """Who waits for a hash holds a place that residents need: beyond a few, they wait outside."""
    await add_member(EMAIL, "owner")
    page = await stranger.get("/staff/sign-in/")
    full, go = asyncio.Event(), asyncio.Event()

    async def hold(*args):
        if passwords.STRANGERS.asked == passwords.MOST_ASKED:
            full.set()
        await go.wait()
        return False

    monkeypatch.setattr(passwords.STRANGERS, "run", hold)
    monkeypatch.setattr(throttle, "FREE", 1000)
    crowd = [
        asyncio.create_task(
            stranger.submit(page, "Continue", email=f"{n}@example.com", password="x")
        )
        for n in range(passwords.MOST_ASKED)
    ]
    await full.wait()
    view = await stranger.submit(page, "Continue", email=EMAIL, password=PASSWORD)
    assert (view.status, view.headers["Retry-After"]) == (503, "5")
    said = "Many people are signing in right now. Wait a few seconds, then try again."
    assert view.errors == [said]
    # Who was here before does not stand in that queue.
    known = StaffBrowser()
    remembered = HttpResponse()
    attempts.remember(remembered, await User.objects.aget(username=EMAIL))
    known.client.cookies.update(remembered.cookies)
    form = await known.get("/staff/sign-in/")
    view = await known.submit(form, "Continue", email=EMAIL, password=PASSWORD)
    assert view.location == "/staff/sign-in/code/"
    go.set()
    assert {view.status for view in await asyncio.gather(*crowd)} == {401}
    assert passwords.STRANGERS.asked == passwords.KNOWN.asked == 0
