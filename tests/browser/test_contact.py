"""Editing contact details: what was typed is never lost, and never more is changed."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.modes import on_a_phone
from tests.browser.resident import FULL, UNIT, Resident, code_page, written
from tests.servers import SandboxProcess


def contact(sandbox: SandboxProcess) -> dict[str, str]:
    found: dict[str, str] = sandbox.unit(FULL.unit_guid)["contact"]
    return found


def fill(resident: Resident, **values: str) -> None:
    for label, value in values.items():
        resident.fill(label.replace("_", " "), value)


def shows(resident: Resident, **values: str) -> None:
    for label, value in values.items():
        expect(resident.page.get_by_label(label.replace("_", " "))).to_have_value(value)


def edit(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.press("Edit contact details", resident.section("Contact details"))
    expect(resident.heading("Edit contact details")).to_be_visible()


def test_contact_details_are_saved_and_the_phone_number_made_uniform(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    edit(resident)
    shows(resident, Name="Casey Example", Email_address="casey@example.com")
    fill(resident, Name="Zoë O'Example <&>", Email_address="zoe@example.net")
    fill(resident, Phone_number="(202) 555-0199")
    resident.press("Save contact details")
    resident.is_at("/")
    resident.reads("Contact details saved.")
    assert contact(sandbox) == {
        "contactName": "Zoë O'Example <&>",
        "email": "zoe@example.net",
        "phoneNumber": "+12025550199",
    }
    for words in ("Zoë O'Example <&>", "zoe@example.net", "+12025550199"):
        expect(resident.section("Contact details")).to_contain_text(words)
    assert sandbox.user(UNIT)["passphrase"] == FULL.unit.users[0].passphrase


def test_a_refused_form_says_where_and_keeps_what_was_typed(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(422)
    edit(resident)
    before = contact(sandbox)
    typed = {"Name": "", "Email_address": "casey@", "Phone_number": "12"}
    fill(resident, **typed)
    resident.press("Save contact details")
    summary = resident.summary()
    expect(summary.get_by_role("heading", name="There is a problem")).to_be_visible()
    for words in ("Enter a name", "Enter an email address in the correct", "with its country code"):
        expect(summary).to_contain_text(words)
    expect(resident.page).to_have_title(re.compile("^Error: Edit contact details"))
    shows(resident, **typed)
    if resident.script:
        expect(summary).to_be_focused()
    summary.get_by_role("link", name="Enter a name").click()
    expect(resident.page.get_by_label("Name")).to_be_focused()
    field = resident.page.get_by_label("Email address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("Enter an email address"))
    assert contact(sandbox) == before
    assert sandbox.calls("residentEditUnit") == []
    # Mended, it is saved.
    fill(resident, Name="Casey Example", Email_address="casey@example.org", Phone_number="")
    resident.press("Save contact details")
    resident.reads("Contact details saved.")
    expect(resident.page).to_have_title(re.compile("^Unit 2338"))


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"kind": "reset"},
        {"kind": "html"},
        {"status": 429, "headers": {"Retry-After": "0"}},
    ],
    ids=["503", "reset", "html", "429"],
)
@on_a_phone
def test_a_save_during_an_outage_keeps_what_was_typed(
    resident: Resident, sandbox: SandboxProcess, fault: dict[str, object]
) -> None:
    resident.expect_status(503)
    edit(resident)
    before = contact(sandbox)
    typed = {"Name": "Casey Q. Example", "Email_address": "q@example.com"}
    fill(resident, **typed)
    sandbox.fault(**fault, count=99)  # type: ignore[arg-type]
    resident.press("Save contact details")
    resident.reads("We don’t know if this was saved. Check before trying again.")
    shows(resident, **typed)
    if resident.script:
        expect(resident.summary()).to_be_focused()
    sandbox.clear_faults()
    assert contact(sandbox) == before
    resident.press("Save contact details")
    resident.reads("Contact details saved.")
    assert contact(sandbox)["contactName"] == "Casey Q. Example"


@on_a_phone
def test_a_session_that_ended_while_typing_loses_nothing(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(401)
    edit(resident)
    fill(resident, Name="Casey Typed", Email_address="typed@example.com")
    sandbox.expire()
    resident.press("Save contact details")
    resident.reads("You’re signed out")
    resident.reads("Nothing was saved. What you typed is still here")
    shows(resident, Name="Casey Typed", Email_address="typed@example.com")
    # In another tab, as the page says; then the form is sent once more.
    with resident.context.expect_page() as opened:
        resident.press("Enter your access code in a new tab")
    tab = opened.value
    expect(tab).to_have_url(resident.url + code_page(FULL))
    tab.get_by_label("Access code").fill(FULL.secret)
    tab.get_by_role("button", name=written("Open my Wi-Fi")).click()
    expect(tab.get_by_role("heading", level=1, name="Unit 2338")).to_be_visible()
    resident.press("Save contact details")
    resident.reads("Contact details saved.")
    assert contact(sandbox)["contactName"] == "Casey Typed"
