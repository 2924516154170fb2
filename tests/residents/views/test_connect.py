"""Getting a device onto the Wi-Fi: codes, letters, steps, profiles and cards."""

import plistlib
import random
import re
import sys
from collections.abc import Iterator

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from common.property import brand
from common.qr import payload, qr_svg
from residents.home.letters import groups_of
from residents.home.profile import profile
from sandbox import seeds
from tests.residents import html
from tests.residents.conftest import Sandbox, seeded

HOME = seeded("full branding")
ODD = seeded("markup and emoji and right-to-left text")
KINDS = ["unit", "guest", "linked"]


def at(kind: str, user: seeds.User, page: str = "") -> str:
    return f"/wifi/{kind}/{user.id}/{page}"


# QR codes -------------------------------------------------------------------------------------


def picture(svg: str) -> Image.Image:
    """The code as a camera sees it, drawn from the strokes of the SVG."""
    size = int(re.findall(r'viewBox="0 0 (\d+) \d+"', svg)[0])
    drawn = Image.new("L", (size, size), 255)
    [strokes] = re.findall(r'class="qrline" stroke="#000" d="([^"]+)"', svg)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", strokes):
        values = [float(number) for number in numbers.replace("-", " -").split()]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            drawn.paste(0, (int(x), int(y), int(x + values[0]), int(y) + 1))
            x += values[0]
    return drawn.resize((3 * size, 3 * size), Image.Resampling.NEAREST)


def decoded(svg: str) -> str:
    found = zxingcpp.read_barcodes(picture(svg))
    assert len(found) == 1, f"{len(found)} codes in the picture"
    return found[0].text


def read_back(text: str) -> dict[str, str]:
    """What a phone makes of the text of a Wi-Fi code."""
    assert text.startswith("WIFI:")
    assert text.endswith(";;")
    fields = re.findall(r"([A-Z]):((?:\\.|[^\\;])*);", text[len("WIFI:") :], re.DOTALL)
    return {name: re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL) for name, value in fields}


SSIDS = ["Larkspur Home", 'a"b', "x;y,z:w", "back\\slash\\", "T:WPA;", "Café ☕ 🚀", "شبكة", "<b>&"]


@pytest.fixture
def untraced() -> Iterator[None]:
    """Without coverage, which looks at every line and makes a thousand codes a matter of minutes."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


@pytest.mark.usefixtures("untraced")
def test_a_thousand_passphrases_come_back_from_their_codes():
    chance = random.Random(7)
    for n in range(1000):
        length = chance.choice((8, 18, 18, 18, 63))
        passphrase = "".join(chance.choice(seeds.PRINTABLE + " ") for _ in range(length))
        ssid = chance.choice(SSIDS)
        text = decoded(qr_svg(ssid, passphrase))
        assert read_back(text) == {"T": "WPA", "S": ssid, "P": passphrase}, n


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=32),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=8, max_size=63),
)
def test_any_network_and_passphrase_survive_the_format(ssid, passphrase):
    assert read_back(payload(ssid, passphrase)) == {"T": "WPA", "S": ssid, "P": passphrase}


@pytest.mark.parametrize("home", [HOME, ODD], ids=lambda home: home.shows)
async def test_the_code_on_the_page_opens_one_network_of_the_home(resident, sandbox: Sandbox, home):
    browser = await resident(home.shows)
    for kind in KINDS:
        user = sandbox.user(home, kind.upper())
        ssids = sandbox.state.properties[home.property_id].ssids
        for number, ssid in enumerate(ssids, 1):
            view = await browser.get(at(kind, user, f"qr/?network={number}"))
            [svg] = re.findall(r'<svg[^>]*class="qr".*?</svg>', view.text, re.DOTALL)
            read = read_back(decoded(svg))
            assert read == {"T": "WPA", "S": ssid, "P": user.passphrase}
            # What a camera can't read can be typed.
            assert view.heading == f"Join {' '.join(ssid.split())}"
            assert view.root.one("code", class_="code").text == user.passphrase


async def test_a_guest_s_code_is_two_taps_away(resident, sandbox: Sandbox):
    browser = await resident()
    unit, guest = sandbox.user(HOME), sandbox.user(HOME, "GUEST")
    home = await browser.get("/")
    [tap] = [node for node in home.section("Home Wi-Fi").all("a") if node.words == "QR code"]
    sandbox.forget_calls()
    view = await browser.get(tap.attrs["href"])
    assert sandbox.calls() == ["queryUnitUsers"]
    assert tap.attrs["href"] == at("unit", unit, "qr/")
    assert view.link("Guest Wi-Fi") == at("guest", guest, "qr/")
    assert view.root.one("a", aria_current="page", href=at("unit", unit, "qr/"))


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "", "٢", "9" * 5000])
async def test_a_network_that_there_is_not_is_the_first_one(resident, sandbox: Sandbox, number):
    browser = await resident()
    view = await browser.get(at("unit", sandbox.user(HOME), f"qr/?network={number}"))
    assert view.heading == "Join Larkspur Home"


async def test_without_a_network_s_name_or_a_passphrase_there_is_no_code(
    resident, sandbox: Sandbox
):
    browser = await resident()
    user = sandbox.user(HOME)
    user.passphrase = None
    assert "There’s no code to show" in (await browser.get(at("unit", user, "qr/"))).words
    view = await browser.get("/")
    assert "We can’t show it here." in view.section("Home Wi-Fi").words
    assert "QR code" not in view.section("Home Wi-Fi").words
    for page in ("letters/", "connect/", "cards/"):
        assert (
            "right now. Try again in a minute." in (await browser.get(at("unit", user, page))).words
        )
    assert (await browser.get(at("unit", user, "connect/wifi.mobileconfig"))).status == 404


# Large letters ----------------------------------------------------------------------------------


async def test_each_character_is_shown_with_its_name(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    user.passphrase = "aB3 ;-!z"
    view = await browser.get(at("unit", user, "letters/"))
    assert "8 characters" in view.words
    glyphs = [node for node in view.root.all("span") if "data-is" in node.attrs]
    assert "".join(node.attrs["data-is"] for node in glyphs) == user.passphrase
    names = [node.words for node in view.root.all("span", class_="named")]
    assert names == [
        "small a",
        "capital B",
        "number 3",
        "space",
        "semicolon",
        "hyphen",
        "exclamation mark",
        "small z",
    ]
    # A space is seen, too; numbers and symbols have a color of their own.
    assert [node.words for node in glyphs] == ["a", "B", "3", "␣", ";", "-", "!", "z"]
    assert [node.words for node in glyphs if "mark" in node.attrs["class"]] == [
        "3",
        "␣",
        ";",
        "-",
        "!",
    ]


def test_letters_come_in_groups_of_four_and_all_of_them_have_names():
    groups = groups_of(seeds.PRINTABLE + " ")
    assert {len(group) for group in groups[:-1]} == {4}
    names = [letter.name for group in groups for letter in group]
    assert len(set(names)) == len(names) == 95
    assert all(name.isascii() and len(name) > 3 for name in names)
    # What has no name is called as it is.
    [[letter]] = groups_of("🙂")
    assert letter.name == letter.shown == "🙂"
    assert groups_of("") == []


# Steps for each kind of device --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "first", "tool"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)", "iPhone or iPad", "profile"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mac", "profile"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8)", "Android phone or tablet", "copy"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Windows computer", "copy"),
    ],
)
async def test_the_device_that_asks_comes_first(resident, sandbox: Sandbox, agent, first, tool):
    browser = await resident()
    user = sandbox.user(HOME)
    view = await browser.get(at("unit", user, "connect/"), **{"User-Agent": agent})
    card = view.section(first)
    others = [node.words for node in view.root.one("main").all("summary")]
    assert first not in others
    assert len(others) == 7
    assert len(card.all("li")) == 3
    if tool == "profile":
        assert view.link("Download profile").startswith(
            at("unit", user, "connect/wifi.mobileconfig")
        )
    else:
        assert card.one("button", data_copy=True).attrs["data-text"] == user.passphrase


async def test_every_other_kind_has_steps_with_the_network_s_real_name(resident, sandbox: Sandbox):
    browser = await resident(ODD.shows)
    user = sandbox.user(ODD)
    view = await browser.get(at("unit", user, "connect/"), **{"User-Agent": "Lynx"})
    kinds = view.root.one("main").all("details")
    assert len(kinds) == 8
    for kind in kinds:
        assert len(kind.all("li")) == 3
    ssid = sandbox.state.properties[ODD.property_id].ssids[0]
    for kind in ("tv", "console", "printer", "windows", "smart"):
        assert ssid in view.root.one("details", id=kind).one("ol").text
    assert "2.4 GHz" in view.root.one("details", id="smart").words
    # Nothing is claimed that can't be seen.
    assert "WPA" not in view.words


# Profiles ---------------------------------------------------------------------------------------


async def test_a_profile_joins_the_network_with_the_exact_passphrase(resident, sandbox: Sandbox):
    browser = await resident()
    for kind in KINDS:
        user = sandbox.user(HOME, kind.upper())
        answer = await browser.get(at(kind, user, "connect/wifi.mobileconfig?network=2"))
        assert answer.headers["Content-Type"] == "application/x-apple-aspen-config"
        assert "wifi.mobileconfig" in answer.headers["Content-Disposition"]
        [network] = plistlib.loads(answer.content)["PayloadContent"]
        assert (network["SSID_STR"], network["Password"]) == ("Larkspur Guest", user.passphrase)
        assert network["PayloadType"] == "com.apple.wifi.managed"


def ids(content: bytes) -> set[str]:
    read = plistlib.loads(content)
    return {read["PayloadUUID"], read["PayloadContent"][0]["PayloadUUID"]}


def test_a_new_profile_takes_the_place_of_the_one_before():
    before = profile("home", "Net", "old passphrase")
    assert len(ids(before)) == 2
    assert ids(profile("home", "Net", "new passphrase")) == ids(before)
    for home, ssid in (("another", "Net"), ("home", "Another")):
        assert not ids(profile(home, ssid, "old passphrase")) & ids(before)


async def test_any_network_s_name_can_stand_in_a_profile(resident, sandbox: Sandbox):
    sandbox.state.properties[HOME.property_id].ssids = ["Bell\x07 <&> ☕ \u202e"]
    brand.brands.clear()
    browser = await resident()
    answer = await browser.get(at("unit", sandbox.user(HOME), "connect/wifi.mobileconfig"))
    [network] = plistlib.loads(answer.content)["PayloadContent"]
    assert network["SSID_STR"].startswith("Bell <&> ☕")


# Cards --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "count", "clear"),
    [("", 8, True), ("?count=1", 1, True), ("?clear=no", 8, False), ("?count=x&clear=x", 8, True)],
)
async def test_guests_get_cards_with_or_without_the_passphrase(
    resident, sandbox: Sandbox, query, count, clear
):
    browser = await resident()
    guest = sandbox.user(HOME, "GUEST")
    view = await browser.get(at("guest", guest, f"cards/{query}"))
    svgs = re.findall(r'<svg[^>]*class="qr".*?</svg>', view.text, re.DOTALL)
    assert len(svgs) == count
    assert read_back(decoded(svgs[0]))["P"] == guest.passphrase
    written = [node.text for node in view.root.all("span", class_="code")]
    assert written == [guest.passphrase] * (count if clear else 0)
    form = view.form("Update cards")
    asked = {"count": str(count), "clear": "yes" if clear else "no", "language": "en"}
    assert html.values(form) == asked


async def test_what_is_sent_to_a_guest_has_both(resident, sandbox: Sandbox):
    browser = await resident()
    guest = sandbox.user(HOME, "GUEST")
    view = await browser.get(at("guest", guest, "cards/"))
    message = view.root.one("button", data_share=True).attrs["data-share"]
    assert message == f"Wi\u2011Fi network: Larkspur Home\nPassphrase: {guest.passphrase}"
    assert view.root.one("button", data_text=True).attrs["data-text"] == message


async def test_a_card_is_in_the_language_chosen_for_the_guest(resident, sandbox: Sandbox, settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "العربية")]
    browser = await resident()
    guest = sandbox.user(HOME, "GUEST")
    view = await browser.get(at("guest", guest, "cards/?language=ar"))
    sheet = view.root.one("ul", class_="cut sheet")
    assert (sheet.attrs["lang"], sheet.attrs["dir"]) == ("ar", "rtl")
    assert view.root.one("html").attrs["lang"] == "en"
    assert view.root.one("option", value="ar").attrs["selected"] == ""
    view = await browser.get(at("guest", guest, "cards/?language=nothing"))
    assert view.root.one("ul", class_="cut sheet").attrs["lang"] == "en"
