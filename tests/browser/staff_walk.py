"""A way through all pages of staff's, from the one-time link to the move-out, for tests and pictures."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, Locator, Response, expect

from sandbox.management.accounts import ADMINISTRATOR
from tests.browser.portal import PortalProcess
from tests.browser.resident import MODES
from tests.browser.test_staff_door import PASSWORD, Newcomer, sign_in
from tests.servers import SandboxProcess

EMAIL = "dana@example.com"
NOT_THERE = "home105@example.com"


class Mailbox:
    """A mail server that knows every address but one."""

    async def handle_RCPT(  # noqa: N802, so its library calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == NOT_THERE:
            return "550 5.1.1 Mailbox unavailable"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@dataclass(kw_only=True)
class Colleague(Newcomer):
    """Somebody of staff, what their browser was sent, and the units of a building of 24 homes."""

    sandbox: SandboxProcess
    traffic: list[Response]
    property: str
    units: dict[str, str]

    def at(self, path: str = "") -> str:
        return f"/staff/p/{self.property}/{path}"

    def home(self, number: str, path: str = "") -> str:
        return self.at(f"homes/{self.units[number]}/{path}")

    def heading(self, words: str) -> Locator:
        return self.page.get_by_role("heading", name=words, exact=True)

    def tick(self, *numbers: str) -> None:
        """Choose these homes in the list."""
        self.open(self.at())
        for number in numbers:
            self.page.get_by_role("checkbox", name=f"Select {number}", exact=True).check()


@contextmanager
def colleague(browser: Browser, folder: Path) -> Iterator[Colleague]:
    """Yield somebody with a browser, a portal to which nothing is connected, and a mail server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mail = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    mail.start()
    try:
        with SandboxProcess() as sandbox:
            plan = {"homes": 24, "without_link": 2, "suspended": 1}
            place = sandbox.management("POST", "building", json=plan)["property_id"]
            units = {
                unit["number"]: unit["guid"]
                for unit in sandbox.stored()["units"]
                if unit["propertyId"] == place
            }
            portal = PortalProcess(folder, sandbox.url)
            portal.environment |= {
                "STAFF": "on",
                "PORTAL_URL": "https://wifi.example.com",
                "EMAIL_URL": f"smtp://127.0.0.1:{port}",
                "EMAIL_FROM": "Thistle Gardens <wifi@example.com>",
                "TIME_ZONE": "America/New_York",
            }
            context = browser.new_context(**MODES["desktop"].options)
            context.set_default_timeout(20_000)
            traffic: list[Response] = []
            context.on("response", lambda answer: traffic.append(answer))  # noqa: PLW0108, Playwright marks it
            with portal:
                yield Colleague(
                    context.new_page(),
                    portal,
                    MODES["desktop"],
                    sandbox=sandbox,
                    traffic=traffic,
                    property=place.replace("-", ""),
                    units=units,
                )
            context.close()
    finally:
        mail.stop()


def staff_pages(dana: Colleague) -> Iterator[str]:
    """Lead somebody new through all pages; yield the name of each when it can be looked at."""
    yield from at_the_door(dana)
    yield from of_the_account(dana)
    yield from of_people(dana)
    yield from of_the_homes(dana)
    yield from on_paper(dana)
    yield from by_email(dana)
    yield from from_a_file(dana)
    yield from handing_over(dana)
    yield from looking_back(dana)


def at_the_door(dana: Colleague) -> Iterator[str]:
    link = dana.run("add_staff", EMAIL, "--name", "Dana Sample").split()[-1]
    dana.open("/staff/")
    yield "sign in"
    dana.fill("Email address", EMAIL)
    dana.fill("Password", "wrong")
    dana.press("Continue")
    yield "sign in refused"
    dana.open(urlsplit(link).path)
    yield "welcome"
    dana.press("Set up and sign in")
    yield "welcome with errors"
    dana.scan()
    dana.fill("New password", PASSWORD)
    dana.fill("6-digit code", dana.code())
    dana.press("Set up and sign in")
    expect(dana.heading("Your recovery codes")).to_be_visible()
    yield "recovery codes"
    dana.open(urlsplit(link).path)
    yield "link is over"
    dana.open("/staff/")
    dana.press("Sign out")
    yield "signed out"
    sign_in(dana, EMAIL)
    dana.follow("Use a recovery code")
    yield "recovery code asked for"
    dana.page.go_back()
    yield "code asked for"
    dana.fill("6-digit code", "000000")
    dana.press("Sign in")
    yield "code refused"
    dana.fill("6-digit code", dana.code())
    dana.press("Sign in")
    expect(dana.heading("Properties")).to_be_visible()
    yield "nothing connected"


def of_the_account(dana: Colleague) -> Iterator[str]:
    dana.follow("Connect RUCKUS One")
    yield "connect"
    dana.fill("Name", "Sample Homes")
    dana.page.get_by_label("North America").check()
    dana.fill("Tenant ID", ADMINISTRATOR.tenant_id)
    dana.fill("Client ID", ADMINISTRATOR.client_id)
    dana.fill("Client secret", "wrong")
    dana.press("Test and connect")
    expect(dana.page.get_by_text("Nothing was saved.").first).to_be_visible()
    yield "connect refused"
    dana.fill("Client secret", ADMINISTRATOR.client_secret)
    dana.press("Test and connect")
    expect(dana.heading("Sample Homes")).to_be_visible()
    yield "account"
    for path in ("", "1/token/", "1/disconnect/"):
        dana.open(f"/staff/accounts/{path}")
        yield f"accounts {path}"
    dana.open("/staff/")
    yield "properties"


def of_people(dana: Colleague) -> Iterator[str]:
    dana.open("/staff/people/")
    dana.follow("Add a person")
    yield "add a person"
    dana.press("Add and make link")
    yield "add a person with errors"
    dana.fill("Email address", "erik@example.com")
    dana.fill("Name", "Erik Example")
    dana.press("Add and make link")
    yield "one-time link"
    dana.follow("Done")
    expect(dana.heading("Erik Example")).to_be_visible()
    address = dana.page.url
    yield "person"
    for path in ("link/", "remove/"):
        dana.page.goto(address + path)
        yield f"person {path}"
    dana.open("/staff/people/")
    yield "people"
    dana.open("/staff/me/")
    dana.page.locator("main summary").click()
    yield "me"
    for path in ("password/", "authenticator/"):
        dana.open(f"/staff/me/{path}")
        yield f"me {path}"
    dana.open("/staff/password/?next=/staff/people/")
    yield "password again"


def of_the_homes(dana: Colleague) -> Iterator[str]:
    dana.open(dana.at())
    expect(dana.page.get_by_text("Reading the homes")).to_have_count(0)
    dana.open(dana.at())
    expect(dana.page.get_by_text("Resident 101 Sample")).to_be_visible()
    yield "homes, new"
    dana.press("Check all links")
    expect(dana.page.get_by_role("progressbar")).to_be_visible()
    yield "homes, checking"
    expect(dana.page.get_by_text("22 ready, 2 missing")).to_be_visible(timeout=60_000)
    dana.open(dana.at())
    expect(dana.page.get_by_text("Resident 101 Sample")).to_be_visible()
    dana.page.get_by_role("checkbox", name="Select 102", exact=True).check()
    yield "homes"
    dana.open(dana.at("?all=1"))
    yield "homes, all"
    dana.open(dana.at("?filter=no-link"))
    yield "homes without a link"
    dana.open(dana.at("?q=nowhere"))
    yield "homes, none found"
    dana.open(dana.home("102"))
    yield "home"
    for button in ("Show the link", "QR code", "Email", "Text message"):
        dana.page.get_by_role("button", name=button).first.click()
        dana.page.wait_for_load_state("load")
        yield f"home, {button}"
    dana.press("Test the link")
    expect(dana.page.get_by_text("The link works")).to_be_visible()
    yield "home, tested"
    dana.open(dana.home("101"))
    yield "home without a link"
    dana.fill("Access code or link", "wrong")
    dana.press("Make the link")
    yield "home, pasted link refused"
    dana.open(dana.home("212"))
    yield "home, suspended"
    dana.open(dana.at("set-up/"))
    yield "set-up, not checked"
    dana.press("Check now")
    expect(dana.page.get_by_text("Use Your Own Portal is on.")).to_be_visible()
    yield "set-up check"
    dana.open("/staff/set-up/")
    yield "set-up of all"


def on_paper(dana: Colleague) -> Iterator[str]:
    for ask, make, name in (
        ("Print letters", "Make 3 letters", "letters"),
        ("Print door cards", "Make 3 cards", "door cards"),
    ):
        dana.tick("102", "103", "101")
        dana.press(ask)
        yield f"{name}, asked for"
        dana.press(make)
        yield name
    for ask in ("Download CSV", "RUCKUS One’s message"):
        dana.tick("102")
        dana.press(ask)
        yield ask


def by_email(dana: Colleague) -> Iterator[str]:
    dana.open(dana.at("email/"))
    yield "no emails"
    numbers = ("103", "104", "105", "106")
    dana.tick(*numbers)
    dana.press("Email")
    yield "email"
    dana.press("Send 4 emails")
    expect(dana.page.get_by_role("progressbar")).to_be_visible()
    yield "emails, being sent"
    expect(dana.heading("3 of 4 emails were sent")).to_be_visible(timeout=60_000)
    dana.open(dana.at("email/"))
    yield "emails"
    dana.tick(*numbers)
    dana.press("Email")
    expect(dana.heading("Got one today")).to_be_visible()
    yield "email, a second time"


def from_a_file(dana: Colleague) -> Iterator[str]:
    dana.open(dana.at("from-file/"))
    yield "from a file"
    code = dana.sandbox.unit(dana.units["101"])["hashedSecret"]
    table = f"home;link\n101;{code}\n999;x\n;y\n".encode()
    dana.page.locator("#file").set_input_files(
        {"name": "wing.csv", "mimeType": "text/csv", "buffer": table}
    )
    dana.press("Check the file")
    yield "file with problems"
    dana.press("Leave out 2 rows")
    yield "file that is right"
    dana.press("Show links")
    yield "links of a file"


def handing_over(dana: Colleague) -> Iterator[str]:
    dana.open(dana.home("104", "replace/"))
    yield "replace"
    dana.press("Replace the link")
    expect(dana.page.get_by_text("The link is replaced.")).to_be_visible(timeout=30_000)
    yield "replaced"
    dana.open(dana.home("106", "move-out/"))
    yield "move-out"
    dana.press("Move out Unit 106")
    yield "move-out with an error"
    dana.fill("Type the home’s number to confirm", "106")
    dana.press("Move out Unit 106")
    expect(dana.page.get_by_role("heading", name=re.compile("[1-7] of 9 steps"))).to_be_visible()
    yield "moving out"
    expect(dana.page.get_by_text("The home is cleared.")).to_be_visible(timeout=60_000)
    yield "moved out"


def looking_back(dana: Colleague) -> Iterator[str]:
    for number in ("102", "103", "104"):
        code = dana.sandbox.unit(dana.units[number])["hashedSecret"]
        dana.portal.visit(SimpleNamespace(property_id=dana.property, secret=code))
    dana.tick("107", "108", "109")
    expect(dana.page.get_by_text("3 of 24 homes have opened their portal.")).to_be_visible()
    expect(dana.page.get_by_text("Resident 101 Sample")).to_be_visible()
    yield "homes, in use"
    dana.open("/staff/audit/")
    yield "audit log"
    dana.page.get_by_text("Filter", exact=True).click()
    dana.fill("Home", "nowhere")
    dana.press("Show")
    yield "audit log, nothing found"
    dana.open(dana.home("106"))
    yield "home with a history"
    dana.open("/staff/nowhere/")
    yield "404"
    dana.sandbox.fault(status=503, count=99)
    dana.open(dana.home("103"))
    yield "home in an outage"
    dana.press("Test the link")
    dana.page.wait_for_load_state("load")
    yield "test in an outage"
    dana.sandbox.clear_faults()
    dana.open("/staff/")
    yield "properties, in use"
