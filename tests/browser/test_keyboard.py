"""Whole journeys by keyboard alone: the mouse is never touched, and the focus is never lost."""

from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, once, only, with_script
from tests.browser.resident import FULL, GUEST, HOMES, UNIT, Resident, link, written
from tests.servers import SandboxProcess

CROWD = HOMES["45 users"]
LAPTOP = "A4:83:E7:11:22:33"

# A field goes by its label, all else by its words.
NAME = """(e) => {
    const named = (e.labels && e.labels[0] || e).cloneNode(true);
    named.querySelectorAll("[hidden], [aria-hidden]").forEach((part) => part.remove());
    return named.textContent;
}"""
RING = "(e) => getComputedStyle(e).outlineStyle"
# The page after a swap: nothing is under way, and something holds the focus.
SETTLED = """() => !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .busy")
    && document.activeElement !== document.body"""


def tab_to(resident: Resident, name: str, *, key: str = "Tab") -> None:
    """Press Tab until what has this name has the focus, which must be seen each time."""
    for _ in range(80):
        resident.page.keyboard.press(key)
        focused = resident.focused()
        if not focused.count():
            continue
        assert focused.evaluate(RING) != "none", focused.evaluate(NAME)
        if " ".join(focused.evaluate(NAME).split()) == written(name):
            return
    raise AssertionError(f"{name} can't be reached with the {key} key")


def enter(resident: Resident, name: str) -> None:
    """Tab to what has this name, and press Enter on it."""
    tab_to(resident, name)
    resident.page.keyboard.press("Enter")


def arrives(resident: Resident, heading: str) -> None:
    """The page with this heading is there, and a script has not lost the focus."""
    expect(resident.heading(heading)).to_be_visible()
    keeps_focus(resident)
    if resident.script:
        expect(resident.heading(heading)).to_be_focused()


def keeps_focus(resident: Resident) -> None:
    """Something has the focus once the page has settled; a new document starts without."""
    if resident.script:
        resident.page.wait_for_function(SETTLED)


def replace(resident: Resident, words: str) -> None:
    """Type over what the focused field holds."""
    resident.page.keyboard.press("Control+A")
    resident.page.keyboard.press("Delete")
    resident.page.keyboard.type(words)


@only("phone", "desktop", "desktop-without-script")
def test_from_signing_in_to_a_new_passphrase(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.go(link(FULL))
    enter(resident, "Open my Wi-Fi")
    resident.is_at("/")
    enter(resident, "Show passphrase")
    expect(resident.passphrase("Home Wi-Fi")).to_be_visible()
    if not resident.script:
        resident.go("/")
    enter(resident, "Change passphrase")
    enter(resident, "Reset passphrase")
    arrives(resident, "Reset the passphrase?")
    enter(resident, "Reset passphrase")
    resident.reads("Your passphrase is changed.")
    keeps_focus(resident)
    shown = resident.passphrase("Home Wi-Fi")
    expect(shown).to_have_text(sandbox.user(UNIT)["passphrase"])


@with_script
def test_a_passphrase_is_shown_copied_and_hidden_again(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.context.grant_permissions(["clipboard-read", "clipboard-write"])
    resident.sign_in(FULL)
    enter(resident, "Show passphrase")
    expect(resident.passphrase("Home Wi-Fi")).to_be_visible()
    expect(resident.focused()).to_have_accessible_name("Hide passphrase")
    enter(resident, "Copy passphrase")
    expect(resident.focused()).to_have_text("Copied")
    copied = resident.page.evaluate("navigator.clipboard.readText()")
    assert copied == sandbox.user(UNIT)["passphrase"]
    tab_to(resident, "Hide passphrase", key="Shift+Tab")
    resident.page.keyboard.press("Space")
    expect(resident.passphrase("Home Wi-Fi")).to_be_hidden()
    expect(resident.focused()).to_have_accessible_name("Show passphrase")


@on_a_phone
def test_the_qr_code_and_back(resident: Resident) -> None:
    resident.sign_in(FULL)
    enter(resident, "QR code")
    expect(resident.page.get_by_role("img", name="QR code")).to_be_visible()
    keeps_focus(resident)
    enter(resident, "Your home’s Wi-Fi")
    arrives(resident, "Unit 2338")


@once
def test_large_letters_and_what_was_typed(resident: Resident, sandbox: SandboxProcess) -> None:
    passphrase = sandbox.user(UNIT)["passphrase"]
    resident.sign_in(FULL)
    enter(resident, "Large letters")
    arrives(resident, "Large letters")
    tab_to(resident, "Check what you typed")
    resident.page.keyboard.type(passphrase[:3] + "~")
    resident.reads("Look at character 4")
    # Enter compares nothing anew, and sends nothing.
    resident.page.keyboard.press("Enter")
    replace(resident, passphrase)
    resident.reads("That’s all of it, and it’s right.")
    expect(resident.focused()).to_have_value(passphrase)


@only("phone", "desktop-without-script")
def test_a_passphrase_is_chosen_once_its_panel_was_opened_closed_and_opened(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    tab_to(resident, "Devices")
    # The panel of the guests is the second.
    for _ in range(2):
        tab_to(resident, "Change passphrase")
    resident.page.keyboard.press("Enter")
    panel = resident.section("Guest Wi-Fi").locator("details")
    expect(panel).to_have_attribute("open", "")
    if resident.script:
        tab_to(resident, "Choose a passphrase")
        resident.page.keyboard.press("Escape")
        expect(panel).not_to_have_attribute("open", "")
        expect(resident.focused()).to_have_text("Change passphrase")
        resident.page.keyboard.press("Enter")
    enter(resident, "Choose a passphrase")
    arrives(resident, "Choose a passphrase")
    tab_to(resident, "New passphrase")
    replace(resident, "chosen-by-keyboard")
    enter(resident, "Save passphrase")
    resident.reads("Your passphrase is changed.")
    keeps_focus(resident)
    assert sandbox.user(GUEST)["passphrase"] == "chosen-by-keyboard"


@on_a_phone
def test_contact_details_are_saved_after_an_error(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(422)
    resident.sign_in(FULL)
    enter(resident, "Edit contact details")
    arrives(resident, "Edit contact details")
    tab_to(resident, "Email address")
    replace(resident, "casey@")
    # Enter in a field sends the form.
    resident.page.keyboard.press("Enter")
    expect(resident.summary()).to_be_visible()
    keeps_focus(resident)
    if resident.script:
        expect(resident.summary()).to_be_focused()
    resident.page.keyboard.press("Tab")
    while "email" not in resident.focused().inner_text():
        resident.page.keyboard.press("Tab")
    resident.page.keyboard.press("Enter")
    expect(resident.page.get_by_label("Email address")).to_be_focused()
    replace(resident, "casey@example.net")
    enter(resident, "Save contact details")
    resident.reads("Contact details saved.")
    keeps_focus(resident)
    assert sandbox.unit(FULL.unit_guid)["contact"]["email"] == "casey@example.net"


@on_a_phone
def test_a_device_is_renamed_and_removed(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.sign_in(FULL)
    enter(resident, "Devices")
    arrives(resident, "Devices")
    enter(resident, f"Rename Laptop {LAPTOP}")
    arrives(resident, "Rename this device")
    tab_to(resident, "Name")
    replace(resident, "Robin’s laptop")
    enter(resident, "Save name")
    resident.reads("Name saved.")
    keeps_focus(resident)
    enter(resident, f"Remove Robin’s laptop {LAPTOP}")
    arrives(resident, "Remove this device?")
    enter(resident, "Remove device")
    resident.reads("Device removed.")
    keeps_focus(resident)
    assert LAPTOP not in [device["macAddress"] for device in sandbox.devices(UNIT)]


@on_a_phone
def test_a_person_is_found_in_a_home_of_45(resident: Resident) -> None:
    person = sorted(user.name for user in CROWD.unit.users if user.type == "LINKED")[-1]
    resident.sign_in(CROWD)
    tab_to(resident, "Find a person")
    resident.page.keyboard.type(person)
    resident.page.keyboard.press("Enter")
    rows = resident.page.locator("#people-found li:visible")
    expect(rows).to_have_count(1)
    keeps_focus(resident)
    if resident.script:
        expect(resident.focused()).to_have_value(person)
    enter(resident, person)
    arrives(resident, person)


@on_a_phone
def test_one_guest_card_without_the_passphrase(resident: Resident) -> None:
    resident.sign_in(FULL)
    enter(resident, "Share or print")
    arrives(resident, "Share or print")
    tab_to(resident, "A page of eight")
    resident.page.keyboard.press("ArrowUp")
    tab_to(resident, "Code and passphrase")
    resident.page.keyboard.press("ArrowDown")
    enter(resident, "Update cards")
    expect(resident.page.locator(".cut > li")).to_have_count(1)
    expect(resident.page.locator(".cut .code")).to_have_count(0)
    keeps_focus(resident)


@on_a_phone
def test_signing_out(resident: Resident) -> None:
    resident.sign_in(FULL)
    enter(resident, "Sign out")
    resident.reads("You’re signed out")
    resident.expect_status(401)
    resident.go("/contact/")
    resident.reads("You’re signed out")
