"""Links of a building, handed out by staff in a real browser: on paper, by QR code, by the clipboard."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal import ROOT, PortalProcess
from tests.browser.test_accessibility import FADED, RULES
from tests.servers import SandboxProcess

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@dataclass
class Building:
    """A building of 24 homes whose account is connected, and the cookie of its owner."""

    portal: PortalProcess
    id: str
    units: dict[str, dict]
    cookie: str

    def at(self, path: str = "") -> str:
        return f"{self.portal.url}/staff/p/{self.id}/{path}"

    def home(self, number: str) -> str:
        return self.at(f"homes/{self.units[number]['guid']}/")


@pytest.fixture(scope="module")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    with SandboxProcess() as sandbox:
        plan = {"homes": 24, "without_link": 2, "suspended": 1}
        place = sandbox.management("POST", "building", json=plan)["property_id"]
        account = sandbox.management("GET", "accounts")[0]
        portal = PortalProcess(tmp_path_factory.mktemp("staff"), sandbox.url)
        portal.environment |= {
            "STAFF": "on",
            "PORTAL_URL": "http://127.0.0.1:1",
            "PHONE_REGION": "US",
        }
        with portal:
            seed = json.dumps(account | {"property_id": place})
            code = (ROOT / "tests/browser/staff_seed.py").read_text()
            made = subprocess.run(
                [sys.executable, "manage.py", "shell", "-v0", "-c", code],
                cwd=ROOT,
                env=portal.environment | {"SEED": seed},
                capture_output=True,
                text=True,
                check=True,
            )
            units = {
                unit["number"]: unit
                for unit in sandbox.stored()["units"]
                if unit["propertyId"] == place
            }
            yield Building(portal, place.replace("-", ""), units, made.stdout.split()[-1])


@pytest.fixture
def page(browser: Browser, building: Building) -> Iterator[Page]:
    context = browser.new_context(
        viewport=DESKTOP, permissions=["clipboard-read", "clipboard-write"]
    )
    context.add_cookies([{"name": "staff", "value": building.cookie, "url": building.portal.url}])
    found = context.new_page()
    problems: list[str] = []
    found.on("console", lambda said: problems.append(said.text))
    found.on("pageerror", lambda error: problems.append(str(error)))
    yield found
    # A page that refuses what was typed is no problem of the script's.
    assert [said for said in problems if "status of 422" not in said] == []
    context.close()


def scan(picture: bytes) -> list[str]:
    """What a camera reads in a picture."""
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))]


def opens(browser: Browser, building: Building, link: str) -> str:
    """The heading of the home that a link opens for a resident."""
    context = browser.new_context(viewport=PHONE)
    resident = context.new_page()
    resident.goto(link.replace("http://127.0.0.1:1/", f"{building.portal.url}/"))
    resident.get_by_role("button", name="Open my Wi").click()
    resident.wait_for_url(f"{building.portal.url}/")
    heading = resident.get_by_role("heading", level=1).inner_text()
    context.close()
    return heading


@pytest.mark.parametrize(("paper", "points"), [("A4", b"595"), ("Letter", b"612")])
def test_the_codes_of_printed_letters_open_the_right_homes(browser, building, page, paper, points):
    page.goto(building.at())
    for number in ("102", "103", "201"):
        page.get_by_role("checkbox", name=f"Select {number}", exact=True).check()
    page.get_by_role("button", name="Print letters").click()
    page.get_by_role("radio", name=paper).check()
    page.get_by_role("button", name="Make 3 letters").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome letters")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 3
    # The width of the paper.
    assert points in printed
    page.emulate_media(media="print")
    letters = page.locator("article.letter")
    for n, number in enumerate(("102", "103", "201")):
        [link] = scan(letters.nth(n).screenshot(scale="css"))
        assert unquote(link).endswith("#" + building.units[number]["hashedSecret"])
        assert opens(browser, building, link) == f"Unit {number}"


def test_door_cards_are_eight_a_page(building, page):
    page.goto(building.at("?all=1"))
    page.get_by_role("button", name="Print door cards").click()
    page.get_by_role("button", name="Make 24 cards").click()
    expect(page.locator(".cut > li")).to_have_count(22)
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 3
    page.emulate_media(media="print")
    codes = [scan(card.screenshot())[0] for card in page.locator(".cut > li").all()]
    assert len(set(codes)) == 22


def test_the_link_is_copied_without_being_shown(building, page):
    page.goto(building.home("103"))
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    secret = building.units["103"]["hashedSecret"]
    assert unquote(copied).endswith("#" + secret)
    assert secret not in unquote(page.content())


def test_a_clipboard_that_refuses_leads_to_the_link_itself(building, page):
    page.goto(building.home("103"))
    page.evaluate(
        "() => { navigator.clipboard.write = navigator.clipboard.writeText = () => Promise.reject() }"
    )
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Show the link")).to_have_count(0)
    assert building.units["103"]["hashedSecret"] in unquote(page.locator("code.code").inner_text())


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(building, page, size):
    page.set_viewport_size(size)
    folder = os.environ.get("SCREENSHOTS")

    def fits(name: str) -> None:
        found = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        page.evaluate(FADED)
        assert Axe().run(page, options=found).response["violations"] == [], name
        wide = page.evaluate("document.documentElement.scrollWidth")
        if folder:
            page.screenshot(path=f"{folder}/{name}-{size['width']}.png", full_page=True)
        assert wide <= size["width"], name

    page.goto(building.home("102"))
    fits("home")
    for name in ("Show the link", "QR code", "Email", "Text message"):
        page.get_by_role("button", name=name).first.click()
        fits(name.split()[0].lower())
    page.get_by_role("button", name="Test the link").click()
    expect(page.get_by_text("The link works")).to_be_visible()
    fits("tested")
    page.get_by_role("button", name="Print letter").click()
    fits("letter")
    page.goto(building.home("101"))
    page.get_by_role("textbox", name="Access code or link").or_(page.locator("#pasted")).first.fill(
        "wrong"
    )
    page.get_by_role("button", name="Make the link").click()
    fits("refused")
    page.goto(building.at("from-file/"))
    fits("file")
    secret = building.units["101"]["hashedSecret"]
    page.locator("#file").set_input_files(
        {
            "name": "wing.csv",
            "mimeType": "text/csv",
            "buffer": f"home;link\n101;{secret}\n999;x\n;y\n".encode(),
        }
    )
    page.get_by_role("button", name="Check the file").click()
    fits("file-wrong")
    page.get_by_role("button", name="Leave out 2 rows").click()
    fits("file-ready")
    page.get_by_role("button", name="Show links").click()
    fits("file-links")
    for do in ("Print letters", "Print door cards", "Download CSV", "RUCKUS"):
        page.goto(building.at("?all=1"))
        page.get_by_role("button", name=do).click()
        fits("ask-" + do.split()[-1])
    page.goto(building.at("?all=1"))
    page.get_by_role("button", name="Print door cards").click()
    page.get_by_role("button", name="Make 24 cards").click()
    fits("cards")
    page.goto(building.at("email/"))
    fits("emails")
