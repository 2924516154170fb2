"""What is said of a property, a unit and its identities."""

import pytest

from ruckus.doctor.finding import Level
from ruckus.doctor.home import check_identities, check_profile, check_property, check_unit
from ruckus.resident_types import Property, UiConfiguration, Unit, UnitUser

from .conftest import about

OPEN = {"api_allowed": True, "portal_allowed": False}


def portal(**values):
    return about(check_profile(UiConfiguration(**values)), "Resident Portal")


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        (OPEN, Level.OK, "Use Your Own Portal is on"),
        ({"api_allowed": True, "portal_allowed": True}, Level.TO_DO, "Use RUCKUS Portal"),
        ({"portal_allowed": True}, Level.TO_DO, "Use RUCKUS Portal"),
        ({"api_allowed": False, "portal_allowed": False}, Level.TO_DO, "so residents can't use it"),
        ({"api_allowed": False, "portal_allowed": True}, Level.TO_DO, "so residents can't use it"),
        ({"api_allowed": False}, Level.TO_DO, "so residents can't use it"),
        ({"api_allowed": True}, Level.OK, "does not say"),
        ({"portal_allowed": False}, Level.OK, "does not say"),
        ({}, Level.OK, "does not say"),
    ],
)
def test_the_setting_is_told_by_what_is_allowed(values, level, words):
    found = portal(**values)
    assert found.level is level
    assert words in found.what


@pytest.mark.parametrize("values", [{"api_allowed": False}, {"portal_allowed": True}])
def test_who_is_to_change_the_setting_is_warned_of_new_passphrases(values):
    advice = portal(**values).advice
    assert "Under Resident Portal, choose Use Your Own Portal" in advice
    assert "delete all units" in advice
    assert "everybody gets a new passphrase" in advice
    assert "Where people already live, leave it" in advice


@pytest.mark.parametrize("ui", [None, UiConfiguration()])
def test_a_property_without_a_profile_is_well(ui):
    findings = check_profile(ui)
    assert {finding.level for finding in findings} == {Level.OK}
    assert "There is none" in about(findings, "Portal profile").what


def test_a_profile_and_own_passphrases_are_told():
    findings = check_profile(UiConfiguration(**OPEN, tenant_set_dpsk=True))
    assert "from it" in about(findings, "Portal profile").what
    assert about(findings, "Passphrases").advice == ""


def test_nobody_is_sent_to_another_portal_for_the_sake_of_own_passphrases():
    found = about(check_profile(UiConfiguration(**OPEN)), "Passphrases")
    assert found.level is Level.OK
    assert "not choose" in found.what
    assert "leave all as it is" in found.advice


@pytest.mark.parametrize(
    ("ssids", "level", "words"),
    [
        ((), Level.TO_DO, "names no network"),
        (("Larkspur",), Level.OK, "names one network."),
        (("Larkspur", "Guests"), Level.OK, "names 2 networks."),
    ],
)
def test_networks_are_counted(ssids, level, words):
    found = about(check_property(Property(ssids=ssids)), "Networks")
    assert found.level is level
    assert words in found.what


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"send_email": True}, "sends residents email."),
        ({"send_sms": True, "send_email": False}, "sends residents text messages."),
        ({"send_sms": True, "send_email": True}, "sends residents email and text messages."),
        ({"send_sms": False, "send_email": None}, "no messages, so you hand out links"),
    ],
)
def test_messages_are_told(values, words):
    found = about(check_property(Property(**values)), "Messages")
    assert found.level is Level.OK
    assert words in found.what


def test_a_suspended_unit_is_told_from_an_open_one():
    assert check_unit(Unit(status="DISABLED")).level is Level.TO_DO
    for status in ("ENABLED", None, "SOMETHING NEW"):
        assert check_unit(Unit(status=status)).level is Level.OK


def user(kind, status="ACTIVE", passphrase="a passphrase"):
    return UnitUser(id="u", type=kind, status=status, passphrase=passphrase)


@pytest.mark.parametrize(
    ("users", "level", "what"),
    [
        ([user("UNIT")], Level.OK, "The home sees its own passphrase."),
        (
            [user("UNIT"), user("GUEST")],
            Level.OK,
            "its own passphrase. The home sees the guests' passphrase.",
        ),
        (
            [user("UNIT"), user("GUEST"), user("LINKED"), user("NEW")],
            Level.OK,
            "the guests' passphrase. The home sees 2 other passphrases.",
        ),
        ([user("LINKED")], Level.OK, "The home sees one other passphrase."),
        ([user("UNIT"), user("GUEST", "BLOCKED")], Level.TO_DO, "1 of 2 is blocked."),
        ([user("UNIT", "BLOCKED")] * 2, Level.TO_DO, "2 of 2 are blocked."),
        ([], Level.TO_DO, "sees no passphrase."),
        ([user("UNIT", passphrase=None)], Level.TO_DO, "sees no passphrase."),
    ],
)
def test_identities_are_counted_by_kind(users, level, what):
    found = check_identities(users)
    assert found.level is level
    assert found.what.endswith(what)


def test_hidden_identities_are_explained():
    for users in ([], [user("LINKED")]):
        assert "Hide system generated identities" in check_identities(users).advice
