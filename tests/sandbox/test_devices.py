import pytest

from sandbox import seeds


def devices(caller, path):
    answer = caller.get(path)
    assert answer.status_code == 200
    return answer.json()["contents"]


def test_the_devices_of_unit_and_guest_come_by_type(resident):
    mine = devices(resident, "/units/devices?type=UNIT")
    guests = devices(resident, "/units/devices?type=GUEST")
    assert (len(mine), len(guests)) == (12, 3)
    assert {device["authType"] for device in mine} == {"DPSK", "MACREG"}
    assert [device["lastConnectedDate"] for device in mine].count(None) == 1
    assert {len(device["macAddress"]) for device in mine} == {17}


@pytest.mark.parametrize("query", ["", "?type=", "?type=LINKED", "?type=unit"])
def test_any_other_type_is_400(resident, query):
    assert resident.get(f"/units/devices{query}").status_code == 400


@pytest.mark.parametrize("kind", ["UNIT", "GUEST"])
def test_a_system_users_devices_are_the_same_both_ways(resident, kind):
    user_id = resident.user(kind)["userId"]
    theirs = devices(resident, f"/units/users/{user_id}/devices")
    assert theirs == devices(resident, f"/units/devices?type={kind}")


@pytest.mark.parametrize("write", [str, str.lower, lambda mac: mac.replace(":", "-").lower()])
def test_a_unit_device_is_removed_by_mac_in_any_spelling(resident, write):
    path = "/units/devices?type=UNIT"
    first, *others = devices(resident, path)
    answer = resident.delete(f"/units/devices/{write(first['macAddress'])}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert devices(resident, path) == others
    again = resident.delete(f"/units/devices/{first['macAddress']}")
    assert again.status_code == 404
    assert again.json()["status"] == "404 NOT_FOUND"


def test_a_guest_device_is_removed_by_mac(resident):
    mac = devices(resident, "/units/devices?type=GUEST")[0]["macAddress"]
    assert resident.delete(f"/units/devices/{mac}").status_code == 200
    assert len(devices(resident, "/units/devices?type=GUEST")) == 2


def test_the_unit_call_takes_neither_guids_nor_devices_of_linked_users(resident):
    guid = devices(resident, "/units/devices?type=UNIT")[0]["guid"]
    user_id = resident.user("LINKED")["userId"]
    linked = devices(resident, f"/units/users/{user_id}/devices")[0]["macAddress"]
    assert resident.delete(f"/units/devices/{guid}").status_code == 404
    assert resident.delete(f"/units/devices/{linked}").status_code == 404


@pytest.mark.parametrize(("switch", "field"), [("guid", "guid"), ("mac", "macAddress")])
def test_a_users_device_is_removed_by_what_the_switch_says(resident, switch, field):
    resident.state.switches.device_id = switch
    user_id = resident.user("LINKED")["userId"]
    path = f"/units/users/{user_id}/devices"
    first, *others = devices(resident, path)
    other_field = {"guid": "macAddress", "macAddress": "guid"}[field]
    assert resident.delete(f"{path}/{first[other_field]}").status_code == 404
    answer = resident.delete(f"{path}/{first[field]}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert devices(resident, path) == others
    assert resident.delete(f"{path}/{first[field]}").status_code == 404


def test_a_device_of_another_user_is_404(resident):
    one, other = [user["userId"] for user in resident.users() if user["type"] == "LINKED"]
    guid = devices(resident, f"/units/users/{one}/devices")[0]["guid"]
    assert resident.delete(f"/units/users/{other}/devices/{guid}").status_code == 404
    assert resident.delete(f"/units/users/{seeds.guid('x')}/devices/{guid}").status_code == 404


def test_a_sticky_device_is_said_to_be_removed_and_stays(resident):
    resident.state.switches.sticky_devices = True
    path = "/units/devices?type=UNIT"
    before = devices(resident, path)
    assert resident.delete(f"/units/devices/{before[0]['macAddress']}").status_code == 200
    assert devices(resident, path) == before


def test_a_device_can_join_from_outside(resident):
    user_id = resident.user("LINKED")["userId"]
    sent = {
        "user": user_id,
        "mac": "02:00:5E:00:53:AA",
        "last_connected": "2026-01-02T03:04:05",
    }
    answer = resident.post("/_sandbox/devices", whole=True, json=sent)
    assert answer.status_code == 201
    joined = devices(resident, f"/units/users/{user_id}/devices")[-1]
    assert joined["guid"] == answer.json()["guid"]
    assert joined["lastConnectedDate"] == "2026-01-02T03:04:05"
