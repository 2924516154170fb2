import json

import pytest

from sandbox import seeds


def query(caller, **body):
    return caller.post("/units/users/query", json=body).json()


@pytest.fixture
def crowd(stranger, home):
    return stranger.sign_in(home("45 users"))


def test_a_page_has_twenty_users_unless_told(crowd):
    page = query(crowd)
    assert (page["size"], page["number"], len(page["content"])) == (20, 0, 20)
    assert (page["totalPages"], page["totalElements"], page["numberOfElements"]) == (
        3,
        45,
        20,
    )
    assert (page["first"], page["last"], page["empty"]) == (True, False, False)
    assert page["sort"] == {"empty": True, "sorted": False, "unsorted": True}
    assert page["pageable"] == {
        "offset": 0,
        "sort": page["sort"],
        "pageNumber": 0,
        "pageSize": 20,
        "paged": True,
        "unpaged": False,
    }


def test_a_query_without_body_is_the_first_page(crowd):
    assert crowd.post("/units/users/query").json() == query(crowd)


def test_the_pages_hold_every_user_once(crowd):
    pages = [query(crowd, page=n, pageSize=20) for n in range(3)]
    ids = [user["userId"] for page in pages for user in page["content"]]
    assert len(ids) == len(set(ids)) == 45
    assert [page["last"] for page in pages] == [False, False, True]
    assert [page["pageable"]["offset"] for page in pages] == [0, 20, 40]
    assert ids == [user["userId"] for user in crowd.users()]


def test_the_order_is_stable_and_not_by_type_id_or_name(crowd):
    users = crowd.users()
    assert users == crowd.users()
    assert users[0]["type"] == "LINKED"
    assert users != sorted(users, key=lambda user: user["userId"])
    assert users != sorted(users, key=lambda user: user["userName"])


@pytest.mark.parametrize("number", [3, 99, 2**31 - 1])
def test_a_page_past_the_end_is_empty(crowd, number):
    page = query(crowd, page=number)
    assert (page["content"], page["empty"], page["last"], page["first"]) == (
        [],
        True,
        True,
        False,
    )
    assert page["totalElements"] == 45


@pytest.mark.parametrize(
    "body",
    [
        {"pageSize": 0},
        {"pageSize": -1},
        {"page": -1},
        {"page": "1"},
        {"page": 2**31},
        {"page": True},
        {"sortDirection": "UP"},
        {"sortFields": ["userName"]},
        {"sortFields": "userId"},
        {"userId": "abc"},
        {"userId": "f" * 32},
    ],
)
def test_a_query_that_breaks_the_schema_is_400(crowd, body):
    answer = crowd.post("/units/users/query", json=body)
    assert answer.status_code == 400
    assert answer.json()["validationErrors"]


def test_nulls_in_a_query_are_like_nothing(crowd):
    nulls = dict.fromkeys(["page", "pageSize", "userId", "sortFields", "sortDirection"])
    assert query(crowd, **nulls) == query(crowd)


def test_users_can_be_sorted_by_id(crowd):
    up = [user["userId"] for user in crowd.users(sortFields=["userId"])]
    down = [user["userId"] for user in crowd.users(sortFields=["userId"], sortDirection="DESC")]
    assert up == sorted(up)
    assert down == up[::-1]


def test_a_query_can_ask_for_one_user(crowd):
    wanted = crowd.users()[7]
    page = query(crowd, userId=wanted["userId"].upper())
    assert page["content"] == [wanted]
    assert (page["totalElements"], page["first"], page["last"]) == (1, True, True)


def test_a_home_without_users_has_one_empty_page(stranger, home):
    page = query(stranger.sign_in(home("no users at all")))
    assert (page["content"], page["totalPages"], page["first"], page["last"]) == (
        [],
        0,
        True,
        True,
    )


def test_hidden_system_identities_are_left_out_and_can_not_be_read(stranger, home):
    resident = stranger.sign_in(home("system identities hidden"))
    assert {user["type"] for user in resident.users()} == {"LINKED"}
    hidden = next(user for user in resident.home.unit.users if user.type == "UNIT")
    assert resident.get(f"/units/users/{hidden.id}").status_code == 404
    assert resident.get("/units/devices?type=UNIT").json()["contents"] != []


def test_a_blocked_user_is_shown_as_blocked(stranger, home):
    statuses = [user["status"] for user in stranger.sign_in(home("a blocked user")).users()]
    assert sorted(statuses) == ["ACTIVE", "BLOCKED", "BLOCKED"]


def test_one_user_is_as_in_the_list(resident):
    for user in resident.users():
        answer = resident.get(f"/units/users/{user['userId']}")
        assert answer.json() == user
        assert user["_links"]["self"]["href"].endswith(user["userId"])


def test_an_unknown_user_is_404_without_a_body(resident):
    for path in ("", "/devices"):
        answer = resident.get(f"/units/users/{seeds.guid('nobody')}{path}")
        assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("user_id", ["abc", "query", "%2e%2e", "f" * 32])
def test_a_malformed_user_id_is_400(resident, user_id):
    assert resident.get(f"/units/users/{user_id}").status_code == 400


# Changing a user


def put(caller, user, **change):
    return caller.put(f"/units/users/{user['userId']}", json=user | change)


def test_a_change_replaces_name_email_and_phone(resident):
    user = next(user for user in resident.users() if user["userName"] == "Riley Example")
    answer = resident.put(f"/units/users/{user['userId']}", json={"userName": "Riley New"})
    assert answer.status_code == 200
    assert answer.json()["personaUpdateId"]
    assert answer.json()["dpskUpdateId"] is None
    after = resident.get(f"/units/users/{user['userId']}").json()
    assert after == user | {"userName": "Riley New", "email": None, "phoneNumber": None}


def test_a_change_can_not_touch_type_status_or_id(resident):
    user = resident.user("LINKED")
    assert put(resident, user, type="UNIT", status="BLOCKED").status_code == 200
    assert resident.get(f"/units/users/{user['userId']}").json() == user
    assert put(resident, user, userId=seeds.guid("nobody")).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"email": "x" * 256},
        {"phoneNumber": "1" * 17},
        {"status": "GONE"},
        {"type": "ADMIN"},
        {"userName": 5},
        {"userId": "abc"},
    ],
)
def test_a_change_that_breaks_a_limit_is_400(resident, change):
    user = resident.user("LINKED")
    answer = put(resident, user, **change)
    assert answer.status_code == 400
    assert answer.json()["validationErrors"]
    assert resident.get(f"/units/users/{user['userId']}").json() == user


def test_the_vendors_own_content_type_is_read(resident):
    user = resident.user("LINKED")
    answer = resident.put(
        f"/units/users/{user['userId']}",
        content=json.dumps(user | {"userName": "By vendor type"}),
        headers={"Content-Type": "application/vnd.ruckus.v1+json"},
    )
    assert answer.status_code == 200
    assert resident.users(userId=user["userId"])[0]["userName"] == "By vendor type"


def test_a_user_can_be_changed_from_outside(resident):
    user = resident.user("LINKED")
    path = f"/_sandbox/users/{user['userId']}"
    sent = {"status": "BLOCKED", "passphrase": "set outside", "phone": None}
    assert resident.post(path, whole=True, json=sent).status_code == 204
    after = resident.get(f"/units/users/{user['userId']}").json()
    assert (after["status"], after["passphrase"]) == ("BLOCKED", "set outside")
    assert after["userName"] == user["userName"]
    assert resident.post(path, whole=True, json={"stat": "x"}).status_code == 422


# Passphrases


@pytest.mark.parametrize("kind", ["UNIT", "GUEST", "LINKED"])
def test_an_empty_passphrase_makes_a_new_one(resident, kind):
    user = resident.user(kind)
    answer = put(resident, user, passphrase="")
    assert answer.json()["dpskUpdateId"]
    after = resident.users(userId=user["userId"])[0]
    assert after["passphrase"] != user["passphrase"]
    assert len(after["passphrase"]) == 18
    assert all("!" <= c <= "~" for c in after["passphrase"])
    assert after | {"passphrase": ""} == user | {"passphrase": ""}


def test_the_pool_says_what_a_new_passphrase_looks_like(stranger, home):
    resident = stranger.sign_in(home("markup and emoji and right-to-left text"))
    user = resident.user("UNIT")
    put(resident, user, passphrase="")
    fresh = resident.users(userId=user["userId"])[0]["passphrase"]
    assert len(fresh) == 16
    assert set(fresh) <= set(seeds.KEYBOARD)
    resident.state.properties[seeds.UNUSUAL.id].pool = seeds.Pool("digits", 10)
    put(resident, user, passphrase="")
    fresh = resident.users(userId=user["userId"])[0]["passphrase"]
    assert len(fresh) == 10
    assert fresh.isdigit()


@pytest.mark.parametrize("sent", [{}, {"passphrase": None}])
def test_an_absent_passphrase_stays(resident, sent):
    user = resident.user("UNIT")
    body = {"userName": user["userName"]} | sent
    assert resident.put(f"/units/users/{user['userId']}", json=body).status_code == 200
    assert resident.users(userId=user["userId"]) == [user]


@pytest.mark.parametrize("place", ["no portal profile", "portal API not allowed", "full branding"])
def test_an_unchanged_passphrase_is_always_accepted(stranger, home, place):
    resident = stranger.sign_in(home(place))
    user = resident.user("UNIT")
    resident.state.users[user["userId"]].passphrase = odd = "söö"
    assert put(resident, user, passphrase=odd).status_code == 200
    assert resident.users(userId=user["userId"])[0]["passphrase"] == odd


@pytest.mark.parametrize("place", ["no portal profile", "portal API not allowed"])
def test_an_own_passphrase_is_refused_unless_the_property_allows_it(stranger, home, place):
    resident = stranger.sign_in(home(place))
    user = resident.user("UNIT")
    answer = put(resident, user, passphrase="my own passphrase", userName="Changed too")
    assert answer.status_code == 400
    assert len(answer.json()["validationErrors"]) == 1
    assert resident.users(userId=user["userId"]) == [user]


@pytest.mark.parametrize("own", ["12345678", "x" * 63, "with spaces ~", "a\\b;c,d\":<&'"])
def test_an_own_passphrase_is_taken_as_it_is(resident, own):
    user = resident.user("GUEST")
    assert put(resident, user, passphrase=own).status_code == 200
    assert resident.users(userId=user["userId"])[0]["passphrase"] == own
    assert resident.get("/units").json()["guestSecret"] == own


@pytest.mark.parametrize("own", ["1234567", "x" * 64, "passphräse", "tab\tin there", "nul\0inside"])
def test_an_own_passphrase_that_breaks_the_rules_is_400(resident, own):
    user = resident.user("GUEST")
    answer = put(resident, user, passphrase=own)
    assert answer.status_code == 400
    assert own not in answer.text
    assert resident.users(userId=user["userId"]) == [user]


def test_a_pool_can_ask_for_more_characters(stranger, home):
    resident = stranger.sign_in(home("markup and emoji and right-to-left text"))
    user = resident.user("UNIT")
    assert put(resident, user, passphrase="x" * 11).status_code == 400
    assert put(resident, user, passphrase="x" * 12).status_code == 200
