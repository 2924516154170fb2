"""A new passphrase: asked for, waited for, and shown only when it was read back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, once, two_of_four, with_script
from tests.browser.resident import FULL, GUEST, RILEY, UNIT, Resident
from tests.servers import SandboxProcess

NOT_YET = "Setting your new passphrase…"
CONFIRMED = "Your passphrase is changed."


def ask(resident: Resident, title: str = "Home Wi-Fi") -> None:
    resident.change(title, "Reset passphrase")
    expect(resident.heading("Reset the passphrase?")).to_be_visible()


def confirmed(resident: Resident, sandbox: SandboxProcess, title: str, user_id: str) -> None:
    """The page shows the passphrase that is stored."""
    resident.reads(CONFIRMED)
    expect(resident.passphrase(title)).to_be_visible()
    assert resident.passphrase(title).text_content() == sandbox.user(user_id)["passphrase"]


def reset(
    resident: Resident, sandbox: SandboxProcess, title: str, user_id: str, devices: int
) -> None:
    """The whole journey, from the home page to the new passphrase."""
    resident.sign_in(FULL)
    before = sandbox.user(user_id)
    ask(resident, title)
    resident.reads(f"{devices} devices will be disconnected")
    resident.reads("Use mobile data")
    resident.reads("You may also get a message with the new passphrase.")
    expect(resident.page.locator("main li.row")).to_have_count(devices)
    assert sandbox.calls("updateUnitUser") == []
    resident.press("Reset passphrase")
    confirmed(resident, sandbox, title, user_id)
    after = sandbox.user(user_id)
    assert after["passphrase"] != before["passphrase"]
    assert after | {"passphrase": None} == before | {"passphrase": None}
    # The other passphrases of the home are as they were.
    others = {user.id: user.passphrase for user in FULL.unit.users if user.id != user_id}
    assert {other: sandbox.user(other)["passphrase"] for other in others} == others


def test_a_reset_asks_first_and_shows_what_was_stored(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    reset(resident, sandbox, "Home Wi-Fi", UNIT, 7)


@two_of_four
def test_the_guests_passphrase_is_reset_alone(resident: Resident, sandbox: SandboxProcess) -> None:
    reset(resident, sandbox, "Guest Wi-Fi", GUEST, 3)


@two_of_four
def test_a_linked_persons_passphrase_is_reset_alone(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    reset(resident, sandbox, "Riley Example", RILEY, 4)


def test_cancelling_a_reset_changes_nothing(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.sign_in(FULL)
    ask(resident)
    resident.press("Cancel")
    resident.is_at("/")
    assert sandbox.calls("updateUnitUser") == []


def test_a_reset_that_takes_its_time_is_confirmed_by_itself(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.sign_in(FULL)
    before = sandbox.user(UNIT)["passphrase"]
    ask(resident)
    resident.press("Reset passphrase")
    resident.reads(NOT_YET)
    # Neither the former passphrase nor a code for it is offered as the new one.
    assert before not in resident.page.locator("main").inner_text()
    expect(resident.page.get_by_role("link", name="QR code")).to_have_count(0)
    assert sandbox.user(UNIT)["passphrase"] == before
    sandbox.settle()
    confirmed(resident, sandbox, "Home Wi-Fi", UNIT)
    assert sandbox.user(UNIT)["passphrase"] != before
    assert len(sandbox.calls("updateUnitUser")) == 1


@on_a_phone
def test_a_write_that_shows_late_in_spite_of_a_200_is_waited_for(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.switches(late=True, accepted_delay=3600)
    resident.sign_in(FULL)
    ask(resident)
    resident.press("Reset passphrase")
    resident.reads(NOT_YET)
    sandbox.settle()
    confirmed(resident, sandbox, "Home Wi-Fi", UNIT)


@with_script
def test_a_reset_survives_that_the_network_goes_away(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.sign_in(FULL)
    ask(resident)
    resident.press("Reset passphrase")
    resident.reads(NOT_YET)
    with resident.page.expect_event("requestfailed"):
        resident.go_offline()
    resident.reads(NOT_YET)
    sandbox.settle()
    resident.go_online()
    confirmed(resident, sandbox, "Home Wi-Fi", UNIT)


@once
def test_a_reset_survives_an_outage_while_it_waits(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(503)
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.sign_in(FULL)
    ask(resident)
    resident.press("Reset passphrase")
    resident.reads(NOT_YET)
    with resident.page.expect_response(lambda answer: answer.status == 503):
        sandbox.fault(status=500, operation="getUnitUser", count=99)
    sandbox.clear_faults()
    sandbox.settle()
    confirmed(resident, sandbox, "Home Wi-Fi", UNIT)


@on_a_phone
def test_a_reset_can_be_looked_up_again_by_hand(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.sign_in(FULL)
    ask(resident)
    resident.press("Reset passphrase")
    resident.reads(NOT_YET)
    # Also from the home page, which keeps looking as well.
    resident.go("/")
    expect(resident.section("Home Wi-Fi")).to_contain_text(NOT_YET)
    sandbox.settle()
    if not resident.script:
        resident.press("Check again", resident.section("Home Wi-Fi"))
    confirmed(resident, sandbox, "Home Wi-Fi", UNIT)


@once
def test_a_change_that_never_shows_ends_in_an_honest_sentence(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.sign_in(FULL)
    before = sandbox.user(UNIT)["passphrase"]
    ask(resident)
    resident.press("Reset passphrase")
    resident.reads(NOT_YET)
    resident.go(f"/wifi/unit/{UNIT}/?look=99")
    resident.reads("Your old one may still work.")
    resident.press("Show passphrase", resident.section("Home Wi-Fi"))
    expect(resident.passphrase("Home Wi-Fi")).to_be_visible()
    assert resident.passphrase("Home Wi-Fi").text_content() == before


@pytest.mark.parametrize("kind", ["reset_after", "truncate", "html"])
@on_a_phone
def test_a_reset_whose_answer_was_lost_ends_with_the_truth(
    resident: Resident, sandbox: SandboxProcess, kind: str
) -> None:
    resident.sign_in(FULL)
    before = sandbox.user(UNIT)["passphrase"]
    ask(resident)
    sandbox.fault(kind, operation="updateUnitUser", apply=True)
    resident.press("Reset passphrase")
    confirmed(resident, sandbox, "Home Wi-Fi", UNIT)
    assert sandbox.user(UNIT)["passphrase"] != before
    assert len(sandbox.calls("updateUnitUser")) == 1


@on_a_phone
def test_a_reset_that_never_arrived_is_not_called_done(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    ask(resident)
    sandbox.fault("reset", operation="updateUnitUser")
    resident.press("Reset passphrase")
    resident.reads("This is taking longer than usual.")
    resident.reads(NOT_YET)
    assert sandbox.user(UNIT)["passphrase"] == FULL.unit.users[0].passphrase
    expect(resident.page.get_by_text(re.compile("is changed"))).to_have_count(0)


@once
def test_the_question_can_be_asked_without_the_list_of_devices(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    sandbox.fault(status=500, operation="residentFetchUnitDevices", count=9)
    ask(resident)
    resident.reads("Every device that uses this passphrase will be disconnected.")
