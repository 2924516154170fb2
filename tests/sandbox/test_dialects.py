"""The ways in which the vendor may speak, each a switch."""

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from sandbox import seeds
from tests.servers import SandboxProcess

STYLES = ["bearer", "bare", "either"]


def switch(caller, **change):
    return caller.send("PATCH", "/_sandbox/switches", whole=True, json=change)


def token_of(caller):
    answer = caller.post("/units/logins", json={"hashedSecret": caller.home.secret})
    token: str = answer.json()["token"]
    return token


def status(caller, authorization):
    return caller.get("/units", headers={"Authorization": authorization}).status_code


# The style of a token


@pytest.mark.parametrize(
    ("style", "bearer", "bare"), [("bearer", 200, 401), ("bare", 401, 200), ("either", 200, 200)]
)
def test_a_token_is_taken_in_the_style_of_the_switch(stranger, style, bearer, bare):
    switch(stranger, token_style=style)
    token = token_of(stranger)
    assert status(stranger, f"Bearer {token}") == bearer
    assert status(stranger, token) == bare


def test_a_change_of_style_reaches_tokens_that_were_given_out_before(stranger):
    token = token_of(stranger)
    for style, bearer, bare in (("bare", 401, 200), ("bearer", 200, 401), ("either", 200, 200)):
        switch(stranger, token_style=style)
        assert (status(stranger, f"Bearer {token}"), status(stranger, token)) == (bearer, bare)


@pytest.mark.parametrize("style", STYLES)
def test_a_refusal_does_not_tell_the_style(stranger, style):
    token = token_of(stranger)
    switch(stranger, token_style="bearer")
    reference = stranger.get("/units", headers={"Authorization": token})
    switch(stranger, token_style=style)
    answer = stranger.get("/units", headers={"Authorization": "nonsense"})
    assert answer.status_code == reference.status_code == 401
    assert answer.headers.keys() == reference.headers.keys()
    assert "www-authenticate" not in answer.headers
    bodies = [one.json() | {"timestamp": None} for one in (answer, reference)]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("header", ["nonsense", "Bearer nonsense", "Bearer", "Basic {}", "x{}"])
def test_nothing_but_the_token_opens_in_any_style(stranger, style, header):
    switch(stranger, token_style=style)
    assert status(stranger, header.format(token_of(stranger))) == 401
    assert stranger.get("/units").status_code == 401


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("prefix", ["Bearer ", "bearer "])
def test_a_token_that_begins_with_bearer_is_sent_as_it_is(stranger, style, prefix):
    switch(stranger, token_style=style, token_prefix=prefix)
    token = token_of(stranger)
    assert token.startswith(prefix)
    assert status(stranger, token) == 200
    assert status(stranger, f"Bearer {token}") == 401
    assert status(stranger, token.removeprefix(prefix)) == 401


@pytest.mark.parametrize("style", STYLES)
def test_a_token_ends_in_each_style(stranger, style, clock):
    switch(stranger, token_style=style, token_life=5)
    token = token_of(stranger)
    clock.now += 6
    assert status(stranger, f"Bearer {token}") == status(stranger, token) == 401


def test_a_token_has_the_length_of_the_switch(stranger):
    assert len(token_of(stranger)) == 64
    for prefix in ("", "Bearer "):
        for length in (32, 4_000, 32_000):
            switch(stranger, token_length=length, token_prefix=prefix)
            token = token_of(stranger)
            assert len(token) == length
            assert status(stranger, token if prefix else f"Bearer {token}") == 200


def test_the_longest_token_passes_a_socket():
    home = seeds.homes()[0]
    with (
        SandboxProcess() as sandbox,
        httpx.Client(
            base_url=f"{sandbox.url}/residents/properties/{home.property_id}", trust_env=False
        ) as http,
    ):
        sandbox.switches(token_length=32_000)
        token = http.post("/units/logins", json={"hashedSecret": home.secret}).json()["token"]
        for style, authorization in (("bearer", f"Bearer {token}"), ("bare", token)):
            sandbox.switches(token_style=style)
            answer = http.get("/units", headers={"Authorization": authorization})
            assert answer.json()["guid"] == home.unit_guid
            assert len(answer.headers.get_list("date")) == 1
        assert http.get("/units", headers={"Authorization": token[:-1]}).status_code == 401


# The clock


@pytest.mark.parametrize("skew", [0, 90, -7200])
def test_the_date_of_an_answer_follows_the_skew(stranger, skew):
    switch(stranger, date_skew=skew)
    before = int(time.time())
    for path in ("/access", "/units", "/nowhere"):
        date = parsedate_to_datetime(stranger.get(path).headers["date"]).timestamp()
        assert before + skew <= date <= time.time() + skew


def test_a_fault_may_bring_a_date_of_its_own(stranger):
    headers = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}
    fault = {"status": 500, "headers": headers}
    stranger.post("/_sandbox/faults", whole=True, json=fault)
    assert stranger.get("/access").headers.get_list("date") == [headers["Date"]]


# What a property may be like


def change_property(caller, **change):
    path = f"/_sandbox/properties/{caller.home.property_id}"
    assert caller.post(path, whole=True, json=change).status_code == 204


@pytest.mark.parametrize(
    ("api_allowed", "portal_allowed"),
    [(True, False), (True, True), (False, False), (None, None), (None, False)],
)
def test_each_portal_setting_can_be_reached(resident, api_allowed, portal_allowed):
    change_property(
        resident, profile={"api_allowed": api_allowed, "portal_allowed": portal_allowed}
    )
    found = resident.get("/uiConfigurations").json()
    assert (found["apiAllowed"], found["portalAllowed"]) == (api_allowed, portal_allowed)
    assert resident.get("/access").json()["portalAllowed"] is portal_allowed
    assert found["tenantTitle"] == "Larkspur House Wi-Fi"


def test_a_profile_can_be_taken_away_and_made_anew(resident):
    change_property(resident, profile=None)
    assert resident.get("/uiConfigurations").status_code == 404
    change_property(resident, profile={"tenant_set_dpsk": False})
    found = resident.get("/uiConfigurations").json()
    assert (found["tenantSetDpsk"], found["apiAllowed"]) == (False, None)


@pytest.mark.parametrize("value", [True, False, None])
def test_own_passphrases_and_messages_can_be_set_to_anything(resident, value):
    change_property(
        resident, profile={"tenant_set_dpsk": value}, send_email=value, send_sms=value, ssids=[]
    )
    assert resident.get("/uiConfigurations").json()["tenantSetDpsk"] is value
    found = resident.get("").json()
    assert (found["sendEmail"], found["sendSms"], found["ssids"]) == (value, value, None)


def test_a_unit_and_its_identities_can_be_changed_from_outside(resident):
    user = resident.user("LINKED")
    unit = f"/_sandbox/units/{resident.home.unit_guid}"
    change = {"status": "DISABLED", "hidden": ["UNIT", "GUEST"], "access_code": "a+/=%41"}
    assert resident.post(unit, whole=True, json=change).status_code == 204
    blocked = {"status": "BLOCKED"}
    resident.post(f"/_sandbox/users/{user['userId']}", whole=True, json=blocked)
    assert resident.get("/units").json()["status"] == "DISABLED"
    found = resident.users()
    assert {one["type"] for one in found} == {"LINKED"}
    assert [one["status"] for one in found if one["userId"] == user["userId"]] == ["BLOCKED"]
    for code, expected in ((resident.home.secret, 401), ("a+/=%41", 200)):
        answer = resident.post("/units/logins", json={"hashedSecret": code})
        assert answer.status_code == expected


def test_a_sign_in_can_be_told_to_wait(stranger):
    fault = {"operation": "residentLogin", "status": 429, "headers": {"Retry-After": "7"}}
    stranger.post("/_sandbox/faults", whole=True, json=fault)
    answer = stranger.post("/units/logins", json={"hashedSecret": stranger.home.secret})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert token_of(stranger)
