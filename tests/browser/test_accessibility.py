"""Every page by axe and on the narrowest screen; the first stop of the keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, only, with_script
from tests.browser.resident import FULL, Resident
from tests.browser.walks import WALKS, Walk
from tests.servers import SandboxProcess

FADED = "Promise.allSettled(document.getAnimations().map((one) => one.finished))"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

each_walk = pytest.mark.parametrize("walk", WALKS)


def violations(resident: Resident, place: str, rules: dict[str, object]) -> list[str]:
    # A button that was pressed is pale until it has been answered, and fades back.
    expect(resident.page.locator(".htmx-request")).to_have_count(0)
    resident.page.evaluate(FADED)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    results = Axe().run(resident.page, options=options)
    return [
        f"{place}: {found['id']}: {found['help']}: {[node['target'] for node in found['nodes']]}"
        for found in results.response["violations"]
    ]


@each_walk
@with_script
def test_axe_finds_nothing_on_any_page(
    resident: Resident, sandbox: SandboxProcess, walk: Walk
) -> None:
    found = []
    for place in walk(resident, sandbox):
        resident.page.emulate_media(color_scheme="light")
        found += violations(resident, place, {"type": "tag", "values": RULES})
        resident.page.emulate_media(color_scheme="dark")
        dark = {"type": "rule", "values": ["color-contrast"]}
        found += violations(resident, f"{place}, dark", dark)
    assert not found, "\n".join(found)


SMALL = """() => Array.from(document.querySelectorAll("a, button, summary, input:not([type=hidden])"))
    .filter((part) => part.offsetParent && !part.closest(".visually-hidden, p:not(.actions), dd, .skip"))
    .map((part) => [part.closest("label") || part, part.textContent.trim() || part.name])
    .map(([part, words]) => [words, part.getBoundingClientRect()])
    .filter(([words, box]) => box.height < 43.9 || box.width < 43.9)
    .map(([words, box]) => `${words}: ${box.width} x ${box.height}`)"""
WIDTH = """(size) => {
    document.documentElement.style.fontSize = size;
    return document.documentElement.scrollWidth;
}"""


@each_walk
@only("narrow")
def test_the_narrowest_screen_shows_all_and_leaves_room_for_a_thumb(
    resident: Resident, sandbox: SandboxProcess, walk: Walk
) -> None:
    for place in walk(resident, sandbox):
        assert (place, resident.page.evaluate(SMALL)) == (place, [])
        # Also for who has text at twice its size.
        for size in ("200%", "100%"):
            assert (place, size, resident.page.evaluate(WIDTH, size)) == (place, size, 320)


@on_a_phone
def test_the_first_stop_leads_past_the_header(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.page.keyboard.press("Tab")
    expect(resident.focused()).to_have_text("Skip to content")
    expect(resident.focused()).to_be_in_viewport()
    resident.page.keyboard.press("Enter")
    expect(resident.page.locator("main")).to_be_focused()
