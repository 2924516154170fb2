"""Whatever colours a property chose, its pages can be read, and danger looks like nothing else."""

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.property import colours
from common.property.colours import WHITE, Rgb, contrast, css, luminance, parse, style, theme

SHEET = (Path(__file__).parents[3] / "static/portal.css").read_text()
STEPS = [f"{step:02x}" for step in range(0, 256, 15)]
GRID = ["#" + "".join(channels) for channels in product(STEPS, repeat=3)]
AWFUL = [
    "#fff",
    "#000",
    "#ffff00",
    "#00ff00",
    "#fefefe",
    "#010101",
    "#808080",
    "#a8201a",
    "#ff0000",
]


def surfaces(scheme: str) -> dict[str, Rgb]:
    """The surfaces of portal.css and what is drawn on them, in light or dark mode."""
    blocks = re.findall(r":root \{(.*?)\n ?\s*\}", SHEET, re.DOTALL)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", blocks[0]))
    if scheme == "dark":
        found.update(re.findall(r"--([\w-]+): (#[0-9a-f]+)", blocks[1]))
    return {name: colours.known(colour) for name, colour in found.items()}


LIGHT, DARK = surfaces("light"), surfaces("dark")
GROUNDS = ("ground", "paper", "sunk")


def drawn(main: str, accent: str = "") -> dict[str, Rgb]:
    """The tokens as the page gets them, eight bits a channel."""
    declared = re.findall(r"--([\w-]+):(#[0-9a-f]{6})", style(main, accent))
    assert len(declared) == 10
    return {name: colours.known(colour) for name, colour in declared}


def texts(token: dict[str, Rgb]) -> dict[str, float]:
    """The contrast of each text with what it stands on."""
    pairs = {
        "text on the key": (token["on-key"], token["key"]),
        "text on its rings": (token["on-key"], token["key-deep"]),
        "label on the key": (token["key-soft"], token["key"]),
        "label on its rings": (token["key-soft"], token["key-deep"]),
        "text on a button": (token["on-fill-light"], token["fill-light"]),
        "text on a dark button": (DARK["on-fill"], token["action-dark"]),
    }
    for name in GROUNDS:
        pairs[f"link on {name}"] = token["action-light"], LIGHT[name]
        pairs[f"link on dark {name}"] = token["action-dark"], DARK[name]
    return {name: contrast(*both) for name, both in pairs.items()}


def controls(token: dict[str, Rgb]) -> dict[str, float]:
    """The contrast of what shows where a control is with what is around it."""
    pairs = {"focus ring on the key": (token["on-key"], token["key"])}
    for name in GROUNDS:
        pairs[f"button on {name}"] = token["fill-edge-light"], LIGHT[name]
        pairs[f"button on dark {name}"] = token["action-dark"], DARK[name]
    return {name: contrast(*both) for name, both in pairs.items()}


def unreadable(main: str, accent: str = "") -> dict[str, float]:
    token = drawn(main, accent)
    found = {name: ratio for name, ratio in texts(token).items() if ratio < 4.5}
    return found | {name: ratio for name, ratio in controls(token).items() if ratio < 3}


def test_every_colour_of_a_grid_reads_at_4_5_and_its_controls_at_3():
    failed = {colour: bad for colour in GRID if (bad := unreadable(colour))}
    assert failed == {}


@pytest.mark.parametrize("main", AWFUL)
@pytest.mark.parametrize("accent", AWFUL)
def test_the_awful_ones_read_together(main, accent):
    assert unreadable(main, accent) == {}


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_colours_of_our_own_read(scheme):
    failed = {
        (text, ground): ratio
        for text, ground in [
            *product(("ink", "soft", "wrong", "good", "warn"), GROUNDS),
            *((name, f"{name}-tint") for name in ("wrong", "good", "warn")),
            *(("ink", f"{name}-tint") for name in ("wrong", "good", "warn")),
            ("on-wrong", "wrong"),
        ]
        if (ratio := contrast(scheme[text], scheme[ground])) < 4.5
    }
    assert failed == {}
    assert all(contrast(scheme["edge"], scheme[ground]) >= 3 for ground in ("paper", "ground"))
    # One of the two rings of the focus stands out on any ground.
    assert contrast(scheme["ring"], scheme["gap"]) >= 9


def test_a_property_without_colours_gets_those_of_the_sheet_which_read_too():
    own = {name: css(LIGHT[name]) for name in drawn("#14463d")}
    made = {name: css(colour) for name, colour in drawn("#14463d").items()}
    assert own == made
    assert unreadable("#14463d") == {}


@pytest.mark.parametrize("main", ["#234f68", "#a8201a", "#ffffff"])
def test_no_button_looks_like_danger(main):
    for colour in GRID:
        token = drawn(main, colour)
        for name in ("fill-light", "action-light", "action-dark"):
            assert not colours.like_danger(token[name]), (colour, name)


def test_a_red_property_keeps_its_key_and_leaves_red_buttons_to_danger():
    token = drawn("#a8201a", "#c0392b")
    assert css(token["key"]) == "#a8201a"
    assert css(token["fill-light"]) == colours.INK


def test_a_red_accent_gives_way_to_the_main_colour():
    assert css(drawn("#234f68", "#c0392b")["fill-light"]) == "#234f68"


def test_what_is_next_to_white_takes_no_surface():
    assert css(drawn("#ffffff", "#234f68")["key"]) == "#234f68"
    assert css(drawn("#234f68", "#fefefe")["fill-light"]) == "#234f68"
    assert css(drawn("#ffffff", "#fefefe")["key"]) == colours.INK


def test_a_yellow_button_stays_yellow_with_black_text_and_an_edge():
    token = drawn("#234f68", "#ffd400")
    assert (css(token["fill-light"]), css(token["on-fill-light"])) == ("#ffd400", "#000000")
    assert contrast(token["fill-edge-light"], WHITE) >= 3


@given(st.tuples(*[st.floats(0, 1)] * 3), st.floats(0, 1))
def test_a_colour_is_brought_to_the_luminance_that_is_wanted(colour, wanted):
    assert luminance(colours.at(colour, wanted)) == pytest.approx(wanted, abs=1e-6)


def test_one_colour_is_enough_for_a_style():
    assert style("#234f68", None) == style(None, "#234f68") == style("#234f68", "#234f68")
    assert theme(None, "234f68") == "#234f68"


@pytest.mark.parametrize(
    "nothing", [None, "", "red", "#12", "#1234567", "url(x)", "#12345g", "١٢٣"]
)
def test_what_is_no_colour_is_none(nothing):
    assert parse(nothing) is None
    assert style(nothing, nothing) == theme(nothing, nothing) == ""


def test_a_colour_of_our_own_that_is_none_is_refused():
    with pytest.raises(ValueError, match="#12"):
        colours.known("#12")


@pytest.mark.parametrize("written", ["#234f68", "234F68", " #234f68 "])
def test_a_colour_is_read_however_it_is_written(written):
    assert css(colours.known(written)) == "#234f68"


def test_short_colours_are_read():
    assert css(colours.known("#fe0")) == "#ffee00"
    assert parse("FFF") == WHITE


ANY = st.none() | st.text(max_size=20) | st.sampled_from(GRID)


@given(ANY, ANY)
def test_a_style_holds_nothing_but_our_names_and_hex_digits(main, accent):
    nothing = parse(main) is None and parse(accent) is None
    wanted = "" if nothing else r":root\{(--[a-z-]+:#[0-9a-f]{6};?){10}\}"
    assert re.fullmatch(wanted, style(main, accent))


@given(*[st.tuples(*[st.floats(0, 1)] * 3)] * 2)
def test_contrast_is_that_of_wcag(one, other):
    assert 1 <= contrast(one, other) <= 21.01
    assert contrast(one, other) == contrast(other, one)


def test_contrast_of_known_pairs():
    assert contrast(colours.BLACK, WHITE) == pytest.approx(21)
    assert contrast(colours.known("#777"), WHITE) == pytest.approx(4.48, abs=0.01)
