from datetime import datetime

import pytest

from sandbox import seeds

READS = ["", "/uiConfigurations", "/files/logo", "/units", "/units/devices?type=UNIT"]


def log_in(caller, code):
    return caller.post("/units/logins", json={"hashedSecret": code})


def test_the_access_code_gives_a_token_for_its_unit(stranger, home):
    mine = home("full branding")
    answer = log_in(stranger, mine.secret)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/hal+json"
    body = answer.json()
    assert body["unitGuid"] == mine.unit_guid
    assert body["expireDateTime"].endswith("Z")
    life = datetime.fromisoformat(body["expireDateTime"]) - datetime.now().astimezone()
    assert 11.9 < life.total_seconds() / 3600 < 12.1


def test_two_sign_ins_give_two_tokens(stranger, home):
    code = home("full branding").secret
    assert log_in(stranger, code).json()["token"] != log_in(stranger, code).json()["token"]


@pytest.mark.parametrize("code", ["wrong", "7uQKvc9h3m2suaVhA2WvoX9Uie3z6N_1mSvY722keZ", "é" * 512])
def test_a_wrong_access_code_is_401(stranger, code):
    assert log_in(stranger, code).status_code == 401


def test_an_access_code_opens_nothing_at_another_property(stranger, home):
    assert log_in(stranger, home("no portal profile").secret).status_code == 401


@pytest.mark.parametrize("property_id", [seeds.guid("nothing"), "abc", "%20"])
def test_an_unknown_property_answers_like_a_wrong_code(stranger, home, property_id):
    answer = stranger.post(
        f"/residents/properties/{property_id}/units/logins",
        whole=True,
        json={"hashedSecret": home("full branding").secret},
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("body", [{}, {"hashedSecret": None}, {"hashedSecret": ""}])
def test_a_sign_in_without_access_code_is_400(stranger, body):
    answer = stranger.post("/units/logins", json=body)
    assert answer.status_code == 400
    assert answer.json()["validationErrors"] == ["A secret is required."]


def test_an_access_code_with_slash_plus_equals_and_percent_works(stranger, home):
    assert stranger.sign_in(home("an access code with / + = %")).get("/units").status_code == 200


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer nonsense", "Basic abc"])
def test_without_a_token_that_holds_everything_is_401(stranger, path, header):
    answer = stranger.get(path, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert "www-authenticate" not in answer.headers


def test_a_broken_body_without_token_is_401_too(stranger):
    answer = stranger.put("/units", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 401


def test_the_scheme_may_be_written_in_any_case(resident):
    token = resident.headers["Authorization"].removeprefix("Bearer ")
    resident.headers = {"Authorization": f"bEARER {token}"}
    assert resident.get("/units").status_code == 200


def test_a_token_ends_after_its_life(resident, clock):
    clock.now += 12 * 3600 - 1
    assert resident.get("/units").status_code == 200
    clock.now += 2
    assert resident.get("/units").status_code == 401


def test_the_life_of_a_token_can_be_set(stranger, home, clock):
    stranger.state.switches.token_life = 5
    resident = stranger.sign_in(home("full branding"))
    clock.now += 6
    assert resident.get("/units").status_code == 401


def test_all_tokens_can_be_ended(resident):
    assert resident.post("/_sandbox/expire", whole=True).status_code == 204
    assert resident.get("/units").status_code == 401


@pytest.mark.parametrize("property_id", [seeds.PLAIN.id, seeds.guid("nothing")])
@pytest.mark.parametrize("path", READS)
def test_a_token_opens_no_other_property(resident, property_id, path):
    """One that exists and one that doesn't answer alike."""
    answer = resident.get(f"/residents/properties/{property_id}{path}", whole=True)
    assert answer.status_code == 403


def test_a_token_opens_no_other_home_of_its_property(stranger, resident, home):
    neighbour = stranger.sign_in(home("45 users"))
    theirs = neighbour.user("LINKED")["userId"]
    device = next(d.mac for u in neighbour.home.unit.users for d in u.devices if u.type == "UNIT")
    assert resident.get("/units").json()["guid"] == resident.home.unit_guid
    assert resident.get(f"/units/users/{theirs}").status_code == 404
    assert resident.get(f"/units/users/{theirs}/devices").status_code == 404
    assert resident.put(f"/units/users/{theirs}", json={"passphrase": ""}).status_code == 404
    assert resident.users(userId=theirs) == []
    assert resident.delete(f"/units/devices/{device}").status_code == 404
    assert len(neighbour.users()) == 45


def test_a_suspended_unit_signs_in_and_says_that_it_is_disabled(stranger, home):
    resident = stranger.sign_in(home("a suspended unit"))
    assert resident.get("/units").json()["status"] == "DISABLED"


@pytest.mark.parametrize("status", [401, 403])
def test_a_suspended_unit_can_be_locked_out_at_sign_in(stranger, home, status):
    stranger.state.switches.lockout = status
    assert log_in(stranger, home("a suspended unit").secret).status_code == status
    assert log_in(stranger, home("full branding").secret).status_code == 200
    assert len(stranger.state.tokens) == 1
