"""Accounts of RUCKUS One: connected, given another token, disconnected."""

import pytest
from django.test import override_settings

from common.models import KnownProperty
from sandbox.management.accounts import ADMINISTRATOR, DELEGATE, LANDLORD, READ_ONLY
from staff.accounts.api import management_api
from staff.models import AuditEntry, Job, Property, RuckusAccount

CONNECT = "/staff/accounts/connect/"
EUROPE = override_settings(RUCKUS_REGION="eu", RUCKUS_API_URL="https://api.eu.ruckus.cloud")


def typed(account=ADMINISTRATOR, **other):
    return {
        "name": "Sample Homes",
        "region": "na",
        "tenant": account.tenant_id,
        "client": account.client_id,
        "secret": account.client_secret,
        **other,
    }


async def connected(browser, **values):
    page = await browser.get(CONNECT)
    return await browser.send("POST", CONNECT, {**token(page), **(values or typed())})


def token(page):
    return {
        "csrfmiddlewaretoken": page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    }


async def tried(page):
    return [
        (row.one("strong").words, row.one("span", class_="fine").words)
        for row in page.root.all("li", class_="row")
    ]


async def test_without_an_account_the_first_is_connected(staff):
    browser = await staff()
    page = await browser.get("/staff/")
    assert page.link("Connect RUCKUS One") == CONNECT
    page = await browser.follow(await browser.get("/staff/accounts/"))
    assert page.heading == "Connect RUCKUS One"


async def test_an_account_is_tested_and_kept(staff, sandbox):
    browser = await staff()
    page = await browser.follow(await connected(browser))
    assert page.heading == "Sample Homes"
    assert "The scope of this token is enough to read homes and their links." in page.words
    assert [text for _, text in await tried(page)][-6:] == ["It works"] * 6
    account = await RuckusAccount.objects.aget()
    assert account.shape["parameter"] == "auth"
    assert await Property.objects.acount() == len(sandbox.state.properties)
    assert await KnownProperty.objects.acount() == len(sandbox.state.properties)
    assert await Job.objects.filter(kind="read").acount() == len(sandbox.state.properties)
    note = await AuditEntry.objects.aget(what="account connected")
    assert (note.who, note.detail) == ("Owner", "Sample Homes")
    assert sandbox.calls("residentLogin") == ["residentLogin"]


async def test_nothing_shows_or_tells_a_secret(staff, caplog):
    browser = await staff()
    wrong = await connected(browser, **typed(secret="a wrong secret"))
    assert "a wrong secret" not in wrong.text
    page = await browser.follow(await connected(browser))
    account = await RuckusAccount.objects.aget()
    stored = f"{account.encrypted} {account.tried} {account.shape} {account!r}"
    for each in (ADMINISTRATOR.client_secret, ADMINISTRATOR.client_id):
        assert each not in page.text + stored + caplog.text
    again = await browser.get(f"/staff/accounts/{account.pk}/token/")
    assert ADMINISTRATOR.client_secret not in again.text


async def test_a_token_that_is_refused_is_not_kept(staff):
    browser = await staff()
    page = await connected(browser, **typed(region="eu", secret="another"))
    assert page.status == 422
    assert page.errors == [
        "RUCKUS One in Europe didn’t accept this client ID and secret. Nothing was saved."
    ]
    assert await tried(page) == [
        ("Reach 127.0.0.1:9", (await tried(page))[0][1]),
        ("Sign in with the token", "Refused"),
        ("List properties", "Not tried"),
        ("List homes", "Not tried"),
        ("Read one home’s link", "Not tried"),
        ("Open one home with its link", "Not tried"),
    ]
    assert page.root.all("input", name="tenant")[0].attrs["value"] == ADMINISTRATOR.tenant_id
    assert not await RuckusAccount.objects.aexists()
    assert not await AuditEntry.objects.aexists()


async def test_the_region_that_takes_the_token_is_named(staff, sandbox, monkeypatch):
    browser = await staff()
    here = sandbox.wire.handle_async_request

    async def in_asia_alone(request):
        if "asia" not in request.url.host and request.url.path.startswith("/oauth2/"):
            request.url = request.url.copy_with(path="/oauth2/token/nobody")
        return await here(request)

    monkeypatch.setattr(sandbox.wire, "handle_async_request", in_asia_alone)
    with EUROPE:
        page = await connected(browser, **typed(region="eu"))
    assert "RUCKUS One in Europe didn’t accept" in page.errors[0]
    assert "The token works in Asia." in page.words


@EUROPE
async def test_a_wrong_secret_works_in_no_region(staff):
    page = await connected(await staff(), **typed(secret="wrong"))
    assert "The token works in" not in page.words


async def test_what_a_vendor_that_does_not_answer_is_called(staff, sandbox):
    browser = await staff()
    sandbox.fault("reset")
    page = await connected(browser)
    assert page.errors == [
        "RUCKUS One in North America didn’t answer. Nothing was saved. Try again in a minute."
    ]
    assert (await tried(page))[0][1] == "No answer"
    assert not await RuckusAccount.objects.aexists()


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("queryPropertyConfigs", "doesn’t let this token list properties"),
        ("queryUnits", "doesn’t let this token list homes"),
    ],
)
async def test_a_scope_that_is_not_enough_is_told(staff, sandbox, operation, words):
    browser = await staff()
    sandbox.fault("status", operation=operation, status=403)
    page = await connected(browser)
    assert page.status == 422
    assert words in page.errors[0]


async def test_an_account_without_a_property_is_of_no_use(staff):
    page = await connected(await staff(), **typed(DELEGATE))
    assert "lists no property for this account" in page.errors[0]


async def test_a_delegated_account_has_its_customers_properties(staff, sandbox):
    browser = await staff()
    page = await browser.follow(await connected(browser, **typed(DELEGATE, delegated=LANDLORD)))
    assert "is enough to read homes" in page.words
    account = await RuckusAccount.objects.aget()
    assert account.delegated_tenant_id == LANDLORD


async def test_an_account_that_is_given_no_links_is_kept_and_told_so(staff, sandbox):
    sandbox.state.management.switches.read_only_sees_links = False
    browser = await staff()
    page = await browser.follow(await connected(browser, **typed(READ_ONLY)))
    assert "Try a token with the scope Administrator" in page.words
    assert ("Read one home’s link", "None found") in await tried(page)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ({"operation": "fetchUnit", "status": 403}, "Not allowed with the scope of this token"),
        ({"operation": "residentLogin", "status": 401}, "Refused"),
        ({"operation": "residentLogin", "status": 500}, "No answer"),
    ],
)
async def test_a_link_that_can_not_be_proved_is_told(staff, sandbox, fault, line):
    browser = await staff()
    sandbox.fault("status", **fault)
    page = await browser.follow(await connected(browser))
    assert line in [text for _, text in await tried(page)]


async def test_a_link_without_a_code_is_told(staff, sandbox, monkeypatch):
    monkeypatch.setattr("sandbox.management.wire.link", lambda *_: "https://homes.example.com/")
    browser = await staff()
    page = await browser.follow(await connected(browser))
    assert "no access code in it" in page.words


async def test_links_of_lists_are_taken(staff, sandbox):
    sandbox.state.management.switches.rows_have_links = True
    browser = await staff()
    await browser.follow(await connected(browser))
    assert sandbox.calls("fetchUnit") == []


async def test_a_property_without_homes_is_kept(staff, sandbox):
    sandbox.state.units.clear()
    browser = await staff()
    page = await browser.follow(await connected(browser))
    assert ("List homes", "None found") in await tried(page)


async def test_a_venue_that_links_can_not_name_is_left_out(staff, sandbox, monkeypatch):
    monkeypatch.setattr("sandbox.management.wire.venue_id", lambda *_: "venue-1")
    page = await connected(await staff())
    assert "lists no property for this account" in page.errors[0]


async def test_what_is_missing_is_asked_for(staff):
    page = await connected(await staff(), region="", name="")
    assert page.errors == [
        "Enter a name",
        "Choose a region",
        "Enter the tenant ID",
        "Enter the client ID",
        "Enter the client secret",
    ]


async def test_an_id_that_is_none_is_refused(staff):
    page = await connected(await staff(), **typed(tenant="a/b"))
    assert page.errors == ["Use only the letters and digits of the ID"]


async def test_no_tenant_is_connected_twice(staff, building):
    page = await connected(await staff())
    assert page.errors == ["This account is connected already. Give it a new token instead."]


async def test_a_new_token_takes_the_place_of_the_old_one(staff, building):
    browser = await staff()
    listed = await browser.get("/staff/accounts/")
    page = await browser.get(listed.root.one("main").all("a")[1].attrs["href"])
    form = await browser.get(page.link("Give it a new token"))
    empty = await browser.submit(form, "Test and keep")
    assert empty.errors == ["Enter the client ID", "Enter the client secret"]
    values = {"client": READ_ONLY.client_id, "secret": "wrong"}
    refused = await browser.submit(form, "Test and keep", **values)
    assert "Nothing was saved." in refused.errors[0]
    before = await RuckusAccount.objects.aget()
    values["secret"] = READ_ONLY.client_secret
    await browser.follow(await browser.submit(form, "Test and keep", **values))
    account = await RuckusAccount.objects.aget()
    assert account.encrypted != before.encrypted
    assert management_api(account)._credentials.client_id == READ_ONLY.client_id
    assert await AuditEntry.objects.filter(what="account changed").acount() == 1
    # The others of the sandbox; the building was there.
    assert await Property.objects.filter(account=account).acount() > 1


async def test_an_account_can_be_tested_again(staff, building):
    browser = await staff()
    page = await browser.get(f"/staff/accounts/{building.account.pk}/")
    assert "This account can’t be used at the moment" in page.words, "it was never tried"
    page = await browser.follow(await browser.submit(page, "Test again"))
    assert "is enough to read homes and their links" in page.words
    assert "Tried now." in page.words
    building.sandbox.fault("status", operation="createToken", status=401)
    page = await browser.follow(await browser.submit(page, "Test again"))
    assert "This account can’t be used at the moment" in page.words
    assert ("Sign in with the token", "Refused") in await tried(page)
    assert await AuditEntry.objects.filter(what="set-up checked").acount() == 2


async def test_a_link_whose_home_is_not_proved_yet_is_told(staff, sandbox):
    sandbox.fault("status", operation="residentLogin", status=500)
    browser = await staff()
    page = await browser.follow(await connected(browser))
    assert "Whether their links open homes isn’t known yet." in page.words


async def test_new_properties_are_looked_for(staff, building, sandbox):
    browser = await staff()
    await Property.objects.filter(pk=building.property.pk).aupdate(name="An old name")
    page = await browser.get(f"/staff/accounts/{building.account.pk}/")
    page = await browser.follow(await browser.submit(page, "Look for new properties"))
    others = len(sandbox.state.properties) - 1
    assert f"{others} new properties." in page.words
    assert building.property.name in page.words
    page = await browser.follow(await browser.submit(page, "Look for new properties"))
    assert "0 new properties." in page.words


async def test_a_property_stays_with_the_account_that_has_it(staff, building):
    other = await RuckusAccount.objects.acreate(name="Other", region="na", tenant_id="t")
    await Property.objects.filter(pk=building.property.pk).aupdate(account=other, name="Theirs")
    browser = await staff()
    page = await browser.get(f"/staff/accounts/{building.account.pk}/")
    await browser.submit(page, "Look for new properties")
    stored = await Property.objects.aget(pk=building.property.pk)
    assert (stored.account_id, stored.name) == (other.pk, "Theirs")


async def test_disconnecting_asks_first(staff, building):
    browser = await staff()
    page = await browser.get(f"/staff/accounts/{building.account.pk}/disconnect/")
    assert "1 property and its homes disappear" in page.words
    assert await RuckusAccount.objects.aexists()
    done = await browser.submit(page, "Disconnect")
    assert done.location == "/staff/accounts/"
    assert not await RuckusAccount.objects.aexists()
    assert not await Property.objects.aexists()
    assert (await AuditEntry.objects.aget()).what == "account removed"


async def test_accounts_are_the_owners_alone(staff, building):
    browser = await staff("manager", building.property)
    pk = building.account.pk
    own = f"/staff/accounts/{pk}/"
    for path in ("/staff/accounts/", CONNECT, own, f"{own}token/", f"{own}disconnect/"):
        assert (await browser.get(path)).status == 404
    for path in (CONNECT, f"{own}token/", f"{own}disconnect/", f"{own}properties/"):
        home = await browser.get(f"/staff/p/{building.property.id}/")
        assert (await browser.send("POST", path, token(home))).status == 404
    owner = await staff()
    assert (await owner.get("/staff/accounts/99999/")).status == 404
