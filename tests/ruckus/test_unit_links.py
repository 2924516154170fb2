"""The access code of a unit, found in links of known and unknown shapes and proved by a sign-in."""

from urllib.parse import quote

import pytest

from ruckus.errors import NotAllowed, NotFound, NotSignedIn, Rejected, TooBusy
from ruckus.links import decoded
from ruckus.management_types import ManagedUnit
from ruckus.resident_types import Login
from ruckus.unit_links import LinkShape, UnitLinks

from .accounts import PROPERTY, UNIT, VENUE, made

PAGE = "https://residents.example.com/portal/"
OTHER = "11111111-2222-4333-8444-555555555555"


def once(text):
    return quote(text, safe="")


def twice(text):
    return once(once(text))


def row(href=None):
    return ManagedUnit(id=UNIT, href=href)


def unit(href):
    """A unit as the vendor sends it."""
    return {"id": UNIT, "_links": {"residentPortal": {"href": href}}}


class Door:
    """Takes this code, and keeps what was tried."""

    def __init__(self, code, unit_id=UNIT, refusal=NotSignedIn):
        self.code = code
        self.unit_id = unit_id
        self.refusal = refusal
        self.tried = []

    async def __call__(self, property_id, code):
        self.tried.append((property_id, code))
        if code != self.code:
            raise self.refusal("residentLogin", 401)
        return Login(unit_id=self.unit_id, token="t")


def links(code, *units, shape=None, **door):
    api, wire = made(*(units or [{}]))
    door = Door(code, **door)
    return UnitLinks(api, door, shape), door, wire


# Found


CODES = ["abc123", "a+b/c=", "a%41b", "50%25+", "\u00fc \U0001f600"]


@pytest.mark.parametrize("code", CODES)
async def test_a_link_of_the_known_shape_is_proved(code):
    found, door, wire = links(code, unit(f"{PAGE}?auth={twice(code)}"))
    link = await found.prove(VENUE, row())

    assert (link.code, link.proved, link.refused, link.guessed) == (code, True, False, False)
    assert (link.unit_id, link.property_id) == (UNIT, PROPERTY)
    assert link.sign_ins == len(door.tried) <= 3
    assert {property_id for property_id, _ in door.tried} == {PROPERTY}
    # The link itself is never asked for anything.
    assert [request.url.path for request in wire.requests] == [f"/venues/{VENUE}/units/{UNIT}"]


@pytest.mark.parametrize("code", CODES)
async def test_what_worked_makes_one_sign_in_of_the_next(code):
    href = f"{PAGE}?auth={twice(code)}"
    found, door, _ = links(code, unit(href))
    await found.prove(VENUE, row())
    door.tried.clear()
    link = await found.prove(VENUE, row())

    assert (link.code, link.sign_ins) == (code, 1)
    # And it is known without any.
    assert (await found.find(VENUE, row())).code == code
    assert len(door.tried) == 1


async def test_a_code_that_looks_encoded_is_found_out_with_two_sign_ins():
    found, door, _ = links("a%41b", unit(f"{PAGE}?auth={twice('a%41b')}"))
    link = await found.prove(VENUE, row())

    assert [code for _, code in door.tried] == ["aAb", "a%41b"]
    assert link.sign_ins == 2
    assert found.shape == LinkShape("residents.example.com", "auth", frozenset({2}))


async def test_a_code_that_says_little_leaves_open_how_often_it_is_decoded():
    found, door, _ = links("abc", unit(f"{PAGE}?auth=abc"))
    await found.prove(VENUE, row())
    assert found.shape.decodings == {0, 1, 2, 3}

    # The next one narrows it down, and a third keeps to that.
    door.code = "a+b"
    found.shape = LinkShape(found.shape.host, found.shape.parameter, found.shape.decodings)
    await found.prove(VENUE, row(f"{PAGE}?auth={once('a+b')}"))
    assert found.shape.decodings == {1, 2, 3}
    door.code = "a%41b"
    await found.prove(VENUE, row(f"{PAGE}?auth={twice('a%41b')}"))
    assert found.shape.decodings == {2}


async def test_a_vendor_that_changes_how_it_encodes_is_found_out_again():
    shape = LinkShape("residents.example.com", "auth", frozenset({2}))
    found, _, _ = links("a%41b", shape=shape)
    link = await found.prove(VENUE, row(f"{PAGE}?auth={once('a%41b')}"))

    assert (link.code, link.sign_ins) == ("a%41b", 2)
    assert found.shape.decodings == {1}


async def test_another_host_or_parameter_is_another_shape():
    shape = LinkShape("residents.example.com", "auth", frozenset({1}))
    found, door, _ = links("x y", shape=shape)
    await found.prove(VENUE, row(f"https://other.example/?auth={twice('x y')}"))

    assert door.tried == [(PROPERTY, "x y")]
    assert found.shape == LinkShape("other.example", "auth", frozenset({2, 3}))


async def test_where_several_ways_fit_so_far_the_known_one_goes_first():
    shape = LinkShape("residents.example.com", "auth", frozenset({0, 1, 2, 3}))
    found, _, _ = links("a%41b", shape=shape)

    link = await found.find(VENUE, row(f"{PAGE}?auth={twice('a%41b')}"))
    assert (link.code, link.proved, link.sign_ins) == ("a%41b", False, 0)


async def test_a_guessed_parameter_is_said_to_be_one():
    found, _, _ = links("a+b", unit(f"https://homes.example.net/?key={once('a+b')}&x={UNIT}"))
    link = await found.prove(VENUE, row())

    assert (link.code, link.guessed) == ("a+b", True)
    assert found.shape == LinkShape("homes.example.net", "key", frozenset({1, 2, 3}))


@pytest.mark.parametrize(
    ("href", "host"),
    [
        ("https://u:p@Residents.Example.com:8443/x?auth=a", "residents.example.com:8443"),
        ("https%3A%2F%2Fresidents.example.com%2F%3Fauth%3Da", "residents.example.com"),
        ("https://residents.example.com?auth=a", "residents.example.com"),
        ("https://residents.example.com#/?auth=a", "residents.example.com"),
    ],
)
async def test_of_the_address_only_the_host_is_remembered(href, host):
    found, _, _ = links("a", unit(href))
    await found.prove(VENUE, row())

    assert found.shape.host == host


async def test_another_id_in_the_link_is_for_people_to_look_at():
    found, door, _ = links("abc", unit(f"{PAGE}{OTHER}/?auth=abc"))
    link = await found.prove(VENUE, row())

    assert link.other_property_id == OTHER
    assert door.tried == [(PROPERTY, "abc")]


@pytest.mark.parametrize(
    ("said", "other"),
    [(UNIT, None), (UNIT.replace("-", "").upper(), None), ("", None), (OTHER, OTHER)],
)
async def test_a_sign_in_that_opens_another_home_is_told(said, other):
    found, _, _ = links("abc", unit(f"{PAGE}?auth=abc"), unit_id=said)
    link = await found.prove(VENUE, row())

    assert (link.proved, link.other_unit_id) == (True, other)


# Not found


@pytest.mark.parametrize(
    "href",
    [None, "", "http://residents.example.com/?auth=abc", f"{PAGE}?auth={UNIT}", "javascript:x"],
)
async def test_without_a_link_nobody_signs_in(href):
    found, door, _ = links("abc", unit(href))
    for link in (await found.prove(VENUE, row()), await found.find(VENUE, row())):
        assert (link.code, link.proved, link.refused, link.sign_ins) == (None, False, False, 0)
    assert door.tried == []
    assert found.shape is None


async def test_a_venue_that_cannot_be_a_property_has_no_links():
    found, door, _ = links("abc", unit(f"{PAGE}?auth=abc"))
    link = await found.prove("venue-7", row())

    assert (link.code, link.property_id, door.tried) == (None, "", [])


@pytest.mark.parametrize("refusal", [NotSignedIn, Rejected])
async def test_three_sign_ins_are_enough_to_be_refused(refusal):
    href = f"{PAGE}?auth={once(twice('a%41b'))}"
    found, door, _ = links("something else", unit(href), refusal=refusal)
    link = await found.prove(VENUE, row())

    assert (link.code, link.proved, link.refused, link.sign_ins) == (None, False, True, 3)
    assert len(door.tried) == 3
    assert found.shape is None


@pytest.mark.parametrize("refusal", [TooBusy, NotAllowed, NotFound])
async def test_a_door_that_neither_opens_nor_refuses_ends_the_search(refusal):
    found, door, _ = links("x", unit(f"{PAGE}?auth={twice('a%41b')}"), refusal=refusal)

    with pytest.raises(refusal):
        await found.prove(VENUE, row())
    assert len(door.tried) == 1


async def test_a_unit_that_cannot_be_read_raises():
    api, _ = made({})
    found = UnitLinks(api, Door("x"))
    with pytest.raises(NotFound):
        await found.prove(VENUE, ManagedUnit(id="../x"))


# A link that came with a list


async def test_the_link_of_a_list_spares_the_call():
    found, _, wire = links("abc")
    link = await found.prove(VENUE, row(f"{PAGE}?auth=abc"))

    assert link.proved
    assert wire.requests == []


async def test_an_old_link_of_a_list_is_read_again_once():
    found, door, wire = links("new", unit(f"{PAGE}?auth=new"))
    link = await found.prove(VENUE, row(f"{PAGE}?auth=old"))

    assert (link.code, link.sign_ins) == ("new", 2)
    assert [code for _, code in door.tried] == ["old", "new"]
    assert len(wire.requests) == 1


async def test_a_link_of_a_list_that_makes_no_sense_is_read_again():
    found, _, _ = links("new", unit(f"{PAGE}?auth=new"))

    assert (await found.prove(VENUE, row("http://x/"))).code == "new"


async def test_the_same_link_read_again_is_not_tried_again():
    found, door, wire = links("new", unit(f"{PAGE}?auth=old"))
    link = await found.prove(VENUE, row(f"{PAGE}?auth=old"))

    assert (link.refused, len(door.tried), len(wire.requests)) == (True, 1, 1)


async def test_reading_again_gives_no_more_than_three_sign_ins():
    found, door, wire = links("new", unit(f"{PAGE}?auth={once(twice('n%41w'))}"))
    link = await found.prove(VENUE, row(f"{PAGE}?auth={once('o+d')}"))
    assert (link.refused, link.sign_ins, len(door.tried)) == (True, 3, 3)

    # Where all three are spent, there is no use in reading.
    wire.requests.clear()
    link = await found.prove(VENUE, row(f"{PAGE}?auth={once(twice('n%41w'))}"))
    assert (link.sign_ins, wire.requests) == (3, [])


async def test_no_repr_tells_a_code():
    found, _, _ = links("s3cret", unit(f"{PAGE}?auth=s3cret"))
    link = await found.prove(VENUE, row())

    assert "s3cret" not in repr([link, found, found.shape])


def test_a_value_is_decoded_as_often_as_it_is_said():
    assert [decoded("%2525", times) for times in range(4)] == ["%2525", "%25", "%", "%"]
