"""A unit gets a new access code, and with it a new link."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from sandbox import seeds
from sandbox.management.accounts import ADMINISTRATOR

RESET = {"status": "TOKEN_RESET"}


def switch(caller, **change):
    answer = caller.send("PATCH", "/_sandbox/switches", whole=True, json=change)
    assert answer.status_code == 200


def log_in(caller, code):
    headers, caller.headers = caller.headers, {}
    answer = caller.post("/units/logins", json={"hashedSecret": code})
    caller.headers = headers
    return answer.status_code


def code_in(href):
    return unquote(parse_qs(urlsplit(href).query)["auth"][0])


def unit_of(caller):
    return caller.app.state.sandbox.units[caller.home.unit_guid]


def messages(caller):
    return caller.send("GET", "/_sandbox/messages", whole=True).json()


def test_the_old_code_opens_the_unit_no_longer_and_the_new_one_does(resident):
    assert resident.put("/units", json=RESET).status_code == 200
    new = unit_of(resident).access_code
    assert new != resident.home.secret
    assert (log_in(resident, resident.home.secret), log_in(resident, new)) == (401, 200)
    # Another home of the property notices nothing.
    neighbour = next(h for h in seeds.homes() if h.shows == "system identities hidden")
    assert neighbour.property_id == resident.home.property_id
    assert log_in(resident, neighbour.secret) == 200


def test_nothing_else_of_the_unit_changes(resident):
    switch(resident, tokens_outlive_link=True)
    before = resident.get("/units").json()
    sent = RESET | {"number": "9", "contact": {"contactName": "Somebody", "email": ""}}
    assert resident.put("/units", json=sent).status_code == 200
    assert resident.get("/units").json() == before


@pytest.mark.parametrize("outlive", [False, True])
def test_tokens_end_or_live_on(resident, stranger, home, outlive):
    neighbour = stranger.sign_in(home("system identities hidden"))
    switch(resident, tokens_outlive_link=outlive)
    resident.put("/units", json=RESET)
    assert resident.get("/units").status_code == (200 if outlive else 401)
    assert neighbour.get("/units").status_code == 200


def test_the_old_code_opens_the_unit_for_a_while_where_a_switch_says_so(resident, clock):
    switch(resident, link_lag=5)
    resident.put("/units", json=RESET)
    old = resident.home.secret
    clock.now += 4.9
    assert log_in(resident, old) == 200
    clock.now += 0.2
    assert log_in(resident, old) == 401


def test_an_accepted_new_link_is_there_after_the_delay(resident, clock):
    switch(resident, accepted=True, accepted_delay=3)
    assert resident.put("/units", json=RESET).status_code == 202
    assert log_in(resident, resident.home.secret) == 200
    assert messages(resident) == []
    clock.now += 3
    assert log_in(resident, resident.home.secret) == 401
    assert len(messages(resident)) == 1


def test_the_contact_is_sent_the_new_link_as_the_property_sends_messages(resident):
    resident.app.state.sandbox.properties[resident.home.property_id].send_sms = True
    resident.put("/units", json=RESET)
    email, text = messages(resident)
    assert (email["kind"], email["to"]) == ("email", "casey@example.com")
    assert (text["kind"], text["to"]) == ("sms", "+12025550138")
    assert {email["unit"], text["unit"]} == {resident.home.unit_guid}
    assert log_in(resident, code_in(email["link"])) == 200


def change_property(caller, **change):
    path = f"/_sandbox/properties/{caller.home.property_id}"
    assert caller.send("POST", path, whole=True, json=change).status_code == 204


def test_no_message_goes_out_without_an_address_or_from_a_property_that_sends_none(resident):
    path = f"/_sandbox/units/{resident.home.unit_guid}"
    change_property(resident, send_email=True, send_sms=True)
    switch(resident, tokens_outlive_link=True)
    resident.send("POST", path, whole=True, json={"email": "", "phone": None})
    resident.put("/units", json=RESET)
    assert messages(resident) == []
    resident.send("POST", path, whole=True, json={"email": "casey@example.com"})
    change_property(resident, send_email=False, send_sms=None)
    resident.put("/units", json=RESET)
    unit_of(resident).contact = None
    change_property(resident, send_email=True)
    resident.put("/units", json=RESET)
    assert messages(resident) == []


def test_a_reset_of_the_sandbox_brings_the_old_code_back(resident):
    resident.put("/units", json=RESET)
    resident.send("POST", "/_sandbox/reset", whole=True)
    assert log_in(resident, resident.home.secret) == 200
    assert messages(resident) == []


def test_a_new_link_needs_the_token_of_its_unit(stranger):
    assert stranger.put("/units", json=RESET).status_code == 401


@pytest.mark.parametrize("body", [b"[]", b"{", b'"TOKEN_RESET"', b'{"status": "TOKEN_RESET"'])
def test_what_asks_for_no_new_link_is_an_edit(resident, body):
    sent = {"content": body, "headers": {"Content-Type": "application/json"}}
    assert resident.put("/units", **sent).status_code == 400
    assert unit_of(resident).access_code == resident.home.secret


def test_staff_are_given_the_new_link(resident):
    form = {
        "grant_type": "client_credentials",
        "client_id": ADMINISTRATOR.client_id,
        "client_secret": ADMINISTRATOR.client_secret,
    }
    path = f"/oauth2/token/{ADMINISTRATOR.tenant_id}"
    token = resident.send("POST", path, whole=True, data=form).json()["access_token"]
    resident.put("/units", json=RESET)
    path = f"/venues/{resident.home.property_id.replace('-', '')}/units/{resident.home.unit_guid}"
    headers = {"Authorization": f"Bearer {token}"}
    unit = resident.send("GET", path, whole=True, headers=headers)
    code = code_in(unit.json()["_links"]["residentPortal"]["href"])
    assert log_in(resident, code) == 200
    assert resident.home.secret not in unit.text
