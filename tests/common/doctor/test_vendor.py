"""What is asked of the vendor under which settings, and what a link must hold."""

from functools import partial

import pytest

from common.doctor import vendor
from common.doctor.vendor import Link, UnfitLink, ask_vendor, check_served, configured, read_link
from ruckus.authorization import TokenStyle
from ruckus.doctor.finding import Level
from ruckus.doctor.way_in import Configured
from ruckus.regions import addresses
from ruckus.wire import Upstream
from sandbox.links import vendor_link
from tests.ruckus.doctor.conftest import IS_SET, OURS, seeded

HOME = seeded("an access code with / + = %")
LINK = Link(HOME.property_id, (HOME.secret,))
OTHER = "0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11"


@pytest.fixture
def wired(world, monkeypatch):
    """The sandboxes instead of the network."""
    monkeypatch.setattr(vendor, "Upstream", partial(Upstream, transport=world))
    return world


def hosts(world):
    return [request.url.host for request in world.asked]


def test_without_a_link_one_call_is_made(wired):
    report = ask_vendor(IS_SET)
    assert hosts(wired) == ["api.ruckus.cloud"]
    assert {finding.level for finding in report.reach} == {Level.OK}


def test_without_a_link_and_a_region_nobody_is_asked(wired):
    assert ask_vendor(Configured()).reach == []
    assert hosts(wired) == []


def test_with_a_link_the_region_is_found_out(wired):
    del wired.apps[OURS]
    wired.add("https://api.asia.ruckus.cloud")
    report = ask_vendor(Configured(), LINK)
    assert report.settings["RUCKUS_REGION"] == "asia"
    assert report.sign_ins == len(wired.sign_ins) <= len(addresses())


def test_an_address_that_is_set_is_the_only_one(wired):
    url = "https://wifi-api.example"
    ask_vendor(Configured(url, "RUCKUS_API_URL", url), LINK)
    assert hosts(wired) == ["wifi-api.example"]


def test_what_is_set_is_read_from_the_settings(settings):
    settings.RUCKUS_API_URL, settings.RUCKUS_REGION = "https://api.example", ""
    settings.RUCKUS_TOKEN_STYLE = "auto"
    assert configured(loaded=True) == Configured(
        "https://api.example", "RUCKUS_API_URL", "https://api.example"
    )
    settings.RUCKUS_API_URL, settings.RUCKUS_REGION = OURS, "na"
    settings.RUCKUS_TOKEN_STYLE = "bare"
    assert configured(loaded=True) == Configured(OURS, "RUCKUS_REGION", "na", TokenStyle.BARE)


def test_a_property_of_a_file_is_asked_for_at_its_own_address(settings, tmp_path):
    one, other = "0b5d1c9e-2f5c-4d0e-9a53-6a4f5c1f7a11", "3098b445-38af-5850-babe-972f4cae43e6"
    file = tmp_path / "properties.toml"
    file.write_text(f'[{one}]\nregion = "eu"\n[{other}]\napi_url = "https://api.example"\n')
    settings.PROPERTIES_FILE = str(file)
    settings.RUCKUS_API_URL, settings.RUCKUS_REGION = "", ""
    found = configured(loaded=True, property_id=one)
    assert (found.address, found.setting, found.value) == (
        "https://api.eu.ruckus.cloud",
        "RUCKUS_REGION",
        "eu",
    )
    assert configured(loaded=True, property_id=other).address == "https://api.example"
    assert configured(loaded=True).address in ("https://api.eu.ruckus.cloud", "https://api.example")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, Configured()),
        ({"RUCKUS_REGION": "moon"}, Configured()),
        ({"RUCKUS_REGION": "na"}, IS_SET),
        (
            {"RUCKUS_REGION": "na", "RUCKUS_API_URL": f"{OURS}/", "RUCKUS_TOKEN_STYLE": "bearer"},
            Configured(OURS, "RUCKUS_API_URL", OURS, TokenStyle.BEARER),
        ),
    ],
)
def test_without_settings_the_environment_is_read(monkeypatch, variables, found):
    for name in ("RUCKUS_API_URL", "RUCKUS_REGION", "RUCKUS_TOKEN_STYLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert configured(loaded=False) == found


def test_our_own_link_holds_all():
    link = (
        f"https://wifi.example.org/p/{HOME.property_id}/#q%2F7%2BR%3D9%252Fd%2F%2Fx%25%2B%3D%2FzA"
    )
    assert read_link(link, "", []) == LINK


@pytest.mark.parametrize(
    ("wanted", "served"),
    [
        (HOME.property_id, []),
        (HOME.property_id.upper().replace("-", ""), [OTHER]),
        ("", [HOME.property_id]),
    ],
)
def test_the_vendor_s_link_needs_the_property_beside_it(wanted, served):
    link = read_link(vendor_link(HOME), wanted, served)
    assert link.property_id == HOME.property_id
    assert HOME.secret in link.codes
    assert HOME.secret not in repr(link)
    assert not link.guessed


def test_an_id_in_a_link_of_another_shape_is_a_guess_and_said_to_be_one(wired):
    page = f"https://residents.example.com/{OTHER}/"
    link = read_link(vendor_link(HOME, page), "", [])
    assert (link.property_id, link.guessed) == (OTHER, True)
    assert read_link(vendor_link(HOME, page), HOME.property_id, []).property_id == HOME.property_id
    assert read_link(vendor_link(HOME, page), "", [HOME.property_id]).guessed is False

    assert "a guess" in ask_vendor(IS_SET, link).reach[-1].what
    right = read_link(vendor_link(HOME, page.replace(OTHER, HOME.property_id)), "", [])
    assert ask_vendor(IS_SET, right).home


@pytest.mark.parametrize(
    ("text", "wanted", "served", "words"),
    [
        ("", "", [], "no access code"),
        ("https://residents.example.com/portal/", OTHER, [], "no access code"),
        (vendor_link(HOME), "", [], "Add --property"),
        (vendor_link(HOME), "", [OTHER, HOME.property_id], "Add --property"),
        (vendor_link(HOME), "larkspur", [], "--property takes the id"),
    ],
)
def test_a_link_that_is_no_use_says_what_is_missing(text, wanted, served, words):
    with pytest.raises(UnfitLink, match=words) as caught:
        read_link(text, wanted, served)
    assert HOME.secret not in str(caught.value)


def test_a_property_that_the_portal_leaves_out_is_told(settings):
    settings.ALLOWED_PROPERTIES = frozenset([OTHER])
    [finding] = check_served(HOME.property_id)
    assert finding.level is Level.TO_DO
    assert HOME.property_id not in repr(finding)
    assert check_served(OTHER) == []
