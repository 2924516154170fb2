"""A vendor that is slow, broken or refuses: a clear page with the right status, and no more."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, once, once_without_script, with_script
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
    "reset": ({"kind": "reset"}, 503, OUTAGE),
    "cut short": ({"kind": "truncate"}, 503, OUTAGE),
    "a gateway's page": ({"kind": "html"}, 503, OUTAGE),
    "html with a 200": ({"kind": "html", "status": 200}, 503, OUTAGE),
    "no http at all": ({"kind": "raw", "body": "\x01\x02 nonsense\r\n\r\n"}, 503, OUTAGE),
}
each_fault = pytest.mark.parametrize(("fault", "status", "words"), FAULTS.values(), ids=FAULTS)


def reveals_nothing(resident: Resident) -> None:
    """No stack trace, no words of the vendor's or of a library, no path of a file."""
    text = resident.page.content()
    for word in ("Traceback", "Exception", "aiohttp", "Bad gateway", ".py", "NOT_FOUND", "None"):
        assert word not in text


@each_fault
@once
def test_a_page_that_cannot_be_had_says_so(
    resident: Resident, sandbox: SandboxProcess, fault: dict[str, Any], status: int, words: str
) -> None:
    resident.expect_status(status)
    resident.sign_in(FULL)
    sandbox.fault(**fault, count=99)
    answer = resident.go("/")
    assert answer.status == status
    resident.reads(words)
    reveals_nothing(resident)
    if status == 503:
        assert int(answer.headers["retry-after"]) > 0
    # Nobody was signed out by it.
    sandbox.clear_faults()
    resident.go("/")
    expect(resident.heading("Unit 2338")).to_be_visible()


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


@on_a_phone
def test_a_page_asked_for_with_an_ended_session_is_401(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(401)
    resident.sign_in(FULL)
    sandbox.expire()
    assert resident.go("/").status == 401
    resident.reads("You’re signed out")
    reveals_nothing(resident)
    # The session is gone for good, not only this answer.
    resident.go("/")
    expect(resident.heading("Use the link from your building")).to_be_visible()


@once
def test_pages_of_the_home_are_closed_to_who_never_signed_in(resident: Resident) -> None:
    resident.expect_status(401)
    for path in ("/contact/", "/help/", f"/wifi/unit/{UNIT}/", f"/wifi/unit/{UNIT}/qr/"):
        assert resident.go(path).status == 401
        resident.reads("You’re signed out")


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
def test_a_session_that_ends_before_a_reset_changes_nothing(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(401)
    resident.sign_in(FULL)
    resident.change("Home Wi-Fi", "Reset passphrase")
    expect(resident.heading("Reset the passphrase?")).to_be_visible()
    sandbox.expire()
    resident.press("Reset passphrase")
    resident.reads("You’re signed out")
    assert sandbox.user(UNIT)["passphrase"] == FULL.unit.users[0].passphrase


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


@once_without_script
def test_a_page_that_does_not_exist_is_404_whoever_asks(resident: Resident) -> None:
    resident.expect_status(404)
    assert resident.go("/no/such/page/").status == 404
    resident.reads("There’s nothing here")
    resident.sign_in(FULL)
    for path in ("/no/such/page/", f"/wifi/linked/{uuid.UUID(int=0)}/", "/logo/other.png/"):
        assert resident.go(path).status == 404
        resident.reads("There’s nothing here")
        reveals_nothing(resident)


@once_without_script
def test_a_form_without_its_token_is_refused_in_plain_words(resident: Resident) -> None:
    resident.expect_status(403)
    resident.sign_in(FULL)
    resident.press("Edit contact details", resident.section("Contact details"))
    cookies = [c for c in resident.context.cookies() if c["name"] != "csrf"]
    resident.context.clear_cookies(name="csrf")
    assert cookies
    resident.press("Save contact details")
    resident.reads("This page was open for too long")
    reveals_nothing(resident)
