import json

import pytest

from sandbox import seeds
from sandbox.state import Switches


def switch(caller, **change):
    return caller.send("PATCH", "/_sandbox/switches", whole=True, json=change)


# Writes that take effect later


def test_an_accepted_write_shows_after_the_delay(resident, clock):
    switch(resident, accepted=True, accepted_delay=3)
    user = resident.user("UNIT")
    answer = resident.put(f"/units/users/{user['userId']}", json=user | {"passphrase": ""})
    assert answer.status_code == 202
    assert resident.put("/units", json={"number": "9"}).status_code == 202
    clock.now += 2.9
    assert resident.users(userId=user["userId"]) == [user]
    assert resident.get("/units").json()["number"] == "2338"
    clock.now += 0.2
    assert resident.users(userId=user["userId"])[0]["passphrase"] != user["passphrase"]
    assert resident.get("/units").json()["number"] == "9"


def test_an_accepted_write_is_checked_at_once(resident):
    switch(resident, accepted=True)
    assert resident.put("/units", json={}).status_code == 400
    user = resident.user("UNIT")
    answer = resident.put(f"/units/users/{user['userId']}", json=user | {"passphrase": "short"})
    assert answer.status_code == 400


def test_a_late_write_answers_200_and_shows_after_the_delay(resident, clock):
    switch(resident, late=True, accepted_delay=3)
    assert resident.put("/units", json={"number": "9"}).status_code == 200
    assert resident.get("/units").json()["number"] == "2338"
    clock.now += 3
    assert resident.get("/units").json()["number"] == "9"


def test_writes_in_order_are_applied_as_they_were_sent_one_after_the_other(resident, clock):
    switch(resident, in_order=True, accepted_delay=10)
    user = resident.user("LINKED")
    place = f"/units/users/{user['userId']}"
    assert resident.put(place, json=user | {"passphrase": ""}).status_code == 200
    switch(resident, accepted_delay=1)
    # This one carries what was stored when it was made, and lands behind the reset.
    assert resident.put(place, json=user | {"userName": "New Name"}).status_code == 200
    clock.now += 9
    assert resident.get(place).json()["userName"] == user["userName"]
    resident.app.state.sandbox.settle()
    clock.now += 1
    now = resident.get(place).json()
    assert (now["userName"], now["passphrase"]) == ("New Name", user["passphrase"])


def test_a_reset_behind_another_write_holds(resident, clock):
    switch(resident, in_order=True, accepted=True, accepted_delay=1)
    user = resident.user("UNIT")
    place = f"/units/users/{user['userId']}"
    assert resident.put(place, json=user).status_code == 202
    assert resident.put(place, json=user | {"passphrase": ""}).status_code == 202
    clock.now += 1
    assert resident.get(place).json()["passphrase"] != user["passphrase"]


def test_accepted_writes_can_be_settled_at_once(resident):
    switch(resident, accepted=True, accepted_delay=1e9)
    resident.put("/units", json={"number": "8"})
    resident.put("/units", json={"number": "9"})
    assert resident.get("/units").json()["number"] == "2338"
    resident.post("/_sandbox/settle", whole=True)
    assert resident.get("/units").json()["number"] == "9"


@pytest.mark.parametrize(("accepted", "status"), [(True, 202), (False, 200)])
def test_writes_can_answer_without_a_body(resident, accepted, status):
    switch(resident, accepted=accepted, silent=True)
    answer = resident.put("/units", json={"number": "9"})
    assert (answer.status_code, answer.content) == (status, b"")


def test_removing_a_device_is_200_in_202_mode_too(resident):
    switch(resident, accepted=True)
    mac = resident.get("/units/devices?type=UNIT").json()["contents"][0]["macAddress"]
    assert resident.delete(f"/units/devices/{mac}").status_code == 200
    assert resident.delete(f"/units/devices/{mac}").status_code == 404


# Nulls


def read_everything(caller):
    user_id = seeds.guid("user", "full", "LINKED 1")
    return {
        "login": caller.post("/units/logins", json={"hashedSecret": caller.home.secret}).json(),
        "property": caller.get("").json(),
        "profile": caller.get("/uiConfigurations").json(),
        "access": caller.get("/access").json(),
        "unit": caller.get("/units").json(),
        "page": caller.post("/units/users/query", json={}).json(),
        "user": caller.get(f"/units/users/{user_id}").json(),
        "unit devices": caller.get("/units/devices?type=UNIT").json(),
        "user devices": caller.get(f"/units/users/{user_id}/devices").json(),
        "error": caller.get("/files/x").json(),
    }


def test_nulls_leave_only_what_a_journey_can_not_do_without(resident):
    switch(resident, nulls=True)
    found = read_everything(resident)
    left = {
        name: {field for field, value in body.items() if value is not None}
        for name, body in found.items()
    }
    assert left == {
        "login": {"unitGuid", "token"},
        "property": {"guid"},
        "profile": set(),
        "access": set(),
        "unit": {"guid", "number"},
        "page": {"content"},
        "user": {"userId"},
        "unit devices": {"contents"},
        "user devices": {"contents"},
        "error": set(),
    }
    (user, *_), (device, *_) = (
        found["page"]["content"],
        found["unit devices"]["contents"],
    )
    assert {field for field, value in user.items() if value is not None} == {"userId"}
    assert {f for f, value in device.items() if value is not None} == {
        "guid",
        "macAddress",
    }


def test_all_nulls_leave_only_what_the_contract_requires(resident):
    switch(resident, nulls="all")
    found = read_everything(resident)
    left = {field for body in found.values() for field, value in body.items() if value is not None}
    assert left == {"unitGuid", "number"}
    assert "number" in found["page"]
    assert found["page"]["number"] is None


def test_writes_work_under_nulls(resident):
    switch(resident, nulls=True)
    user_id = resident.users()[0]["userId"]
    before = resident.state.users[user_id].passphrase
    assert resident.put(f"/units/users/{user_id}", json={"passphrase": ""}).status_code == 200
    assert resident.state.users[user_id].passphrase != before


# Ids without dashes


def test_dashless_ids_are_sent_and_understood(resident):
    dashed = resident.user("LINKED")["userId"]
    switch(resident, dashless=True)
    bare = resident.user("LINKED")["userId"]
    assert bare == dashed.replace("-", "")
    assert resident.get("/units").json()["guid"] == resident.home.unit_guid.replace("-", "")
    for user_id in (bare, dashed):
        assert resident.get(f"/units/users/{user_id}").json()["userId"] == bare
        assert len(resident.users(userId=dashed)) == 1
    sent = {"userId": bare, "userName": "Bare"}
    assert resident.put(f"/units/users/{bare}", json=sent).status_code == 200
    path = f"/units/users/{bare}/devices"
    device = resident.get(path).json()["contents"][0]
    assert "-" not in device["guid"]
    assert resident.delete(f"{path}/{device['guid']}").status_code == 200
    property_id = resident.home.property_id.replace("-", "")
    assert resident.get(f"/residents/properties/{property_id}/units", whole=True).is_success
    login = resident.post("/units/logins", json={"hashedSecret": resident.home.secret})
    assert "-" not in login.json()["unitGuid"]


def test_ids_of_odd_shapes_are_400_in_both_modes(resident):
    for dashless in (False, True):
        switch(resident, dashless=dashless)
        for odd in ("f" * 31, "f" * 33, "0-" * 16, "{" + "f" * 34 + "}", "-" * 36):
            assert resident.get(f"/units/users/{odd}").status_code == 400


OPERATIONS = [
    ("GET", "/access"),
    ("GET", "/styles"),
    ("GET", "/files/favicons"),
    ("POST", "/units/logins"),
    ("GET", ""),
    ("GET", "/uiConfigurations"),
    ("GET", "/units"),
    ("POST", "/units/users/query"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_property_id_is_taken_in_one_spelling(resident, method, path):
    property_id = resident.home.property_id
    body = {"json": {"hashedSecret": resident.home.secret}} if method == "POST" else {}
    for spelling, status in (
        (property_id, 200),
        (property_id.upper(), 400),
        (property_id[:-1] + property_id[-1].swapcase(), 200 if property_id[-1].isdigit() else 400),
        (property_id.replace("-", ""), 400),
        (property_id.replace("-", "").upper(), 400),
    ):
        url = f"/residents/properties/{spelling}{path}"
        assert resident.send(method, url, whole=True, **body).status_code == status


def test_ids_are_taken_in_any_case_where_they_are_not_strict(resident):
    switch(resident, strict_ids=False)
    property_id = resident.home.property_id.upper()
    user_id = resident.user("LINKED")["userId"].upper()
    base = f"/residents/properties/{property_id}"
    assert resident.get(f"{base}/units/users/{user_id}", whole=True).status_code == 200
    bare = property_id.replace("-", "")
    assert resident.get(f"/residents/properties/{bare}/units", whole=True).status_code == 400
    switch(resident, dashless=True)
    assert resident.get(f"/residents/properties/{bare}/units", whole=True).status_code == 200
    switch(resident, strict_ids=True)
    assert resident.get(f"/residents/properties/{bare}/units", whole=True).status_code == 400


# The limit of calls


def test_the_bucket_holds_a_hundred_calls_per_property(stranger, home):
    for _ in range(100):
        assert stranger.get("/access").status_code == 200
    answer = stranger.get("/access")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["status"] == "429 TOO_MANY_REQUESTS"
    other = f"/residents/properties/{seeds.CLOSED.id}/access"
    assert stranger.get(other, whole=True).status_code == 200


def test_the_bucket_is_refilled_with_eighty_calls_a_second(stranger, clock):
    for _ in range(110):
        stranger.get("/access")
    clock.now += 0.5
    statuses = [stranger.get("/access").status_code for _ in range(50)]
    assert statuses == [200] * 40 + [429] * 10
    clock.now += 3600
    statuses = [stranger.get("/access").status_code for _ in range(110)]
    assert statuses == [200] * 100 + [429] * 10


def test_the_bucket_can_be_switched_off(stranger):
    switch(stranger, bucket=False)
    assert {stranger.get("/access").status_code for _ in range(150)} == {200}


# The controls


def test_the_documented_limit_is_on_by_default(stranger):
    switches = stranger.get("/_sandbox/switches", whole=True).json()
    assert switches["bucket"] is True
    assert [name for name, value in switches.items() if value is True] == ["strict_ids", "bucket"]


@pytest.mark.parametrize(
    "change",
    [
        {"bukcet": True},
        {"nulls": "some"},
        {"device_id": "x"},
        {"lockout": 500},
        {"token_style": "basic"},
        {"token_length": 31},
        {"token_length": 32_001},
    ],
)
def test_an_unknown_switch_is_refused(stranger, change):
    assert switch(stranger, **change).status_code == 422
    assert stranger.state.switches == Switches()


def test_reset_brings_everything_back(resident):
    switch(resident, nulls=True, latency=0.001)
    resident.put("/units", json={"number": "9"})
    resident.post("/_sandbox/faults", whole=True, json={"status": 500})
    assert resident.post("/_sandbox/reset", whole=True).status_code == 204
    assert resident.get("/_sandbox/calls", whole=True).json() == []
    assert resident.state.switches == Switches()
    assert resident.get("/units").status_code == 401
    fresh = resident.sign_in(resident.home)
    assert fresh.get("/units").json()["number"] == "2338"


def test_calls_are_written_down_in_order_without_secrets(resident, clock):
    resident.delete("/_sandbox/calls", whole=True)
    resident.get("/units")
    clock.now += 1
    resident.headers = {}
    resident.get("/units/users/../elsewhere")
    resident.post("/units/logins", json={"hashedSecret": resident.home.secret})
    calls = resident.get("/_sandbox/calls", whole=True)
    first, second, third = calls.json()
    property_id = resident.home.property_id
    assert first == {
        "operation": "residentFetchUnit",
        "method": "GET",
        "path": f"/residents/properties/{property_id}/units",
        "status": 200,
        "property": property_id,
        "token": True,
        "at": 1000,
        "until": 1000,
    }
    assert (second["operation"], second["status"], second["token"]) == (
        None,
        404,
        False,
    )
    assert (third["operation"], third["at"]) == ("residentLogin", 1001)
    assert resident.home.secret not in calls.text
    assert all(token not in calls.text for token in resident.state.tokens)


def test_only_the_last_five_thousand_calls_are_kept(stranger):
    assert stranger.state.calls.maxlen == 5000


def test_the_truth_is_told_whatever_the_switches_say(resident):
    switch(resident, nulls="all", dashless=True)
    stored = resident.get("/_sandbox/stored", whole=True).json()
    unit = next(unit for unit in stored["units"] if unit["guid"] == resident.home.unit_guid)
    assert unit["contact"]["email"] == "casey@example.com"
    assert unit["propertyId"] == resident.home.property_id
    mine = [user for user in stored["users"] if user["unitGuid"] == unit["guid"]]
    assert seeds.SPECIAL["UNIT"] in {user["passphrase"] for user in mine}
    assert len([d for d in stored["devices"] if d["userId"] in {u["userId"] for u in mine}]) == 21
    assert json.dumps(stored)


def test_the_controls_are_no_part_of_the_vendors_schema(stranger):
    assert not [path for path in stranger.app.openapi()["paths"] if "_sandbox" in path]


@pytest.mark.parametrize("path", ["/users/x", "/units/x", "/properties/x", "/devices"])
def test_the_controls_know_only_what_is_there(stranger, path):
    body = {"user": "x", "mac": "y"} if path == "/devices" else {}
    answer = stranger.post(f"/_sandbox{path}", whole=True, json=body)
    assert answer.status_code == 404
    assert answer.text.startswith("No such")


def test_the_state_lists_everybody_and_everything(stranger):
    stored = stranger.get("/_sandbox/stored", whole=True).json()
    assert [user["userId"] for user in stored["users"]] == list(stranger.state.users)
    assert [d["guid"] for d in stored["devices"]] == [d.guid for d in stranger.state.devices]
    assert len(stored["units"]) == len(stranger.state.units) == 11
