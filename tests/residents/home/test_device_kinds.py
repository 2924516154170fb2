"""What is known of a device: its kind by a word, its maker by its address."""

import pytest

from residents.home.device_kinds import KINDS, UNKNOWN, icon_of, is_private, load_makers, maker_of


@pytest.mark.parametrize(
    ("word", "icon"),
    [
        ("Smartphone", "smartphone"),
        ("Smart TV", "tv"),
        ("Voice assistant", "speaker"),
        ("Game console", "gamepad-2"),
        ("iPad", "tablet"),
        ("LAPTOP", "laptop"),
        ("Smart plug", "plug"),
        ("Apple Watch", "watch"),
        ("Toaster", UNKNOWN),
        ("", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_each_word_of_the_wifi_system_has_an_icon(word, icon):
    assert icon_of(word) == icon


def test_every_icon_can_be_reached():
    assert {icon_of(words[0]) for _, words in KINDS} == {icon for icon, _ in KINDS}


@pytest.mark.parametrize(
    ("mac", "private"),
    [
        ("3A:5D:7E:90:AB:12", True),
        ("da-40-6f-15-b3-98", True),
        ("F0:18:98:3A:5C:01", False),
        ("no/mac", False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_that_a_device_made_up_is_told(mac, private):
    assert is_private(mac) == private


async def test_the_maker_is_known_by_the_address_without_its_legal_form():
    await load_makers()
    assert maker_of("F0:18:98:3A:5C:01") == "Apple"
    assert maker_of("f0-18-98-3a-5c-01") == "Apple"
    assert maker_of("00:80:77:C4:1B:E2") == "Brother"
    # A made-up address says nothing, nor does what is none.
    for nothing in ("3A:5D:7E:90:AB:12", "zz", "", None):
        assert maker_of(nothing) == ""
