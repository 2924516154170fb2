"""Properties and units, their links, and what is done to them."""

import pytest

from ruckus.links import find_vendor_href
from sandbox import seeds
from tests.sandbox.management.conftest import QUERY, VENUE

HOME = seeds.homes()[0]
UNIT = f"/venues/{VENUE}/units/{HOME.unit_guid}"


def href(staff, path=UNIT):
    links = staff.get(path).json()["_links"]
    return links.get("residentPortal", {}).get("href")


# Properties


def test_all_properties_are_listed_in_order(staff):
    answer = staff.send("POST", "/venues/propertyConfigs/query", json=QUERY).json()
    names = [each["venueName"] for each in answer["content"]]
    assert names == sorted(names)
    assert len(names) == len(seeds.PROPERTIES) == answer["totalElements"]
    assert len({each["venueId"] for each in answer["content"]}) == len(names)


def test_a_property_says_what_residents_may_use(staff):
    found = staff.get(f"/venues/{VENUE}/propertyConfigs").json()
    assert found["venueId"] == VENUE
    assert found["unitConfig"]["residentApiAllowed"] is True
    assert found["unitConfig"]["residentPortalAllowed"] is False


def test_a_venue_is_known_in_both_spellings(staff):
    assert staff.get(f"/venues/{seeds.BRANDED.id}/propertyConfigs").status_code == 200


@pytest.mark.parametrize("venue", ["x", "0" * 32])
def test_an_unknown_venue_is_not_found(staff, venue):
    assert staff.get(f"/venues/{venue}/propertyConfigs").status_code == 404
    assert staff.units(venue).status_code == 404


# Units


def test_a_unit_is_told_with_its_resident_and_passphrases(staff):
    unit = staff.get(UNIT).json()
    assert (unit["id"], unit["name"], unit["status"]) == (HOME.unit_guid, "2338", "ENABLED")
    assert unit["resident"]["name"] == "Casey Example"
    assert unit["identityCount"] == 4
    assert [each["type"] for each in unit["dpsks"]] == ["UNIT", "GUEST"]
    assert unit["dpsks"][0]["passphrase"] == seeds.SPECIAL["UNIT"]


def test_a_unit_without_a_resident_is_told_as_well(staff):
    hollow = seeds.HOLLOW.id
    [unit] = staff.units(hollow).json()["content"]
    assert unit["resident"] == {}


def test_a_unit_of_another_property_is_not_found(staff):
    path = f"/venues/{seeds.PLAIN.id}/units/{HOME.unit_guid}"
    assert staff.get(path).status_code == 404
    assert staff.send("PATCH", path, json={"status": "DISABLED"}).status_code == 404
    assert staff.get(f"/venues/{VENUE}/units/x").status_code == 404


def test_units_are_sorted_filtered_and_searched(staff):
    assert staff.names() == ["2338", "2339", "3101", "3102", "4500"]
    assert staff.names(sortOrder="DESC")[0] == "4500"
    assert staff.names(filters={"name": ["4500", "2338"]}) == ["2338", "4500"]
    assert staff.names(filters={"status": "DISABLED"}) == ["3101"]
    assert staff.names(filters={"colour": "red"}) == []
    assert staff.names(keyword="310") == ["3101", "3102"]


@pytest.mark.parametrize(("first", "pages"), [(1, [1, 2, 3]), (0, [0, 1, 2])])
def test_pages_count_from_where_the_switch_says(staff, first, pages):
    staff.switch(first_page=first)
    answers = [staff.units(page=page, pageSize=2).json() for page in pages]
    assert [len(each["content"]) for each in answers] == [2, 2, 1]
    assert [each["number"] for each in answers] == [0, 1, 2]
    assert [each["last"] for each in answers] == [False, False, True]
    assert {each["totalElements"] for each in answers} == {5}
    assert staff.units(page=first - 1).status_code == 400
    past = staff.units(page=first + 3, pageSize=2).json()
    assert (past["content"], past["last"]) == ([], True)


def test_answers_may_count_from_1(staff):
    staff.switch(first_number=1)
    answer = staff.units().json()
    assert (answer["number"], answer["pageable"]["pageNumber"]) == (1, 1)


def test_a_query_has_to_say_how_to_sort(staff):
    answer = staff.units(sortOrder=None)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "PROPERTY-MANAGEMENT-007"


@pytest.mark.parametrize("wrong", [{"page": None}, {"pageSize": 0}, {"sortOrder": "UP"}])
def test_a_query_that_makes_no_sense_is_refused(staff, wrong):
    answer = staff.units(**wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "SANDBOX-400"


def test_a_page_may_come_without_its_content(staff):
    answer = staff.send("POST", f"/venues/{VENUE}/units/query?excludeContent=true", json=QUERY)
    assert "content" not in answer.json()
    assert answer.json()["totalElements"] == 5


def test_units_can_be_had_as_csv(staff):
    headers = {"Accept": "text/csv"}
    answer = staff.send("POST", f"/venues/{VENUE}/units/query", json=QUERY, headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines()[:2] == ["Name,Status", '"2338",ENABLED']


def test_identities_are_listed_page_by_page(staff):
    path = f"/venues/{VENUE}/units/identities/query"
    answer = staff.send("POST", path, json=QUERY).json()
    kinds = [each["personaType"] for each in answer["content"] if each["unitId"] == HOME.unit_guid]
    assert kinds == ["UNIT", "GUEST", "LINKED", "LINKED"]


# Links


@pytest.mark.parametrize("shape", ["auth", "fragment", "whole", "secret"])
def test_each_shape_of_link_holds_the_access_code(staff, shape):
    staff.switch(link=shape)
    found = find_vendor_href(href(staff), property_id=VENUE, unit_id=HOME.unit_guid)
    assert HOME.secret in found.codes


def test_links_can_be_missing_for_all_or_for_one(staff):
    staff.switch(link=None)
    assert href(staff) is None
    staff.switch(link="auth")
    assert href(staff)
    path = f"links/{HOME.unit_guid}"
    assert staff.control("POST", path, json={"shape": None}).status_code == 204
    assert href(staff) is None
    staff.control("POST", path, json={"shape": "whole"})
    assert href(staff).startswith("https%3A")
    assert staff.control("POST", "links/x", json={"shape": None}).status_code == 404
    assert staff.control("POST", path, json={"shape": "round"}).status_code == 422


def test_rows_have_links_only_where_the_switch_says(staff):
    def rows(**query):
        return [
            "residentPortal" in unit["_links"] for unit in staff.units(**query).json()["content"]
        ]

    assert not any(rows())
    staff.switch(rows_have_links=True)
    assert all(rows())
    assert not any(rows(fields=["name"]))
    assert all(rows(fields=["name", "_links"]))


def test_a_reader_may_be_given_no_links(reader, staff):
    assert href(reader)
    reader.switch(read_only_sees_links=False)
    assert href(reader) is None
    assert href(staff)


# Changes


def test_a_unit_is_suspended_and_let_in_again(staff, resident):
    for status in ("DISABLED", "ENABLED"):
        answer = staff.send("PATCH", UNIT, json={"status": status})
        assert answer.status_code == 200
        assert staff.get(UNIT).json()["status"] == status
        # The residents' API has the same homes.
        assert resident.get("/units").json()["status"] == status
        request_id = answer.json()["requestId"]
        assert staff.get(f"/activities/{request_id}").json()["status"] == "SUCCESS"


@pytest.mark.parametrize(("outcome", "status"), [("SUCCESS", "DISABLED"), ("FAIL", "ENABLED")])
def test_an_accepted_change_ends_later(staff, clock, outcome, status):
    staff.switch(accepted=True, outcome=outcome)
    answer = staff.send("PATCH", UNIT, json={"status": "DISABLED"})
    assert answer.status_code == 202
    activity = f"/activities/{answer.json()['requestId']}"
    assert staff.get(activity).json()["status"] == "INPROGRESS"
    assert staff.get(UNIT).json()["status"] == "ENABLED"
    clock.now += 2
    assert staff.get(activity).json()["status"] == outcome
    assert staff.get(UNIT).json()["status"] == status


def test_an_unknown_activity_is_not_found(staff):
    assert staff.get("/activities/x").status_code == 404


@pytest.mark.parametrize("body", [{}, {"status": "GONE"}, []])
def test_a_status_that_is_none_is_refused(staff, body):
    assert staff.send("PATCH", UNIT, json=body).status_code == 400


def test_messages_are_sent_again_to_units_of_the_property(staff):
    path = f"/venues/{VENUE}/units/notifications"
    assert staff.send("POST", path, json=[HOME.unit_guid]).status_code == 200
    assert staff.control("GET", "resent").json() == [HOME.unit_guid]
    elsewhere = next(home for home in seeds.homes() if home.property_id != seeds.BRANDED.id)
    for refused in ([elsewhere.unit_guid], ["x"], [HOME.unit_guid] * 101, {}):
        assert staff.send("POST", path, json=refused).status_code == 400
    assert staff.control("GET", "resent").json() == [HOME.unit_guid]
