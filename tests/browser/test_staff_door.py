"""The staff's door as somebody new comes in: from the printed link to the audit log."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.modes import only
from tests.browser.portal import ROOT, PortalProcess
from tests.browser.resident import Mode
from tests.browser.test_accessibility import RULES, WIDTH, violations
from tests.servers import SandboxProcess

PASSWORD = "four plain words together"


@pytest.fixture(scope="module")
def staff_portal(
    sandbox_process: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    """A portal with pages for staff."""
    process = PortalProcess(tmp_path_factory.mktemp("staff"), sandbox_process.url)
    process.environment |= {"STAFF": "on", "TIME_ZONE": "America/New_York"}
    with process:
        yield process


@dataclass
class Newcomer:
    """Somebody of staff with a fresh browser."""

    page: Page
    portal: PortalProcess
    mode: Mode
    key: str = ""
    # How often a code was needed: none is taken twice.
    codes: int = 0

    def run(self, *arguments: str) -> str:
        """Runs a command on the server; what it prints."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.portal.environment | {"PORTAL_URL": self.portal.url},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def open(self, path: str) -> None:
        self.page.goto(self.portal.url + path)

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        self.page.get_by_role("link", name=words, exact=True).click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def scan(self) -> None:
        """Reads the key off the screen, as a phone's camera does."""
        picture = self.portal.folder / "code.png"
        self.page.locator("svg.qr").screenshot(path=picture)
        (found,) = zxingcpp.read_barcodes(Image.open(picture))
        totp = pyotp.parse_uri(found.text)
        assert isinstance(totp, pyotp.TOTP)
        assert totp.secret == self.page.locator("code.code").inner_text().replace(" ", "")
        self.key = totp.secret

    def code(self) -> str:
        """A code that was not used yet: the last, this and the next step are taken."""
        self.codes += 1
        return pyotp.TOTP(self.key).at(time.time(), counter_offset=self.codes - 2)

    def looks_well(self, heading: str) -> None:
        """The page is there, axe finds nothing, and nothing is wider than the screen."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        if folder := os.environ.get("PICTURES"):
            name = re.sub(r"\W+", "-", heading.lower())
            path = Path(folder) / f"{name}-{self.mode.width}.png"
            self.page.screenshot(path=path, full_page=True)
        if not self.mode.script:
            return
        found = []
        for scheme, rules in [
            ("light", {"type": "tag", "values": RULES}),
            ("dark", {"type": "rule", "values": ["color-contrast"]}),
        ]:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += violations(SimpleNamespace(page=self.page), heading, rules)
        self.page.emulate_media(color_scheme="light")
        assert not found, "\n".join(found)
        assert self.page.evaluate(WIDTH, "16px") <= self.mode.width


@pytest.fixture
def newcomer(browser: Browser, staff_portal: PortalProcess, mode: Mode) -> Iterator[Newcomer]:
    context = browser.new_context(**mode.options)
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    yield Newcomer(page, staff_portal, mode)
    context.close()
    # Chromium writes down each answer that is an error, which some of these are meant to be.
    assert [text for text in trouble if "Failed to load resource" not in text] == []


@only("phone", "phone-without-script", "desktop", "narrow")
def test_a_new_owner_comes_in_and_lets_somebody_else_in(newcomer: Newcomer) -> None:
    page, email = newcomer.page, f"dana-{newcomer.mode.width}-{newcomer.mode.script}@example.com"
    printed = newcomer.run("add_staff", email, "--name", "Dana Park", "--owner")
    link = printed.split()[-1]
    newcomer.open(urlsplit(link).path)
    newcomer.looks_well("Set up your sign\N{NON-BREAKING HYPHEN}in")
    newcomer.scan()
    newcomer.fill("New password", PASSWORD)
    newcomer.fill("6-digit code", newcomer.code())
    newcomer.press("Set up and sign in")
    newcomer.looks_well("Your recovery codes")
    codes = page.locator("pre").inner_text().split()
    assert len(codes) == 8
    if newcomer.mode.script:
        newcomer.press("Copy recovery codes")
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
    newcomer.open("/staff/me/")
    newcomer.looks_well("Your sign-in")

    # Somebody else.
    newcomer.follow("People")
    newcomer.looks_well("People")
    newcomer.follow("Add a person")
    newcomer.looks_well("Add a person")
    newcomer.press("Add and make link")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    newcomer.looks_well("Add a person")
    newcomer.fill("Email address", f"erik-{email}")
    newcomer.fill("Name", "Erik Lund")
    newcomer.press("Add and make link")
    newcomer.looks_well("One-time link")
    newcomer.follow("Done")
    newcomer.looks_well("Erik Lund")
    page.get_by_text("Change role").click()
    newcomer.looks_well("Erik Lund")
    newcomer.follow("Make a new link")
    newcomer.looks_well("Make a new link?")
    newcomer.follow("Cancel")
    newcomer.follow("Remove")
    newcomer.looks_well("Remove this person?")
    newcomer.press("Remove")
    newcomer.looks_well("People")

    # What was done.
    newcomer.follow("Audit log")
    newcomer.looks_well("Audit log")
    expect(page.get_by_role("listitem").filter(has_text="Person removed").first).to_be_visible()
    page.get_by_text("Filter", exact=True).click()
    newcomer.fill("Home", "nowhere")
    newcomer.press("Show")
    expect(page.get_by_text("Nothing like that was done.")).to_be_visible()
    newcomer.looks_well("Audit log")

    # Out, and in again: by the app, then by a recovery code.
    newcomer.press("Sign out")
    newcomer.looks_well("Staff sign-in")
    sign_in(newcomer, email)
    newcomer.looks_well("Enter your code")
    newcomer.fill("6-digit code", "000000")
    newcomer.press("Sign in")
    newcomer.looks_well("Enter your code")
    newcomer.fill("6-digit code", newcomer.code())
    newcomer.press("Sign in")
    newcomer.open("/staff/me/authenticator/")
    newcomer.looks_well("Set up another authenticator")
    newcomer.open("/staff/me/password/")
    newcomer.looks_well("Change password")
    newcomer.press("Sign out")
    sign_in(newcomer, email)
    newcomer.follow("Use a recovery code")
    newcomer.looks_well("Use a recovery code")
    newcomer.fill("Recovery code", codes[0])
    newcomer.press("Sign in")
    newcomer.looks_well("Your sign-in")
    newcomer.open(urlsplit(link).path)
    newcomer.looks_well("This link doesn’t work any more")
    newcomer.open("/staff/password/?next=/staff/people/")
    newcomer.looks_well("Enter your password")

    # Whoever reads disk and log finds nothing that lets them in.
    for name, data in newcomer.portal.kept().items():
        for secret in (link.rstrip("/").rpartition("/")[2], newcomer.key, PASSWORD, *codes):
            assert secret.encode() not in data, f"{name} holds a secret"


def sign_in(newcomer: Newcomer, email: str) -> None:
    newcomer.fill("Email address", email)
    newcomer.fill("Password", PASSWORD)
    newcomer.press("Continue")
