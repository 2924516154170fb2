"""A home gets a new link, and is cleared for whoever moves in, by staff in a real browser."""

import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_accessibility import FADED, RULES
from tests.browser.test_staff_links import DESKTOP, PHONE, building, opens, page, scan

__all__ = ["building", "page"]


def violations(page) -> list[str]:
    page.evaluate(FADED)
    rules = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=rules).response["violations"]
    if folder := os.environ.get("SCREENSHOTS"):
        width = page.viewport_size["width"]
        name = re.sub(r"\W+", "-", page.title())
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], page.url
    return [f"{page.url}: {each['id']}" for each in found]


def link_of(page) -> str:
    """The home's link as a phone reads it off the screen."""
    page.get_by_role("button", name="QR code").click()
    [link] = scan(page.locator(".scan [role=img]").screenshot(scale="css"))
    return link


def opens_nothing(browser, building, link: str) -> None:
    context = browser.new_context(viewport=PHONE)
    resident = context.new_page()
    resident.goto(link.replace("http://127.0.0.1:1/", f"{building.portal.url}/"))
    resident.get_by_role("button", name="Open my Wi").click()
    expect(resident.get_by_text("That link or code didn’t work").first).to_be_visible()
    context.close()


def test_a_link_is_replaced(browser, building, page):
    page.goto(building.home("104"))
    old = link_of(page)
    page.get_by_role("link", name="Replace the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Replace the link of Unit 104?")
    assert violations(page) == []
    page.get_by_role("button", name="Replace the link").click()
    expect(page.get_by_text("The link is replaced.")).to_be_visible(timeout=30_000)
    assert violations(page) == []
    page.get_by_role("link", name="Go to Unit 104").click()
    assert opens(browser, building, link_of(page)) == "Unit 104"
    opens_nothing(browser, building, old)


@pytest.mark.parametrize(("size", "number"), [(DESKTOP, "105"), (PHONE, "106")])
def test_a_home_is_moved_out_of(browser, building, page, size, number):
    page.set_viewport_size(size)
    page.goto(building.home(number))
    old = link_of(page)
    assert opens(browser, building, old) == f"Unit {number}"
    page.get_by_role("link", name="Move-out").click()
    assert violations(page) == []
    page.get_by_role("button", name=f"Move out Unit {number}").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("Type the home’s number to confirm").fill(number)
    page.get_by_role("button", name=f"Move out Unit {number}").click()
    # The page goes on by itself, and may be left meanwhile.
    expect(page.get_by_role("heading", name=re.compile("[1-7] of 9 steps"))).to_be_visible()
    steps = page.url
    page.goto(building.home(number))
    page.get_by_role("link", name="Move-out").click()
    expect(page).to_have_url(steps)
    expect(page.get_by_text("The home is cleared.")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Go on")).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Print letter").click()
    page.get_by_role("button", name=re.compile("^Make|^Print")).first.click()
    page.goto(steps)
    expect(page.get_by_role("heading", name="9 of 9 steps are proved")).to_be_visible()
    assert violations(page) == []
    page.goto(building.home(number))
    assert opens(browser, building, link_of(page)) == f"Unit {number}"
    opens_nothing(browser, building, old)
