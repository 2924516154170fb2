"""Every page by axe, by keyboard, and on the narrowest screen."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from sandbox.seeds import Home
from tests.browser.modes import on_a_phone, only, with_script
from tests.browser.resident import DEVON, FULL, GUEST, HOMES, PLAIN, UNIT, Resident, code_page, link
from tests.servers import SandboxProcess

ODD = HOMES["markup and emoji and right-to-left text"]
FADED = "Promise.allSettled(document.getAnimations().map((one) => one.finished))"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Walk = Callable[[Resident, SandboxProcess], Iterator[str]]


def signed_out_pages(resident: Resident, sandbox: SandboxProcess) -> Iterator[str]:
    """Each page that can be seen without a session."""
    resident.expect_status(401, 404, 422)
    resident.go("/")
    yield "start"
    for name, home in (("full", FULL), ("plain", PLAIN), ("odd", ODD)):
        resident.go(link(home))
        yield f"welcome, {name}"
    resident.go(code_page(FULL))
    yield "welcome with a code"
    resident.fill("Access code", "wrong")
    resident.press("Open my Wi-Fi")
    expect(resident.summary()).to_be_visible()
    yield "wrong code"
    resident.go("/p/nowhere/")
    yield "404"
    resident.go("/contact/")
    yield "signed out"


def pages_of_a_home(resident: Resident, sandbox: SandboxProcess) -> Iterator[str]:
    """Each page that a resident sees when all is well."""
    resident.sign_in(FULL)
    section = resident.section("Home Wi-Fi")
    yield "home"
    resident.press("Show passphrase", section)
    expect(resident.passphrase("Home Wi-Fi")).to_be_visible()
    resident.press("Show QR code", section)
    expect(section.locator("svg.qr").first).to_be_visible()
    yield "QR code"
    resident.press("Devices", section)
    expect(section.get_by_role("heading", name="12 devices")).to_be_visible()
    yield "devices"
    resident.go(f"/wifi/unit/{UNIT}/qr/")
    yield "QR code as a page"
    resident.go(f"/wifi/linked/{DEVON}/devices/")
    yield "devices as a page"
    resident.page.get_by_role("button", name=re.compile("^Remove")).first.click()
    expect(resident.heading("Remove this device?")).to_be_visible()
    yield "removal"
    resident.press("Remove device")
    resident.reads("Device removed.")
    yield "removed"
    resident.go(f"/wifi/guest/{GUEST}/choose/")
    yield "choose"
    resident.go(f"/wifi/guest/{GUEST}/reset/")
    yield "reset"
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.press("Reset passphrase")
    resident.reads("Setting your new passphrase…")
    yield "waiting"
    sandbox.settle()
    resident.reads("Your passphrase is changed.")
    yield "confirmed"
    resident.go("/help/")
    yield "help"
    resident.go("/sign-out-everywhere/")
    yield "sign out everywhere"
    resident.press("Sign out")
    yield "signed out"


def pages_that_refuse(resident: Resident, sandbox: SandboxProcess) -> Iterator[str]:
    """Each page that says what is wrong."""
    resident.expect_status(401, 403, 404, 422, 503)
    resident.sign_in(FULL)
    resident.go("/contact/")
    yield "contact"
    resident.fill("Name", "")
    resident.fill("Email address", "nonsense")
    resident.press("Save contact details")
    expect(resident.summary()).to_be_visible()
    yield "contact with errors"
    resident.fill("Name", "Casey")
    resident.fill("Email address", "")
    sandbox.fault(status=503, count=99)
    resident.press("Save contact details")
    resident.reads("We can’t reach the Wi-Fi system")
    yield "contact in an outage"
    resident.go("/")
    yield "outage"
    sandbox.clear_faults()
    sandbox.fault(status=500, count=99, operation="queryUnitUsers")
    resident.go("/")
    yield "home without its Wi-Fi"
    sandbox.clear_faults()
    sandbox.fault(status=403, count=99)
    resident.go("/")
    yield "refused"
    sandbox.clear_faults()
    resident.go(f"/wifi/guest/{GUEST}/choose/")
    resident.fill("New passphrase", "short")
    resident.press("Save passphrase")
    expect(resident.summary()).to_be_visible()
    yield "choose with an error"
    resident.go("/contact/")
    sandbox.expire()
    resident.press("Save contact details")
    resident.reads("You’re signed out")
    yield "contact signed out"


def other_homes(resident: Resident, sandbox: SandboxProcess) -> Iterator[str]:
    """The homes that look different."""
    resident.expect_status(403)
    for shows, home in HOMES.items():
        # What 45 people look like is what two of them do.
        if shows not in ("full branding", "45 users"):
            resident.sign_in(home)
            yield shows
    sign_in_and_open(resident, ODD)
    yield "odd devices"


def sign_in_and_open(resident: Resident, home: Home) -> None:
    resident.sign_in(home)
    section = resident.section("Home Wi-Fi")
    resident.press("Show passphrase", section)
    resident.press("Show QR code", section)
    expect(section.locator("svg.qr").first).to_be_visible()
    resident.open_devices("<script>alert(1)</script>")


each_walk = pytest.mark.parametrize(
    "walk", [signed_out_pages, pages_of_a_home, pages_that_refuse, other_homes]
)


@each_walk
@with_script
def test_axe_finds_nothing_on_any_page(
    resident: Resident, sandbox: SandboxProcess, walk: Walk
) -> None:
    found = []
    for place in walk(resident, sandbox):
        # A button that was pressed is pale until it has been answered, and fades back.
        expect(resident.page.locator(".htmx-request")).to_have_count(0)
        resident.page.evaluate(FADED)
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        results = Axe().run(resident.page, options=options)
        for violation in results.response["violations"]:
            targets = [node["target"] for node in violation["nodes"]]
            found.append(f"{place}: {violation['id']}: {violation['help']}: {targets}")
    assert not found, "\n".join(found)


@each_walk
@only("narrow")
def test_nothing_is_wider_than_the_narrowest_screen(
    resident: Resident, sandbox: SandboxProcess, walk: Walk
) -> None:
    for place in walk(resident, sandbox):
        width = resident.page.evaluate("document.documentElement.scrollWidth")
        assert (place, width) == (place, 320)


def tab_to(resident: Resident, name: str) -> None:
    """Press Tab until what has this name has the focus, which must be seen each time."""
    for _ in range(80):
        resident.page.keyboard.press("Tab")
        focused = resident.focused()
        if not focused.count():
            continue
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
        if focused.inner_text().strip() == name:
            return
    raise AssertionError(f"{name} can't be reached with the Tab key")


@only("phone", "desktop", "desktop-without-script")
def test_a_keyboard_is_enough_from_signing_in_to_a_new_passphrase(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    press = resident.page.keyboard.press
    resident.go(link(FULL))
    tab_to(resident, "Open my Wi-Fi")
    press("Enter")
    resident.is_at("/")
    tab_to(resident, "Show passphrase")
    press("Enter")
    expect(resident.passphrase("Home Wi-Fi")).to_be_visible()
    if not resident.script:
        resident.go("/")
    tab_to(resident, "Reset passphrase")
    press("Enter")
    expect(resident.heading("Reset the passphrase?")).to_be_visible()
    if resident.script:
        expect(resident.heading("Reset the passphrase?")).to_be_focused()
    tab_to(resident, "Reset passphrase")
    press("Enter")
    resident.reads("Your passphrase is changed.")
    shown = resident.passphrase("Home Wi-Fi")
    expect(shown).to_have_text(sandbox.user(UNIT)["passphrase"])


@on_a_phone
def test_the_first_stop_leads_past_the_header(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.page.keyboard.press("Tab")
    expect(resident.focused()).to_have_text("Skip to content")
    expect(resident.focused()).to_be_in_viewport()
    resident.page.keyboard.press("Enter")
    expect(resident.page.locator("main")).to_be_focused()
