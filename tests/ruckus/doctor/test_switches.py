"""The doctor over the sandbox in every mode, and that it gives nothing away."""

import json
import re
from dataclasses import fields

import pytest

from ruckus.doctor.finding import Level
from sandbox import seeds
from sandbox.state import Switches

from .conftest import OURS, about, seeded

HOMES = [home.shows for home in seeds.homes()]
MODES = {
    "accepted": True,
    "late": True,
    "accepted_delay": 60.0,
    "silent": True,
    "nulls": True,
    "dashless": True,
    "strict_ids": False,
    "token_style": "bare",
    "token_prefix": "Bearer ",
    "token_length": 32_000,
    "bucket": False,
    "device_id": "mac",
    "sticky_devices": True,
    "token_life": 5.0,
    "lockout": 403,
    "enforce_api_allowed": True,
    "latency": 0.05,
    "date_skew": 20.0,
    "in_order": True,
    "link_lag": 5.0,
    "tokens_outlive_link": True,
}


def test_each_switch_of_the_sandbox_is_tried():
    assert MODES.keys() == {field.name for field in fields(Switches)}


@pytest.mark.parametrize("name", MODES)
async def test_the_way_in_is_found_in_every_mode(world, name):
    setattr(world.state().switches, name, MODES[name])

    report = await world.examine()

    assert len(world.sign_ins) == 1
    assert {finding.level for finding in report.reach} == {Level.OK}
    assert report.settings["RUCKUS_REGION"] == "na"
    # Where all is null, no network is named.
    expected = {Level.OK, Level.TO_DO} if name == "nulls" else {Level.OK}
    assert {finding.level for finding in report.home} == expected


@pytest.mark.parametrize("prefix", ["", "Bearer "])
@pytest.mark.parametrize("style", ["bearer", "bare", "either"])
@pytest.mark.parametrize("length", [64, 32_000])
async def test_host_and_style_are_right_for_tokens_of_every_shape(world, prefix, style, length):
    switches = world.state().switches
    switches.token_prefix, switches.token_style, switches.token_length = prefix, style, length
    switches.dashless = switches.nulls = True

    report = await world.examine()

    told = {} if prefix else {"RUCKUS_TOKEN_STYLE": "bare" if style == "bare" else "bearer"}
    assert report.settings == {"RUCKUS_REGION": "na"} | told


async def test_a_sign_in_without_a_token_is_not_taken_for_one(world):
    world.state().switches.nulls = "all"

    report = await world.examine(addresses=[OURS])

    assert about(report.reach, "Access code").level is Level.UNKNOWN


async def test_a_clock_that_is_off_is_told_with_all_else(world):
    world.state().switches.date_skew = 3600

    report = await world.examine()

    assert about(report.reach, "Clock").level is Level.TO_DO
    assert report.home


@pytest.mark.parametrize("status", [401, 403])
async def test_a_unit_that_is_locked_out_may_be_suspended(world, status):
    world.state().switches.lockout = status

    report = await world.examine("a suspended unit", addresses=[OURS])

    code = about(report.reach, "Access code")
    assert code.level is Level.TO_DO
    assert "suspended" in code.advice


async def test_a_property_that_is_closed_is_told_and_what_it_withholds_is_not_guessed(world):
    world.state().switches.enforce_api_allowed = True

    report = await world.examine("portal API not allowed")

    assert about(report.reach, "Token style").level is Level.OK
    assert about(report.home, "Resident Portal").level is Level.TO_DO
    for name in ("Property", "Unit", "Identities"):
        withheld = about(report.home, name)
        assert withheld.level is Level.UNKNOWN
        assert withheld.advice == "See Resident Portal."


async def test_an_empty_bucket_ends_the_search(world):
    bucket = world.state().buckets[seeded("full branding").property_id]
    bucket.level, bucket.filled = 0.0, float("inf")

    report = await world.examine()

    assert len(world.sign_ins) == 1
    assert "429" in about(report.reach, "Access code").what


@pytest.mark.parametrize("kind", ["html", "reset", "hang"])
async def test_every_read_may_fail_by_itself(world, kind):
    for operation in ("residentFetchProperty", "residentFetchUnit", "queryUnitUsers"):
        world.fault(kind, operation=operation)

    report = await world.examine()

    assert about(report.home, "Resident Portal").level is Level.OK
    for name in ("Property", "Unit", "Identities"):
        finding = about(report.home, name)
        assert finding.level is Level.UNKNOWN
        assert finding.advice


LEVELS = {
    "full branding": {},
    "no portal profile": {},
    "45 users": {},
    "system identities hidden": {},
    "no users at all": {"Identities": Level.TO_DO},
    "a suspended unit": {"Unit": Level.TO_DO},
    "a blocked user": {"Identities": Level.TO_DO},
    "markup and emoji and right-to-left text": {},
    "an access code with / + = %": {},
    "portal API not allowed": {"Resident Portal": Level.TO_DO},
    "a profile without content": {"Networks": Level.TO_DO},
}


@pytest.mark.parametrize("shows", HOMES)
async def test_only_what_is_wrong_with_a_home_is_to_be_done(world, shows):
    report = await world.examine(shows)

    found = {f.about: f.level for f in report.home if f.level is not Level.OK}
    assert found == LEVELS[shows]
    for finding in [*report.reach, *report.home]:
        assert finding.level is Level.OK or finding.advice


@pytest.mark.parametrize("shows", HOMES)
async def test_nothing_of_a_home_is_given_away(world, shows):
    home = seeded(shows)
    report = await world.examine(shows)

    told = repr(report) + json.dumps([[f.what, f.advice] for f in report.reach + report.home])
    property_ = world.state().properties[home.property_id]
    contact = home.unit.contact or seeds.Contact("")
    hidden = [home.secret, home.property_id, home.unit_guid, property_.name, property_.address]
    hidden += [property_.management_phone, property_.management_email, *property_.ssids]
    hidden += [contact.name, contact.email, contact.phone, *world.state().tokens]
    for user in home.unit.users:
        hidden += [user.id, user.passphrase, user.email, user.phone]
        # Names, those that staff gave to an identity included.
        hidden += [user.name]
        hidden += [value for device in user.devices for value in (device.guid, device.mac)]
    for secret in filter(None, hidden):
        assert secret not in told
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", told)


async def test_nothing_is_changed(world):
    await world.examine()

    methods = {(ask.method, ask.url.path.rpartition("/")[2]) for ask in world.asked}
    assert {what for what in methods if what[0] != "GET"} == {("POST", "logins"), ("POST", "query")}
