"""A vendor that is slow, broken or refuses: a clear page with the right status, and no more."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, with_script
from tests.browser.resident import FULL, UNIT, Resident, code_page, link
from tests.servers import SandboxProcess

OUTAGE = "We can’t reach the Wi-Fi system"
BUSY = "We’re busy right now"
REFUSED = "These pages aren’t open to your home"

FAULTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "refused": ({"status": 403}, 403, REFUSED),
    "busy": ({"status": 429, "headers": {"Retry-After": "0"}}, 503, BUSY),
    "failing": ({"status": 500}, 503, OUTAGE),
    "down": ({"status": 503}, 503, OUTAGE),
    "silent": ({"kind": "hang"}, 503, OUTAGE),
    "a gateway's page": ({"kind": "html"}, 503, OUTAGE),
}


def reveals_nothing(resident: Resident) -> None:
    """No stack trace, no words of the vendor's or of a library, no path of a file."""
    text = resident.page.content()
    for word in ("Traceback", "Exception", "aiohttp", "Bad gateway", ".py", "NOT_FOUND", "None"):
        assert word not in text


@pytest.mark.parametrize("name", ["refused", "busy", "failing", "a gateway's page"])
@with_script
def test_a_click_that_leads_nowhere_leaves_the_page_and_says_why(
    resident: Resident, sandbox: SandboxProcess, name: str
) -> None:
    fault, status, words = FAULTS[name]
    resident.expect_status(status)
    resident.sign_in(FULL)
    sandbox.fault(**fault, count=99)
    resident.press("Devices", resident.section("Home Wi-Fi"))
    resident.reads(words)
    expect(resident.page.locator("#notice .summary")).to_be_focused()
    # What was there is still there, at its own address.
    expect(resident.heading("Unit 2338")).to_be_visible()
    resident.is_at("/")
    reveals_nothing(resident)
    # The notice goes when the next click works.
    sandbox.clear_faults()
    resident.press("Edit contact details", resident.section("Contact details"))
    expect(resident.heading("Edit contact details")).to_be_visible()
    expect(resident.page.get_by_text(words)).to_have_count(0)


@on_a_phone
def test_a_session_that_has_ended_says_how_to_get_back(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(401)
    resident.sign_in(FULL)
    sandbox.expire()
    resident.press("Edit contact details", resident.section("Contact details"))
    resident.reads("You’ve been signed out." if resident.script else "You’re signed out")
    if resident.script:
        resident.is_at(f"{code_page(FULL)}?ended")
        resident.fill("Access code", FULL.secret)
        resident.press("Open my Wi-Fi")
        expect(resident.heading("Unit 2338")).to_be_visible()
    assert "casey@example.com" not in resident.page.locator("main").inner_text() or resident.script


@pytest.mark.parametrize("name", ["refused", "busy", "down", "silent"])
@on_a_phone
def test_a_reset_that_is_not_taken_says_so_and_changes_nothing(
    resident: Resident, sandbox: SandboxProcess, name: str
) -> None:
    fault, status, words = FAULTS[name]
    resident.expect_status(status)
    resident.sign_in(FULL)
    resident.change("Home Wi-Fi", "Reset passphrase")
    expect(resident.heading("Reset the passphrase?")).to_be_visible()
    sandbox.fault(**fault, count=99)
    resident.press("Reset passphrase")
    resident.reads(words)
    expect(resident.heading("Reset the passphrase?")).to_be_visible()
    reveals_nothing(resident)
    sandbox.clear_faults()
    assert sandbox.user(UNIT)["passphrase"] == FULL.unit.users[0].passphrase
    # The same button works once the vendor does.
    resident.press("Reset passphrase")
    resident.reads("Your passphrase is changed.")


@on_a_phone
def test_signing_in_during_an_outage_can_be_repeated_with_the_same_button(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(503)
    resident.go(link(FULL))
    sandbox.fault(status=503, operation="residentLogin", count=1)
    resident.press("Open my Wi-Fi")
    resident.reads(OUTAGE)
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    assert len(sandbox.calls("residentLogin")) == 2
