"""A property as its residents see it: both halves, escaped, and readable."""

import django
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.property import brand
from common.property.brand import Brand, brand_from, prose
from common.property.colours import parse
from common.property.styles import two_colours
from ruckus.resident_types import Property, UiConfiguration
from tests.residents import html
from tests.residents.conftest import seeded

HOME = seeded("full branding")


# Both halves ------------------------------------------------------------------------------------


def test_the_profile_wins_where_both_have_a_text():
    details = Property(name="House", announcements="old", help_text="old help")
    ui = UiConfiguration(title="Title", announcements="new", help_text="new help")
    brand = brand_from(details, ui, "p")
    assert (brand.title, brand.announcements, brand.help_text) == ("Title", "new", "new help")
    half = brand_from(details, UiConfiguration(title=" ", announcements="", help_text=None), "p")
    assert (half.title, half.announcements, half.help_text) == ("House", "old", "old help")


def test_a_text_of_spaces_says_nothing():
    details = Property(name="House", announcements="old", help_text="old help")
    ui = UiConfiguration(title=" ", announcements=" \n\t", help_text="\u00a0")
    brand = brand_from(details, ui, "p")
    assert (brand.title, brand.announcements, brand.help_text) == ("House", "old", "old help")
    assert brand_from(Property(announcements=" \n "), ui, "p").announcements == ""


def test_blank_networks_vanish_and_each_is_named_once():
    names = ("Elm", " ", "Elm", "", "\t", " Elm", "Oak", "\u2003", "Oak")
    assert brand_from(Property(ssids=names), None, "p").ssids == ("Elm", " Elm", "Oak")


def test_without_either_half_all_of_it_is_empty_and_nothing_is_shut():
    brand = brand_from(None, None, "p")
    assert brand.api_allowed
    assert not brand.own_passphrase
    assert brand.separate_guest
    assert not brand.may_message
    assert not brand.has_contact
    assert brand == Brand(known=brand.known)


@pytest.mark.parametrize(
    ("said", "api", "own"), [(True, True, True), (False, False, False), (None, True, False)]
)
def test_only_a_plain_no_shuts_the_portal_and_only_a_plain_yes_lets_choose(said, api, own):
    brand = brand_from(None, UiConfiguration(api_allowed=said, tenant_set_dpsk=said), "p")
    assert (brand.api_allowed, brand.own_passphrase) == (api, own)
    assert brand_from(None, UiConfiguration(portal_allowed=said), "p").api_allowed


@pytest.mark.parametrize(
    ("email", "sms", "may"),
    [(True, None, True), (False, True, True), (None, None, False), (False, False, False)],
)
def test_a_message_may_come_where_either_kind_is_sent(email, sms, may):
    assert brand_from(Property(send_email=email, send_sms=sms), None, "p").may_message == may


def test_a_logo_s_address_says_nothing_of_the_property_and_changes_with_the_file():
    def logo(name: str, property_id: str = "p") -> str:
        return brand_from(None, UiConfiguration(logo_file_name=name), property_id).logo

    assert logo("a.png") != logo("b.png")
    assert logo("a.png") != logo("a.png", "q")
    assert logo("a.png").isalnum()
    assert "a.png" not in logo("a.png")
    assert logo(" ") == ""


async def test_what_one_half_says_is_shown_while_the_other_cannot_be_read(resident, sandbox):
    browser = await resident()
    brand.brands.clear()
    sandbox.fault(operation="residentFetchUiConfiguration", status=500)
    view = await browser.get("/")
    assert view.brand == "Larkspur House"
    assert "Larkspur Guest" in view.section("Guest Wi-Fi").words
    brand.brands.clear()
    sandbox.mended()
    sandbox.fault(operation="residentFetchProperty", status=500)
    view = await browser.get("/")
    assert view.brand == "Larkspur House Wi-Fi"
    assert "Network nameAsk the building’s office" in view.section("Guest Wi-Fi").words


async def test_a_shut_portal_is_shut_while_the_property_cannot_be_read(resident, sandbox):
    browser = await resident("portal API not allowed")
    brand.brands.clear()
    sandbox.fault(operation="residentFetchProperty", status=500)
    assert (await browser.get("/")).heading == "This page isn’t switched on yet"


# Texts --------------------------------------------------------------------------------------------


def test_line_breaks_stay_and_plain_links_become_safe_ones():
    text = prose("One\r\ntwo\rthree https://example.com/?a=1&b=2\n\nwww.example.org x@example.com")
    tree = html.parse(text)
    assert len(tree.all("br")) == 4
    links = [(node.attrs["href"], node.attrs.get("rel")) for node in tree.all("a")]
    assert links == [
        ("https://example.com/?a=1&b=2", "nofollow"),
        (
            "https://www.example.org" if django.VERSION >= (6, 0) else "http://www.example.org",
            "nofollow",
        ),
        ("mailto:x@example.com", None),
    ]


def test_long_announcements_are_cut_at_a_word():
    words = "Film night is on Friday. " * 20
    brand = brand_from(Property(announcements=words), None, "p")
    assert 180 < len(brand.announcements) <= 200
    assert brand.announcements + " " + brand.more_announcements == words.strip()
    # A link stays whole, and so does what has no end.
    link = "x" * 190 + " https://example.com/a/long/address"
    assert "https" not in brand_from(Property(announcements=link), None, "p").announcements
    endless = brand_from(Property(announcements="x" * 300), None, "p")
    assert (len(endless.announcements), endless.more_announcements) == (300, "")


@pytest.mark.parametrize("empty", [None, "", "  \n "])
def test_no_text_is_nothing(empty):
    assert prose(empty) == ""


HOSTILE = [
    "<script>alert(1)</script>",
    'https://e.example/"onmouseover="alert(1)',
    "https://e.example/'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt://example.com/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt;",
    "x@example.com?body=<script>",
    "http://[",
    "https://e.example/\u202e",
    "//e.example",
]


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=40), max_size=6).map(" \n".join))
def test_a_vendor_s_text_is_only_ever_text_breaks_and_links(text):
    tree = html.parse(prose(text))
    for node in tree.walk():
        assert node.tag in ("", "a", "br")
        if node.tag == "a":
            assert node.attrs.keys() <= {"href", "rel"}
            assert node.attrs["href"].startswith(("https://", "http://", "mailto:"))


# Style sheets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "colours"),
    [
        ("", (None, None)),
        (":root { --main-color: #234f68; --accent-color: #C8553D }", ("234f68", "c8553d")),
        (":root{--primary:rgb(1,2,3);--secondary:hsl(0,100%,50%)}", ("010203", "ff0000")),
        (".a { background-color: #eee } .b { background: red url(x) }", ("ff0000", None)),
        (".a { background: #fff } .b { background: black }", (None, None)),
        (":root { --main: rgba(1, 2, 3, .5) } .x { background: teal }", ("008080", None)),
        (":root { --brand: #12345 } @import 'x'; .y { color: red }", (None, None)),
        ("/* c */ @media print { :root { --main: red } }", (None, None)),
        ("}}}{{{ --main: red; :root { --main: blue }", (None, None)),
        (":root { --main: rgb(" + "9" * 5000 + ", 0, 0) }", (None, None)),
        (":root { --main: currentColor; --highlight: #00f }", (None, "0000ff")),
        (":root { --main: #123456; }" + " " * 70_000 + ".x { --accent: red }", ("123456", None)),
    ],
)
def test_two_colours_are_read_out_of_a_sheet_at_most(sheet, colours):
    assert two_colours(sheet) == colours


@given(st.text(alphabet="{}:;#()-@/*\\ \"'abfg019,.", max_size=200))
def test_no_sheet_is_too_odd(sheet):
    for colour in two_colours(sheet):
        assert colour is None or parse(colour) is not None
