import json
import time
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruckus import resident_types
from ruckus.resident_types import (
    BadId,
    Contact,
    Device,
    Listed,
    UnitUser,
    UnreadableBody,
    check_id,
    read_devices,
    read_user_page,
)

WRONG = [None, 7, 7.5, True, [], {}, ["x"], {"x": 1}]


def body(**data):
    return json.dumps(data).encode()


# Ids


@pytest.mark.parametrize(
    "value",
    [
        "0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11",
        "0b5d1c9e2f5c4d0e9a536a4f5c1f7a11",
        "AA:BB:CC:DD:EE:FF",
        "a",
        "...",
        "x" * 64,
    ],
)
def test_an_id_is_sent_back_as_it_came(value):
    assert check_id(value) == value


@pytest.mark.parametrize(
    "value", ["", ".", "..", "a/b", "a b", "a?b", "a#b", "a%2fb", "é", "x" * 65, "a\n", "１", None]
)
def test_what_could_leave_its_place_in_a_path_is_no_id(value):
    with pytest.raises(BadId) as caught:
        check_id(value)
    assert str(caught.value) == "not an id"


@given(st.text())
def test_every_text_is_an_id_or_refused(value):
    try:
        kept = check_id(value)
    except BadId:
        return
    assert kept == value
    assert not set(kept) & set("/?#%\\ \r\n")
    assert kept not in {"", ".", ".."}


# Texts, flags and moments


@pytest.fixture
def far_away(monkeypatch):
    """A machine that thinks itself in Chicago."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Chicago")
        time.tzset()
        yield
    time.tzset()


def test_what_cannot_be_rendered_is_taken_out_of_texts():
    said = resident_types.read_access(rb'{"loginText": "a\u0000b\ud83dc\td\r\ne\u007f"}')

    assert said.login_text == "abc\td\r\ne"
    said.login_text.encode()


def test_texts_are_kept_within_bounds():
    name = resident_types.read_unit_user(body(userName="x" * 1_000_000)).name
    assert len(name) == resident_types.MAX_TEXT


@pytest.mark.parametrize("value", [None, 1, "true", [], {}])
def test_only_true_and_false_are_flags(value):
    assert resident_types.read_access(body(portalAllowed=value)).portal_allowed is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00.123456789+0200", datetime(2026, 3, 1, 8, 0, 0, 123456, UTC)),
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01 10:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-06-01T00:00:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("9999-06-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (1_700_000_000, None),
        ([2026, 3, 1], None),
        (None, None),
    ],
)
def test_moments_are_in_utc_or_none(said, meant, far_away):
    assert resident_types.moment(said) == meant


@given(st.text() | st.datetimes(timezones=st.timezones()).map(str))
def test_no_text_breaks_a_moment(said):
    moment = resident_types.moment(said)
    assert moment is None or moment.tzinfo is UTC


# Bodies


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"<html>",
        b"{",
        b'{"a": 1}}',
        b'{"a": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
    ],
)
def test_only_a_json_object_is_a_body(said):
    with pytest.raises(UnreadableBody):
        resident_types.read_unit(said)


@pytest.mark.parametrize(
    "said",
    [b'\xef\xbb\xbf{"number": "7"}', b'{"number": "7", "x": NaN}', b'{"number": "7\\udc00"}'],
)
def test_what_strict_parsers_refuse_is_still_read(said):
    assert resident_types.read_unit(said).number == "7"


# Signing in


def test_a_login_holds_the_token_and_its_end():
    login = resident_types.read_login(
        body(
            unitGuid="u-1",
            token="t0k.en",
            serverVersion="1",
            expireDateTime="2026-03-01T10:00:00Z",
        )
    )

    assert login == resident_types.Login(
        unit_id="u-1",
        token="t0k.en",
        server_version="1",
        expires_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
    )
    assert "t0k.en" not in repr(login)
    assert "u-1" not in repr(login)


def test_a_login_needs_nothing_but_the_token():
    assert resident_types.read_login(body(token="t")) == resident_types.Login(unit_id="", token="t")


@pytest.mark.parametrize("token", [*WRONG, "", "a b", "a\r\nX-Evil: 1", "é", "x" * 32_001])
def test_a_login_without_a_token_that_can_be_sent_is_unreadable(token):
    with pytest.raises(UnreadableBody):
        resident_types.read_login(body(token=token))


# Property and UI configuration


def test_a_property_is_read_in_our_words():
    said = resident_types.read_property(
        body(
            guid="g",
            name="Elm Court",
            address="1 Elm",
            description="d",
            managementName="Ms Oak",
            managementPhone="+1",
            managementEmail="oak@example.com",
            tenantPortalHelpText="help",
            tenantPortalAnnouncements="news",
            allowSeparateGuestSecret=True,
            sendEmail=False,
            sendSms=True,
            ssids=["Elm", None, 7, "", "Elm-Guest"],
            somethingNew={"x": 1},
        )
    )

    assert said == resident_types.Property(
        name="Elm Court",
        address="1 Elm",
        description="d",
        management_name="Ms Oak",
        management_phone="+1",
        management_email="oak@example.com",
        help_text="help",
        announcements="news",
        allow_separate_guest_secret=True,
        send_email=False,
        send_sms=True,
        ssids=("Elm", "Elm-Guest"),
    )


@pytest.mark.parametrize("value", [None, "Elm", 7, {}])
def test_ssids_of_a_wrong_type_are_none_at_all(value):
    assert resident_types.read_property(body(ssids=value)) == resident_types.Property()


def test_a_ui_configuration_is_read_in_our_words():
    said = resident_types.read_ui_configuration(
        body(
            apiAllowed=True,
            portalAllowed=False,
            tenantSetDpsk=True,
            tenantTitle="t",
            tenantSubtitle="s",
            announcements="a",
            helpText="h",
            loginText="l",
            mainColor="#111",
            accentColor="#222",
            separatorColor="#333",
            textColor="#444",
            logoFileName="logo.png",
            iconFileName="icon.png",
        )
    )

    assert said == resident_types.UiConfiguration(
        api_allowed=True,
        portal_allowed=False,
        tenant_set_dpsk=True,
        title="t",
        subtitle="s",
        announcements="a",
        help_text="h",
        login_text="l",
        main_color="#111",
        accent_color="#222",
        separator_color="#333",
        text_color="#444",
        logo_file_name="logo.png",
        icon_file_name="icon.png",
    )


@pytest.mark.parametrize("value", WRONG)
def test_a_ui_configuration_of_wrong_types_is_empty(value):
    fields = ["tenantTitle", "mainColor", "logoFileName", "loginText"]

    assert resident_types.read_ui_configuration(body(**dict.fromkeys(fields, value))) == (
        resident_types.UiConfiguration()
    )


# The unit


def test_a_unit_is_read_without_its_secrets():
    unit = resident_types.read_unit(
        body(
            guid="g-1",
            number="2338",
            description="d",
            contact={"contactName": "Ann", "email": "a@example.com", "phoneNumber": "+1"},
            status="ENABLED",
            secret="s3cret",
            guestSecret="gu3st",
        )
    )

    assert unit == resident_types.Unit(
        id="g-1",
        number="2338",
        description="d",
        contact=Contact(name="Ann", email="a@example.com", phone_number="+1"),
        status="ENABLED",
    )
    assert "s3cret" not in repr(unit)
    assert "gu3st" not in repr(unit)


@pytest.mark.parametrize("value", WRONG)
def test_a_unit_of_wrong_types_is_an_empty_unit(value):
    fields = ["number", "description", "contact", "status"]

    assert resident_types.read_unit(body(**dict.fromkeys(fields, value))) == resident_types.Unit()


def test_a_contact_edit_says_the_number_and_the_contact_only():
    written = resident_types.write_unit("2338", Contact(name="Ann", email="", phone_number=None))

    assert written == {"number": "2338", "contact": {"contactName": "Ann", "email": ""}}


# Users


def test_a_user_is_read_with_the_passphrase_out_of_its_repr():
    user = resident_types.read_unit_user(
        body(
            userId="u-1",
            userName="Ann",
            email="a@example.com",
            phoneNumber="+1",
            passphrase="a\\;,\":<&' b",
            status="ACTIVE",
            type="LINKED",
        )
    )

    assert user == UnitUser(
        id="u-1",
        name="Ann",
        email="a@example.com",
        phone_number="+1",
        passphrase="a\\;,\":<&' b",
        status="ACTIVE",
        type="LINKED",
    )
    assert repr(user) == "UnitUser(status='ACTIVE', type='LINKED')"
    assert not user.is_blocked
    assert resident_types.read_unit_user(body(userId="u", status="BLOCKED")).is_blocked


@pytest.mark.parametrize(
    "value", [*WRONG, 12345678, "", "pass\x00word", "päss", "pass\ud800", "x" * 256]
)
def test_a_passphrase_is_never_altered_but_whole_or_none(value):
    user = resident_types.read_unit_user(body(userId="u", passphrase=value))

    assert user.passphrase is None
    # That there is one is not denied.
    assert user.odd_passphrase is (value not in (None, ""))


def test_a_passphrase_that_can_be_shown_is_not_odd():
    assert not resident_types.read_unit_user(body(userId="u", passphrase="a b~")).odd_passphrase
    assert not resident_types.read_unit_user(body(userId="u")).odd_passphrase


@pytest.mark.parametrize(
    ("value", "id_"),
    [(7, "7"), (2**60, str(2**60)), (10**70, None), (7.5, None), (True, None), ([7], None)],
)
def test_an_id_may_be_a_number(value, id_):
    assert resident_types.read_unit(body(guid=value)).id == id_
    assert resident_types.read_unit_user(body(userId=value)).id == (id_ or "")
    assert resident_types.read_devices(body(contents=[{"guid": value, "macAddress": "m"}])) == (
        Device(id=id_, mac_address="m"),
    )


def test_a_login_s_unit_may_be_a_number():
    assert resident_types.read_login(body(token="t", unitGuid=7)).unit_id == "7"


def test_a_user_is_written_whole_and_without_what_is_none():
    user = UnitUser(id="u-1", name="Ann", email="", passphrase="", status="ACTIVE", type="UNIT")

    assert resident_types.write_unit_user(user) == {
        "userId": "u-1",
        "userName": "Ann",
        "email": "",
        "passphrase": "",
        "status": "ACTIVE",
        "type": "UNIT",
    }


ODD = {"userName": "A\x07nn", "email": "plain@example.com", "phoneNumber": "1\ud800"}


def test_what_is_written_unchanged_goes_back_as_it_came():
    user = resident_types.read_unit_user(body(userId="u-1", **ODD))
    assert (user.name, user.phone_number) == ("Ann", "1")
    assert resident_types.write_unit_user(user) == {"userId": "u-1", **ODD}
    changed = resident_types.write_unit_user(msgspec.structs.replace(user, name="Ben"))
    assert changed == {"userId": "u-1", **ODD, "userName": "Ben"}

    contact = {"contactName": ODD["userName"], "email": "e", "phoneNumber": ODD["phoneNumber"]}
    unit = resident_types.read_unit(body(number="23\x0738", contact=contact))
    assert unit.number == "2338"
    assert unit.raw == {"number": "23\x0738"}
    assert resident_types.write_unit("9", unit.contact) == {"number": "9", "contact": contact}


def test_odd_users_do_not_take_down_the_page():
    page = resident_types.read_user_page(
        body(
            content=[
                None,
                7,
                {},
                {"userId": None},
                {"userId": "../x"},
                {"userId": "u-1", "userName": 7, "type": "NEW"},
            ],
            totalPages=3,
            totalElements=41,
            last=False,
        )
    )

    assert page == resident_types.UserPage(
        users=Listed([UnitUser(id="u-1", type="NEW")]), total_users=41, total_pages=3, last=False
    )
    assert not page.users.complete


@pytest.mark.parametrize("value", [None, "3", -1, True, 2.5, []])
def test_page_fields_of_a_wrong_type_are_none(value):
    page = resident_types.read_user_page(
        body(content=[], totalPages=value, totalElements=value, last="no")
    )

    assert page == resident_types.UserPage()


@pytest.mark.parametrize("value", [None, "x", 7, {}])
def test_a_list_that_is_none_is_not_an_empty_list(value):
    for said in ({}, {"content": value, "contents": value}):
        page = resident_types.read_user_page(body(**said))
        devices = resident_types.read_devices(body(**said))
        assert (page.users, page.users.complete) == ((), False)
        assert (devices, devices.complete) == ((), False)
    assert resident_types.read_devices(body(contents=[])).complete


# Devices


def test_odd_devices_do_not_take_down_the_list():
    devices = resident_types.read_devices(
        body(
            contents=[
                "x",
                {},
                {"guid": "a/b", "type": "PHONE"},
                {"guid": "a/b", "macAddress": "AA:BB"},
                {
                    "guid": "d-1",
                    "macAddress": 7,
                    "type": "PHONE",
                    "lastConnectedDate": "2026-03-01T10:00:00",
                    "authType": "WPA9",
                },
            ]
        )
    )

    assert devices == (
        Device(mac_address="AA:BB"),
        Device(
            id="d-1",
            type="PHONE",
            last_connected=datetime(2026, 3, 1, 10, tzinfo=UTC),
            auth_type="WPA9",
        ),
    )
    assert not devices.complete
    assert resident_types.read_devices(body(contents=[{"guid": "d"}])).complete


# Errors


def test_the_sentences_of_both_kinds_of_error_bodies_are_found():
    old = body(message="Bad", detailedMessage="at com.x", validationErrors=["short", None, 7])
    new = body(message=None, errors=[{"code": "X-1", "message": "Taken"}, "x", {}])

    assert resident_types.read_errors(old) == ("Bad", "short")
    assert resident_types.read_errors(new) == ("Taken",)
    assert resident_types.read_errors(b"<html>") == ()
    assert len(resident_types.read_errors(body(validationErrors=["x"] * 1000))) == 20


def test_only_codes_and_the_request_id_of_an_error_body_may_be_logged():
    said = body(requestId="r-1", message="hunter2", errors=[{"code": "X-1", "message": "hunter2"}])
    odd = body(requestId="r 1\nfake line", errors=[{"code": "hunter2 was refused"}])

    assert resident_types.read_trace(said) == {"vendor_request_id": "r-1", "vendor_codes": "X-1"}
    assert resident_types.read_trace(odd) == {}
    assert resident_types.read_trace(b"") == {}


# Bounds -------------------------------------------------------------------------------------------


def test_no_more_networks_are_read_than_a_property_can_have():
    names = ["a" * 33, "ä" * 17, "ä" * 16, "a" * 32, *(f"net {n}" for n in range(5000))]
    found = resident_types.read_property(json.dumps({"ssids": [*names, *names]}).encode()).ssids
    assert found[:3] == ("ä" * 16, "a" * 32, "net 0")
    assert len(found) == resident_types.MAX_SSIDS == len(set(found))
    assert all(len(name.encode()) <= 32 for name in found)


def test_no_more_users_and_devices_are_read_than_a_home_can_have():
    users = [{"userId": str(n)} for n in range(2_100)]
    assert len(read_user_page(json.dumps({"content": users}).encode()).users) == 2_000
    devices = [{"guid": str(n)} for n in range(1_100)]
    assert len(read_devices(json.dumps({"contents": devices}).encode())) == 1_000


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("tenantTitle", 52), ("tenantSubtitle", 52), ("loginText", 52),
        ("announcements", 5_000), ("helpText", 5_000), ("mainColor", 255),
    ],
)  # fmt: skip
def test_texts_are_as_long_as_the_vendor_documents(field, most):
    found = resident_types.read_ui_configuration(json.dumps({field: "x" * 20_000}).encode())
    assert max(len(value) for value in msgspec.structs.astuple(found) if value) == most


LIMIT = 2_000_000
WORST = {
    "lists": (b'{"contents":[', b"[],"),
    "lists in lists": (b'{"contents":[', b"[[[[[[]]]]]],"),
    "objects": (b'{"contents":[', b"{},"),
    "devices": (b'{"contents":[', b'{"guid":"a"},'),
    "numbers": (b'{"contents":[', b"1,"),
    "no numbers": (b'{"contents":[', b"NaN,"),
    "names": (b'{"ssids":[', b'"a",'),
    "halves of pairs": (b'{"contents":["\\ud800",', b"[],"),
}


@pytest.mark.parametrize("kind", WORST)
def test_a_body_of_very_many_values_is_not_decoded(kind, monkeypatch):
    """Decoding holds up everybody, in a thread as well: two megabytes took a quarter of a second."""
    start, value = WORST[kind]
    body = start + value * ((LIMIT - len(start)) // len(value)) + b"1]}"

    def decoded(*args: object, **options: object) -> None:
        raise AssertionError

    monkeypatch.setattr(resident_types.msgspec.json, "decode", decoded)
    with pytest.raises(UnreadableBody):
        read_devices(body)


def test_as_many_users_as_can_be_are_decoded_with_all_their_links():
    links = {name: {"href": "https://api.example/x"} for name in ("self", "devices", "unit")}
    user = {"userId": "u", "userName": "n", "email": "e", "passphrase": "p", "_links": links}
    users = [{**user, "userId": str(n)} for n in range(2_000)]
    assert len(read_user_page(json.dumps({"content": users}).encode()).users) == 2_000
