"""Which address, reading and token style open a home, in how many sign-ins."""

import re
from urllib.parse import urlsplit

import pytest

from ruckus import regions
from ruckus.authorization import TokenStyle
from ruckus.doctor.finding import Level
from ruckus.doctor.way_in import MOST_SIGN_INS, Configured

from .conftest import IS_SET, OURS, about, seeded

ALL = regions.addresses("na")
HOSTS = [urlsplit(address).netloc for address in ALL]


@pytest.mark.parametrize("address", ALL)
async def test_the_address_that_opens_the_home_is_found_wherever_it_is(world, address):
    del world.apps[OURS]
    world.add(address)

    report = await world.examine()

    found = about(report.reach, "Address")
    region = regions.region_of(address)
    name, value = ("RUCKUS_REGION", region) if region else ("RUCKUS_API_URL", address)
    assert report.settings == {name: value, "RUCKUS_TOKEN_STYLE": "bearer"}
    assert urlsplit(address).netloc in found.what
    if address == OURS:
        assert found.level is Level.OK
    else:
        assert found.level is Level.TO_DO
        assert f"Set {name}={value}" in found.advice
    # An address that was found dead at first is not asked to sign in.
    expected = HOSTS[: HOSTS.index(urlsplit(address).netloc) + 1]
    assert world.sign_ins == (expected if address == OURS else expected[1:])
    assert report.sign_ins == len(world.sign_ins)
    assert report.home


async def test_the_region_s_own_addresses_come_first():
    assert regions.addresses("eu")[:2] == [
        "https://api.eu.ruckus.cloud",
        "https://residence.eu.ruckus.cloud",
    ]
    for region in ("", "na", "eu", "asia"):
        assert sorted(regions.addresses(region)) == sorted(ALL)


async def test_where_an_address_is_set_no_other_host_is_asked(world):
    url = "https://wifi-api.example"
    for address in ALL:
        world.add(address)
    state = world.add(url)
    state.units[seeded("full branding").unit_guid].access_code = "another"

    set_ = Configured(url, "RUCKUS_API_URL", url)
    report = await world.examine(configured=set_, addresses=[url])

    assert {ask.url.host for ask in world.asked} == {"wifi-api.example"}
    assert about(report.reach, "Access code").level is Level.TO_DO
    assert report.settings == {}


async def test_a_password_in_the_address_that_is_set_is_not_repeated(world):
    url = "https://someone:hush@api.ruckus.cloud"
    world.apps["https://someone:hush@api.ruckus.cloud"] = world.apps[OURS]
    set_ = Configured(url, "RUCKUS_API_URL", url)

    report = await world.examine(configured=set_, addresses=[url])

    assert report.settings["RUCKUS_API_URL"] == "https://api.ruckus.cloud"
    assert report.home
    assert "hush" not in repr(report.reach)


async def test_where_the_only_address_is_dead_nobody_signs_in(world):
    url = "https://wifi-api.example"
    set_ = Configured(url, "RUCKUS_API_URL", url)

    report = await world.examine(configured=set_, addresses=[url])

    assert [finding.about for finding in report.reach] == ["Connection"]
    assert len(world.asked) == 1


async def test_a_dead_link_takes_one_sign_in_for_each_address_and_says_what_each_said(world):
    for address in ALL:
        world.add(address)
    world.fault("status", ALL[1], status=403, operation="residentLogin")
    world.fault("status", ALL[2], status=404, operation="residentLogin")
    world.fault("status", ALL[3], status=400, operation="residentLogin")
    world.fault("html", ALL[4])

    report = await world.examine(codes=["no such code"])

    assert world.sign_ins == HOSTS
    code = about(report.reach, "Access code")
    assert code.level is Level.TO_DO
    for host, said in zip(
        HOSTS, ("(401)", "(403)", "(404)", "(400)", "(status 502)"), strict=False
    ):
        assert re.search(rf"{re.escape(host)}[^:]*: [^:]*{re.escape(said)}\.", code.what)
    assert "View Portal" in code.advice
    assert "suspended" in code.advice
    assert report.home == []


async def test_twelve_sign_ins_are_the_most_and_reach_every_address(world):
    for address in ALL:
        world.add(address)

    report = await world.examine(codes=["wrong 1", "wrong 2", "wrong 3"])

    assert MOST_SIGN_INS == 12
    assert report.sign_ins == len(world.sign_ins) == 12
    assert set(world.sign_ins) == set(HOSTS)
    # All three readings where they are likeliest.
    assert world.sign_ins.count(HOSTS[0]) == world.sign_ins.count(HOSTS[1]) == 3
    for state in map(world.state, ALL):
        assert len({call["operation"] for call in state.calls}) <= 2


async def test_more_readings_than_links_have_stay_within_twelve(world):
    for address in ALL:
        world.add(address)

    await world.examine(codes=[f"wrong {n}" for n in range(9)])

    assert len(world.sign_ins) == 12


@pytest.mark.parametrize("fails_at", range(1, 6))
async def test_after_a_429_there_is_no_other_sign_in(world, fails_at):
    for address in ALL:
        world.add(address)
    world.fault("status", ALL[fails_at], status=429, headers={"Retry-After": "600"})

    report = await world.examine(codes=["wrong"])

    assert world.sign_ins == HOSTS[: fails_at + 1]
    assert world.asked[-1].url.host == HOSTS[fails_at]
    [*_, code] = report.reach
    assert code.level is Level.UNKNOWN
    assert "429" in code.what
    assert code.advice == "Wait 10 minutes, then try again."


async def test_a_429_that_asks_for_little_is_no_reason_to_hurry(world):
    world.fault(operation="residentLogin", status=429, headers={"Retry-After": "1"})

    report = await world.examine()

    assert len(world.sign_ins) == 1
    assert about(report.reach, "Access code").advice == "Wait a few minutes, then try again."


async def test_after_a_429_to_the_first_call_nobody_signs_in(world):
    for address in ALL:
        world.add(address)
    world.fault(operation="getTenantPortalAccess", status=429)

    report = await world.examine()

    assert world.sign_ins == []
    assert report.sign_ins == 0


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_sign_in_that_failed_is_not_made_again(world, status):
    world.fault(operation="residentLogin", status=status)

    report = await world.examine(addresses=[OURS])

    assert world.sign_ins == [HOSTS[0]]
    code = about(report.reach, "Access code")
    assert code.level is Level.UNKNOWN
    assert f"status {status}" in code.what


async def test_an_address_that_answers_nonsense_is_left_after_one_sign_in(world):
    world.fault(operation="residentLogin", status=200, body=b"<html>")

    report = await world.examine(addresses=[OURS], codes=["a", "b", "c"])

    assert len(world.sign_ins) == 1
    assert "that is not the API's" in about(report.reach, "Access code").what


async def test_a_home_that_opens_in_the_second_reading_is_found(world):
    home = seeded("full branding")

    report = await world.examine(codes=["decoded%20wrongly", home.secret])

    code = about(report.reach, "Access code")
    assert code.level is Level.OK
    assert "in reading 2" in code.what
    assert about(report.reach, "Address").level is Level.OK
    assert report.home


STYLES = [("bearer", "bearer"), ("bare", "bare"), ("either", "bearer")]


@pytest.mark.parametrize(("taken", "told"), STYLES)
async def test_the_token_style_is_found_out_in_one_sign_in(world, taken, told):
    world.state().switches.token_style = taken

    report = await world.examine()

    style = about(report.reach, "Token style")
    assert style.level is Level.OK
    assert report.settings == {"RUCKUS_REGION": "na", "RUCKUS_TOKEN_STYLE": told}
    assert len(world.sign_ins) == 1
    assert {finding.level for finding in report.home} == {Level.OK}


@pytest.mark.parametrize(
    ("taken", "fixed", "level"),
    [
        ("bearer", TokenStyle.BEARER, Level.OK),
        ("bearer", TokenStyle.BARE, Level.TO_DO),
        ("bare", TokenStyle.BARE, Level.OK),
        ("bare", TokenStyle.BEARER, Level.TO_DO),
        ("either", TokenStyle.BARE, Level.OK),
    ],
)
async def test_a_style_that_is_fixed_wrongly_is_told(world, taken, fixed, level):
    world.state().switches.token_style = taken
    set_ = Configured(IS_SET.address, IS_SET.setting, IS_SET.value, fixed)

    report = await world.examine(configured=set_)

    style = about(report.reach, "Token style")
    assert style.level is level
    assert ("restart the portal" in style.advice) is (level is Level.TO_DO)


@pytest.mark.parametrize("taken", ["bearer", "bare", "either"])
async def test_a_token_that_brings_its_bearer_needs_no_style(world, taken):
    world.state().switches.token_style = taken
    world.state().switches.token_prefix = "Bearer "

    report = await world.examine()

    assert "says itself" in about(report.reach, "Token style").what
    assert "RUCKUS_TOKEN_STYLE" not in report.settings
    assert report.home


async def test_a_token_that_is_refused_in_each_style_is_told(world):
    world.fault(operation="residentFetchUiConfiguration", status=401)

    report = await world.examine()

    style = about(report.reach, "Token style")
    assert style.level is Level.TO_DO
    assert "refuses its own token" in style.what
    assert report.home == []


async def test_an_outage_after_signing_in_leaves_the_style_open(world):
    world.fault(operation="residentFetchUiConfiguration", status=502)

    report = await world.examine()

    assert about(report.reach, "Token style").level is Level.UNKNOWN
    assert about(report.home, "Resident Portal").level is Level.UNKNOWN
    assert len(world.sign_ins) == 1
