"""The controls of the management API, and the building that is put up on demand."""

import pytest

from sandbox.management.accounts import ACCOUNTS
from sandbox.seeds import guid


def test_switches_are_told_set_and_reset(staff):
    staff.switch(link="whole", first_page=0)
    told = staff.control("GET", "switches").json()
    assert (told["link"], told["first_page"], told["limit"]) == ("whole", 0, True)
    staff.caller.send("POST", "/_sandbox/reset", whole=True)
    assert staff.control("GET", "switches").json()["link"] == "auth"
    assert staff.control("GET", "tokens").json() == []


@pytest.mark.parametrize("change", [{"lnk": "auth"}, {"link": "round"}, {"first_page": 2}])
def test_a_misspelt_switch_is_refused(staff, change):
    assert staff.control("PATCH", "switches", json=change).status_code == 422


def test_the_accounts_are_told_with_their_secrets(staff):
    told = staff.control("GET", "accounts").json()
    assert [each["client_secret"] for each in told] == [each.client_secret for each in ACCOUNTS]


def test_there_is_no_building_until_somebody_asks(staff):
    assert staff.units(guid("property", "thistle")).status_code == 404
    assert len(staff.caller.state.units) < 20


def test_a_building_of_300_homes_is_put_up(staff):
    built = staff.control("POST", "building", json={}).json()
    venue, without = built["property_id"], built["without_link"]
    units = []
    for page in (1, 2, 3):
        units += staff.units(venue, page=page).json()["content"]
    assert len({unit["id"] for unit in units}) == len({unit["name"] for unit in units}) == 300
    suspended = {unit["id"] for unit in units if unit["status"] == "DISABLED"}
    assert len(suspended) == 3
    assert len(set(without)) == 12
    assert not suspended & set(without)
    assert units[0]["name"] == "1001"
    for unit in units[:20]:
        links = staff.get(f"/venues/{venue}/units/{unit['id']}").json()["_links"]
        assert ("residentPortal" in links) == (unit["id"] not in without)


def test_its_homes_open_for_residents(staff, stranger):
    built = staff.control("POST", "building", json={"homes": 2, "without_link": 0, "suspended": 1})
    venue = built.json()["property_id"]
    for unit in staff.caller.state.units.values():
        if unit.property_id == venue:
            path = f"/residents/properties/{venue}/units/logins"
            body = {"hashedSecret": unit.access_code}
            answer = stranger.send("POST", path, whole=True, json=body)
            assert answer.json()["unitGuid"] == unit.guid


@pytest.mark.parametrize("plan", [{"homes": 5}, {"homes": 0}, {"floors": 3}])
def test_a_building_that_cannot_be_is_refused(staff, plan):
    assert staff.control("POST", "building", json=plan).status_code == 422


def test_calls_are_written_down_and_faults_hit_them(staff):
    fault = {"operation": "queryUnits", "status": 503}
    assert staff.caller.send("POST", "/_sandbox/faults", whole=True, json=fault).status_code == 204
    assert staff.units().status_code == 503
    assert staff.units().status_code == 200
    calls = list(staff.caller.state.calls)
    assert [call["operation"] for call in calls] == ["createToken", "queryUnits", "queryUnits"]
    assert [call["status"] for call in calls] == [200, 503, 200]


def test_a_wrong_method_is_told_the_right_ones(staff):
    answer = staff.send("DELETE", "/venues/x/units/y")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PATCH")
