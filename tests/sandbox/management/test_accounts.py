"""Tokens, tenants, roles, the limit and the media types."""

import pytest

from sandbox.management.accounts import ACCOUNTS, ADMINISTRATOR, LANDLORD
from tests.sandbox.management.conftest import HAL, QUERY, VENUE, Staff

VERSIONED = "application/vnd.ruckus.v1+json"
UNITS = f"/venues/{VENUE}/units/query"
PROPERTY = f"/venues/{VENUE}/propertyConfigs"


def unit_path(staff):
    return f"/venues/{VENUE}/units/{staff.units().json()['content'][0]['id']}"


def test_accounts_are_made_up_and_the_same_each_time():
    assert len({account.client_secret for account in ACCOUNTS}) == len(ACCOUNTS)
    assert ADMINISTRATOR.client_secret.startswith("ccfe3bb8")


def test_a_token_opens_the_api_until_it_ends(staff, clock):
    assert staff.get(PROPERTY).status_code == 200
    clock.now += 3599
    assert staff.get(PROPERTY).status_code == 200
    clock.now += 1
    assert staff.get(PROPERTY).status_code == 401


def test_a_token_says_how_long_it_lasts_unless_told_not_to(staff):
    staff.switch(token_life=60)
    assert staff.ask_for_token().json()["expires_in"] == 60
    staff.switch(tell_expiry=False)
    assert set(staff.ask_for_token().json()) == {"access_token", "token_type"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic x"])
def test_without_a_token_there_is_nothing(staff, header):
    answer = staff.get(PROPERTY, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "SANDBOX-401"


def test_a_residents_token_opens_nothing_here(staff, resident):
    assert staff.get(PROPERTY, headers=resident.headers).status_code == 401


def test_the_control_ends_all_tokens(staff):
    assert staff.headers["Authorization"].removeprefix("Bearer ") in (
        staff.control("GET", "tokens").json()
    )
    assert staff.control("POST", "expire").status_code == 204
    assert staff.control("GET", "tokens").json() == []
    assert staff.get(PROPERTY).status_code == 401


def test_wrong_credentials_are_refused(staff):
    for wrong in ({"client_secret": "x"}, {"client_id": "x"}):
        assert staff.ask_for_token(**wrong).status_code == 401
    # Another tenant's name does not help.
    other = next(each.tenant_id for each in ACCOUNTS if each.tenant_id != LANDLORD)
    assert staff.ask_for_token(other).status_code == 401


@pytest.mark.parametrize("wrong", [{"tenant_id": "nobody"}, {"grant_type": "password"}])
def test_wrong_parameters_get_a_page_or_a_refusal(staff, wrong):
    answer = staff.ask_for_token(**wrong)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    staff.switch(wrong_parameters="json")
    assert staff.ask_for_token(**wrong).status_code == 400


def test_a_provider_acts_for_its_customers_only(provider, staff):
    assert provider.get(PROPERTY).status_code == 404
    query = {"json": QUERY}
    assert provider.send("POST", "/venues/propertyConfigs/query", **query).json()["content"] == []
    acting = Staff(provider.caller, provider.account, LANDLORD).sign_in()
    assert acting.get(PROPERTY).status_code == 200
    assert acting.send("POST", "/venues/propertyConfigs/query", **query).json()["content"] != []
    # The other way round nothing was delegated.
    headers = {"x-rks-tenantid": provider.account.tenant_id}
    assert staff.get(PROPERTY, headers=headers).status_code == 403


def test_who_may_only_read_changes_nothing(reader):
    unit = unit_path(reader)
    assert reader.send("PATCH", unit, json={"status": "DISABLED"}).status_code == 403
    path = f"/venues/{VENUE}/units/notifications"
    assert reader.send("POST", path, json=[]).status_code == 403
    assert reader.get(unit).json()["status"] == "ENABLED"


def test_a_tenant_has_2000_calls_a_minute(staff, reader, provider, clock):
    staff.get(PROPERTY)
    bucket = staff.management.buckets[LANDLORD]
    assert bucket.level == 1999
    bucket.level = 2
    # Its accounts share them.
    assert [each.get(PROPERTY).status_code for each in (staff, reader)] == [200, 200]
    refused = staff.get(PROPERTY)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    # Another tenant has calls of its own.
    assert provider.get(PROPERTY).status_code == 404
    staff.switch(retry_after=None)
    assert "Retry-After" not in staff.get(PROPERTY).headers
    clock.now += 0.04
    assert [staff.get(PROPERTY).status_code for _ in range(2)] == [200, 429]
    clock.now += 120
    staff.get(PROPERTY)
    assert bucket.level == 1999
    bucket.level = 0
    staff.switch(limit=False)
    assert staff.get(PROPERTY).status_code == 200


@pytest.mark.parametrize(
    ("accept", "asked", "got"),
    [
        ("both", HAL, HAL),
        ("both", VERSIONED, VERSIONED),
        ("both", f"text/html, {VERSIONED};q=0.8", VERSIONED),
        ("both", "*/*", HAL),
        ("both", "application/json", None),
        ("hal", VERSIONED, None),
        ("versioned", HAL, None),
        ("versioned", "application/*", VERSIONED),
    ],
)
def test_reads_are_answered_in_the_media_types_on_offer(staff, accept, asked, got):
    staff.switch(accept=accept)
    answer = staff.get(PROPERTY, headers={"Accept": asked})
    if got is None:
        assert answer.status_code == 406
    else:
        assert answer.headers["content-type"] == got


def test_writes_are_answered_in_plain_json(staff):
    headers = {"Accept": "application/json"}
    answer = staff.send("PATCH", unit_path(staff), json={"status": "ENABLED"}, headers=headers)
    assert answer.headers["content-type"] == "application/json"
