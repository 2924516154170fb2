import contextlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ruckus import management_types as types
from ruckus.management_types import (
    AccessToken,
    Activity,
    ManagedProperty,
    ManagedUnit,
    UnitResident,
)
from ruckus.resident_types import UnreadableBody

READERS = [
    types.read_token,
    types.read_property,
    types.read_unit,
    types.read_properties,
    types.read_units,
    types.read_activity,
]


def body(data):
    return json.dumps(data).encode()


UNIT = {
    "id": "u-1",
    "name": "12B",
    "status": "DISABLED",
    "category": "UNIT",
    "type": "R1",
    "resident": {"name": "Ann", "email": "a@example.com", "phoneNumber": "+1"},
    "identityCount": 3,
    "dpsks": [{"type": "UNIT", "passphrase": "hunter22"}],
    "_links": {"residentPortal": {"href": "https://r.example/?auth=s3cret"}},
}


def test_a_unit_is_in_our_words():
    unit = types.read_unit(body(UNIT))

    assert unit == ManagedUnit(
        id="u-1",
        name="12B",
        status="DISABLED",
        category="UNIT",
        type="R1",
        resident=UnitResident("Ann", "a@example.com", "+1"),
        identity_count=3,
        href="https://r.example/?auth=s3cret",
    )
    assert unit.is_suspended
    assert not ManagedUnit(id="u-2", status="ENABLED").is_suspended


def test_a_property_is_in_our_words():
    data = {
        "venueId": "v-1",
        "venueName": "Larkspur House",
        "status": "ENABLED",
        "unitConfig": {"residentApiAllowed": True, "residentPortalAllowed": False},
    }

    found = types.read_property(body(data))
    assert found == ManagedProperty("v-1", "Larkspur House", "ENABLED", True, False)


def test_no_repr_tells_a_secret_or_a_person():
    unit = types.read_unit(body(UNIT))
    page = types.read_units(body({"content": [UNIT]}))
    token = AccessToken("s3cret", 60)

    shown = repr([unit, unit.resident, page, token])
    for secret in ("s3cret", "hunter22", "Ann", "a@example.com", "+1"):
        assert secret not in shown


def test_a_passphrase_is_dropped_at_the_door():
    assert b"hunter22" not in msgspec.json.encode(types.read_unit(body(UNIT)))


@pytest.mark.parametrize("odd", [None, 7, "x", [], {"residentPortal": "x"}, {"residentPortal": {}}])
def test_a_link_that_is_none_is_not_there(odd):
    assert types.read_unit(body(UNIT | {"_links": odd})).href is None


@pytest.mark.parametrize("href", ["", 7, None, ["https://x"], "https://r.example/" + "x" * 5000])
def test_a_link_that_cannot_be_one_is_not_there(href):
    links = {"residentPortal": {"href": href}}
    assert types.read_unit(body(UNIT | {"_links": links})).href is None


def test_a_unit_without_anything_is_still_a_unit():
    assert types.read_unit(b"{}") == ManagedUnit(id="")
    odd = {"id": 7, "name": None, "resident": "x", "identityCount": True, "status": 1}
    assert types.read_unit(body(odd)) == ManagedUnit(id="")


def test_a_property_without_anything_is_still_a_property():
    assert types.read_property(b'{"unitConfig": 7, "venueId": "a/b"}') == ManagedProperty("")


def test_a_page_leaves_out_what_has_no_id_and_counts_it():
    content = [{"id": "u-1"}, {"id": "../x"}, {}, 7, {"id": "u-2"}, {"id": "u-1"}]
    page = types.read_units(
        body({"content": content, "number": 0, "totalElements": 6, "last": True})
    )

    assert list(page.items) == ["u-1", "u-2"]
    assert (page.size, page.number, page.total, page.last) == (6, 0, 6, True)


@pytest.mark.parametrize("content", [None, 7, {}, "x"])
def test_a_page_without_a_list_is_empty(content):
    page = types.read_properties(
        body({"content": content, "number": -1, "totalElements": "6", "last": "true"})
    )
    assert (page.items, page.size, page.number, page.total, page.last) == ({}, 0, None, None, None)


@pytest.mark.parametrize("value", [None, "", 7, "a b", "a\nb", "\u00e9", "x" * 40_000])
def test_a_token_that_cannot_be_sent_is_none(value):
    with pytest.raises(UnreadableBody):
        types.read_token(body({"access_token": value}))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(60, 60), (0, None), (-5, None), (None, None), ("60", None), (True, None), (1.5, None)],
)
def test_how_long_a_token_lasts_is_believed_where_it_makes_sense(said, seconds):
    token = types.read_token(body({"access_token": "t", "expires_in": said}))
    assert token == AccessToken("t", seconds)


@pytest.mark.parametrize(
    ("said", "succeeded", "failed"),
    [
        ("SUCCESS", True, False),
        ("FAIL", False, True),
        ("INPROGRESS", False, False),
        (7, False, False),
    ],
)
def test_a_change_has_succeeded_or_failed_or_neither_yet(said, succeeded, failed):
    activity = types.read_activity(body({"status": said}))
    assert isinstance(activity, Activity)
    assert (activity.succeeded, activity.failed) == (succeeded, failed)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b'{"requestId": "r-1"}', "r-1"),
        (b'{"requestId": "a/b"}', None),
        (b'{"requestId": 7}', None),
        (b"{}", None),
        (b"", None),
        (b"<html>", None),
    ],
)
def test_the_id_of_a_change_is_read_where_there_is_one(said, found):
    assert types.read_request_id(said) == found


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(data):
    for read in READERS:
        with contextlib.suppress(UnreadableBody):
            read(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "venueId", "_links", "residentPortal", "href", "content", "number"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(
    st.dictionaries(st.sampled_from(["id", "content", "resident", "_links", "unitConfig"]), JSON)
)
def test_any_json_is_read_or_unreadable(data):
    for read in READERS:
        with contextlib.suppress(UnreadableBody):
            read(json.dumps(data).encode())
