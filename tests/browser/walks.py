"""Ways through all pages and all their states, for tests and pictures that want to see each."""

import re
from collections.abc import Callable, Iterator

from playwright.sync_api import expect

from tests.browser.resident import (
    DEVON,
    FULL,
    GUEST,
    HOMES,
    PLAIN,
    RILEY,
    UNIT,
    Resident,
    code_page,
    link,
    name_of,
)
from tests.servers import SandboxProcess

ODD = HOMES["markup and emoji and right-to-left text"]
CROWD = HOMES["45 users"]

# Leads a resident from page to page, and gives the name of each when it can be looked at.
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
    resident.fill("Access code or link", "wrong")
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
    yield "home"
    resident.press("Show passphrase", resident.section("Home Wi-Fi"))
    expect(resident.passphrase("Home Wi-Fi")).to_be_visible()
    yield "home, passphrase shown"
    resident.go("/")
    for row in resident.page.locator("summary").all():
        row.click()
    yield "home, all open"
    for path, name in (
        (f"/wifi/unit/{UNIT}/qr/", "QR code"),
        (f"/wifi/guest/{GUEST}/qr/?network=2", "QR code of the guests"),
        (f"/wifi/linked/{RILEY}/qr/", "QR code of a person"),
        (f"/wifi/unit/{UNIT}/letters/", "large letters"),
        (f"/wifi/unit/{UNIT}/connect/", "connect a device"),
        (f"/wifi/guest/{GUEST}/cards/", "guest cards"),
        (f"/wifi/guest/{GUEST}/cards/?count=1&clear=no", "one guest card"),
        (f"/wifi/linked/{RILEY}/", "a person"),
        (f"/people/{RILEY}/contact/", "contact of a person"),
        ("/devices/", "devices"),
        (f"/wifi/unit/{UNIT}/devices/", "devices of the home alone"),
        (f"/wifi/linked/{DEVON}/devices/", "devices of a person"),
    ):
        resident.go(path)
        yield name
    resident.page.get_by_role("button", name=re.compile("^Rename")).first.click()
    expect(resident.heading("Rename this device")).to_be_visible()
    yield "name of a device"
    resident.fill("Name", "A phone that has a name of 40 characters")
    resident.press("Save name")
    resident.reads("Name saved.")
    yield "named"
    resident.page.get_by_role("button", name=re.compile("^Remove")).first.click()
    expect(resident.heading("Remove this device?")).to_be_visible()
    yield "removal"
    resident.press("Remove device")
    resident.reads("Device removed.")
    yield "removed"
    resident.go(f"/wifi/guest/{GUEST}/choose/")
    yield "choose"
    resident.go(f"/wifi/unit/{UNIT}/reset/")
    yield "reset"
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.press("Reset passphrase")
    resident.reads("Setting your new passphrase…")
    yield "waiting"
    sandbox.settle()
    resident.reads("Your passphrase is changed.")
    resident.reads("0 of 7 devices are back")
    yield "confirmed"
    resident.press("Check again")
    resident.page.get_by_role("button", name=re.compile("^It’s back")).first.click()
    resident.reads("1 of 7 devices are back")
    yield "checklist"
    resident.go(f"/wifi/unit/{UNIT}/")
    yield "Wi-Fi with a checklist"
    resident.go("/devices/")
    yield "devices with a checklist"
    resident.go("/help/")
    yield "help"
    resident.go("/help/link/")
    yield "someone else has our link"
    resident.go("/help/link/replace/")
    yield "replace our link"
    resident.go("/privacy/")
    yield "privacy"
    resident.go(f"/wifi/guest/{GUEST}/back/")
    yield "no checklist"
    resident.go("/diary/")
    yield "diary"
    resident.go("/privacy/delete/")
    yield "delete names and diary"
    resident.go("/accessibility/")
    yield "accessibility"
    resident.go("/sign-out-everywhere/")
    yield "sign out everywhere"
    resident.press("Sign out")
    yield "after signing out"


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
    sandbox.fault(status=500, count=99, operation="residentFetchUnitDevices")
    resident.go("/devices/")
    yield "devices that can't be read"
    sandbox.clear_faults()
    sandbox.fault(status=403, count=99)
    resident.go("/")
    yield "refused"
    sandbox.clear_faults()
    resident.go("/devices/")
    resident.page.get_by_role("button", name=re.compile("^Rename")).first.click()
    resident.fill("Name", "x" * 41)
    resident.press("Save name")
    expect(resident.summary()).to_be_visible()
    yield "name with an error"
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
        if home is not FULL:
            resident.sign_in(home)
            yield shows
    resident.sign_in(PLAIN)
    resident.go("/help/link/replace/")
    resident.reads("Your building doesn’t send messages")
    yield "a link that can't be replaced"
    resident.sign_in(ODD)
    unit = name_of("UNIT", home=ODD)
    for path in ("qr/", "letters/", "connect/", "cards/", "devices/", "reset/"):
        resident.go(f"/wifi/unit/{unit}/{path}")
        yield f"odd {path}"
    resident.go("/devices/")
    yield "odd devices"
    resident.sign_in(CROWD)
    resident.go("/?person=3")
    yield "45 users, filtered"
    resident.go("/?person=nobody")
    yield "45 users, nobody found"


WALKS: tuple[Walk, ...] = (signed_out_pages, pages_of_a_home, pages_that_refuse, other_homes)
