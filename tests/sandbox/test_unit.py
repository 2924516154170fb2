import pytest

from sandbox import seeds

CONTACT = {"contactName": "Casey Example"}


def test_the_unit_shows_number_contact_and_keys(resident):
    unit = resident.get("/units").json()
    assert unit["number"] == "2338"
    assert unit["contact"] == {
        "contactName": "Casey Example",
        "email": "casey@example.com",
        "phoneNumber": "+12025550138",
    }
    assert unit["status"] == "ENABLED"
    assert (unit["secret"], unit["guestSecret"]) == (
        seeds.SPECIAL["UNIT"],
        seeds.SPECIAL["GUEST"],
    )


def test_a_home_without_users_and_contact_is_a_home(stranger, home):
    unit = stranger.sign_in(home("no users at all")).get("/units").json()
    assert (unit["secret"], unit["guestSecret"]) == (None, None)
    assert (
        stranger.sign_in(home("a profile without content")).get("/units").json()["contact"] is None
    )


def test_what_was_not_sent_stays(resident):
    before = resident.get("/units").json()
    assert resident.put("/units", json={"number": "2338"}).status_code == 200
    assert resident.get("/units").json() == before


@pytest.mark.parametrize("nothing", [{}, {"email": None, "phoneNumber": None}])
def test_an_absent_or_null_email_and_phone_stay(resident, nothing):
    before = resident.get("/units").json()["contact"]
    sent = {"number": "2338", "contact": {"contactName": "New Name"} | nothing}
    assert resident.put("/units", json=sent).status_code == 200
    assert resident.get("/units").json()["contact"] == before | {"contactName": "New Name"}


def test_an_empty_email_and_phone_are_cleared(resident):
    sent = {"number": "2338", "contact": CONTACT | {"email": "", "phoneNumber": ""}}
    assert resident.put("/units", json=sent).json()["contact"] == sent["contact"]
    assert resident.get("/units").json()["contact"] == sent["contact"]


def test_a_first_contact_can_be_given(stranger, home):
    resident = stranger.sign_in(home("a profile without content"))
    assert resident.put("/units", json={"number": "0", "contact": CONTACT}).status_code == 200
    assert resident.get("/units").json()["contact"]["contactName"] == "Casey Example"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"number": None},
        {"number": 2338},
        {"contact": CONTACT},
        {"number": "1", "contact": {}},
        {"number": "1", "contact": {"contactName": None}},
        {"number": "1", "contact": CONTACT | {"email": "x" * 256}},
        {"number": "1", "contact": CONTACT | {"phoneNumber": "1" * 17}},
        {"number": "1", "status": "SUSPENDED"},
        {"number": "1", "secret": "x" * 64},
        {"number": "1", "guestSecret": "x" * 64},
        [],
        "text",
        None,
    ],
)
def test_what_breaks_a_limit_is_400_and_changes_nothing(resident, sent):
    before = resident.get("/units").json()
    answer = resident.put("/units", json=sent)
    assert answer.status_code == 400
    assert answer.json()["validationErrors"]
    assert resident.get("/units").json() == before


def test_limits_themselves_are_allowed(resident):
    sent = {"email": "x" * 255, "phoneNumber": "1" * 16}
    answer = resident.put("/units", json={"number": "1", "contact": CONTACT | sent})
    assert answer.status_code == 200
    assert answer.json()["contact"] == CONTACT | sent


def test_a_secret_sent_with_the_unit_follows_the_rules_of_passphrases(stranger, home):
    """The portal never sends one; if it does by mistake, the state shows it."""
    resident = stranger.sign_in(home("no portal profile"))
    before = resident.get("/units").json()
    sent = {"number": "12B", "secret": before["secret"], "guestSecret": "own choice"}
    assert resident.put("/units", json=sent).status_code == 400
    assert resident.put("/units", json=sent | {"guestSecret": ""}).status_code == 200
    after = resident.get("/units").json()
    assert after["secret"] == before["secret"]
    assert after["guestSecret"] not in ("", before["guestSecret"])


def test_a_unit_can_be_changed_from_outside(resident):
    path = f"/_sandbox/units/{resident.home.unit_guid}"
    sent = {"status": "DISABLED", "email": None, "hidden": ["UNIT"], "number": "2"}
    assert resident.post(path, whole=True, json=sent).status_code == 204
    unit = resident.get("/units").json()
    assert (unit["status"], unit["contact"]["email"], unit["number"]) == (
        "DISABLED",
        None,
        "2",
    )
    assert "UNIT" not in {user["type"] for user in resident.users()}
    missing = f"/_sandbox/units/{seeds.guid('nothing')}"
    assert resident.post(missing, whole=True, json={}).status_code == 404
