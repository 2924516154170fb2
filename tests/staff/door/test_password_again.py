"""Pages that ask for the password again."""

import time
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_http_methods

from common import throttle
from common.models import Session
from portal import urls
from staff.door import passwords, session
from staff.door.password_again import asks_password_again
from staff.door.signed_in import staff_page
from tests.staff.conftest import PASSWORD


@require_http_methods(["GET", "POST"])
@staff_page
@asks_password_again
async def guarded(request, what):
    return HttpResponse(" ".join([request.method, what, *request.POST.getlist("word")]))


urlpatterns = [
    path("staff/", include(([path("guarded/<what>/", guarded)], "staff"), namespace="guarded")),
    *urls.urlpatterns,
]
handler404 = urls.handler404


@pytest.fixture(autouse=True)
def with_a_guarded_page(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def later(monkeypatch):
    """Five minutes pass."""

    def wait():
        monkeypatch.setattr(session, "time", SimpleNamespace(time=lambda: time.time() + 300))

    return wait


async def token(browser):
    page = await browser.get("/staff/password/")
    return page.form("Continue").one("input", name="csrfmiddlewaretoken").attrs["value"]


async def test_a_page_asks_once_in_five_minutes(staff, later):
    browser = await staff(typed=False)
    page = await browser.follow(await browser.get("/staff/guarded/door/?a=b"))
    assert page.heading == "Enter your password"
    view = await browser.submit(page, "Continue", password_again="")
    assert (view.status, view.errors) == (422, ["Enter your password"])
    view = await browser.submit(page, "Continue", password_again="wrong")
    assert (view.status, view.errors) == (401, ["That’s not your password"])
    view = await browser.submit(page, "Continue", password_again=PASSWORD)
    assert view.location == "/staff/guarded/door/?a=b"
    assert (await browser.follow(view)).text == "GET door"
    later()
    assert (await browser.get("/staff/guarded/door/")).status == 302


async def test_who_has_just_signed_in_is_not_asked(staff):
    browser = await staff()
    assert (await browser.get("/staff/guarded/door/")).text == "GET door"


async def test_a_form_that_was_sent_goes_on_with_the_password(staff):
    browser = await staff(typed=False)
    sent = {"word": ["one", "two & three"], "csrfmiddlewaretoken": await token(browser)}
    page = await browser.send("POST", "/staff/guarded/door/", sent)
    assert (page.heading, page.errors) == ("Enter your password", [])
    refused = {**sent, "password_again": "wrong"}
    page = await browser.send("POST", "/staff/guarded/door/", refused)
    assert page.status == 401
    kept = [each.attrs["value"] for each in page.root.all("input", name="word")]
    assert kept == ["one", "two & three"]
    view = await browser.send(
        "POST", "/staff/guarded/door/", {**sent, "word": kept, "password_again": PASSWORD}
    )
    assert view.text == "POST door one two & three"


@pytest.mark.parametrize("name", ["secret", "password"])
async def test_a_secret_that_was_sent_is_not_in_the_page_that_asks(staff, name):
    browser = await staff(typed=False)
    sent = {"word": "kept", name: "sesame-7", "csrfmiddlewaretoken": await token(browser)}
    page = await browser.send("POST", "/staff/guarded/door/", sent)
    assert page.heading == "Enter your password"
    assert page.root.all("input", name="word")
    assert "sesame-7" not in page.text
    assert not page.root.all("input", name=name)


async def test_guesses_are_counted_with_those_at_the_door(staff):
    browser = await staff(typed=False)
    page = await browser.get("/staff/password/")
    for _ in range(throttle.FREE):
        assert (await browser.submit(page, "Continue", password_again="wrong")).status == 401
    view = await browser.submit(page, "Continue", password_again=PASSWORD)
    assert (view.status, view.headers["Retry-After"]) == (429, "5")


async def test_while_many_passwords_are_looked_at_one_waits_outside(staff, monkeypatch):
    browser = await staff(typed=False)
    page = await browser.get("/staff/password/")
    monkeypatch.setattr(passwords, "MOST_ASKED", 0)
    for _ in range(throttle.FREE + 1):
        view = await browser.submit(page, "Continue", password_again=PASSWORD)
        assert (view.status, view.headers["Retry-After"]) == (503, "5")
    said = "Many people are signing in right now. Wait a few seconds, then try again."
    assert view.errors == [said]


async def test_a_session_lasts_no_longer_for_it(staff):
    browser = await staff(typed=False)
    before = (await Session.objects.aget()).expire_date
    page = await browser.get("/staff/password/")
    await browser.submit(page, "Continue", password_again=PASSWORD)
    assert (await Session.objects.aget()).expire_date == before


async def test_strangers_are_not_asked(stranger):
    view = await stranger.get("/staff/guarded/door/")
    assert view.location.startswith("/staff/sign-in/")
