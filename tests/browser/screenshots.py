"""`make screenshots`: pictures of every page and state, to be looked at one by one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.portal import PortalProcess
from tests.browser.resident import MODES, Resident
from tests.browser.staff_walk import colleague, staff_pages
from tests.browser.walks import WALKS, Walk
from tests.servers import SandboxProcess

FOLDER = Path(__file__).resolve().parent.parent.parent / "build" / "screenshots"
RIGHT_TO_LEFT = "document.documentElement.dir = 'rtl'"
LOOKS = {
    "phone": ("phone", "light", False),
    "phone-dark": ("phone", "dark", False),
    "phone-rtl": ("phone", "light", True),
    "desktop": ("desktop", "light", False),
    "desktop-dark": ("desktop", "dark", False),
    "desktop-rtl": ("desktop", "light", True),
}


@pytest.fixture(params=LOOKS)
def look(
    request: pytest.FixtureRequest, browser: Browser, portal: PortalProcess
) -> Iterator[tuple[str, Resident]]:
    mode, scheme, _ = LOOKS[request.param]
    context = browser.new_context(**MODES[mode].options, color_scheme=scheme)
    yield request.param, Resident(context, context.new_page(), portal.url, MODES[mode], [])
    context.close()


@pytest.mark.parametrize("walk", WALKS)
def test_each_page_is_pictured(
    look: tuple[str, Resident], sandbox: SandboxProcess, walk: Walk
) -> None:
    name, resident = look
    for number, place in enumerate(walk(resident, sandbox)):
        if LOOKS[name][2]:
            resident.page.evaluate(RIGHT_TO_LEFT)
        resident.page.wait_for_load_state("networkidle")
        picture(resident.page, FOLDER / name, f"{walk.__name__}-{number:02}", place)


def picture(page: Page, folder: Path, number: str, place: str) -> None:
    words = re.sub(r"\W+", "-", place).strip("-")
    path = folder / f"{number}-{words}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    assert path.stat().st_size > 0


def test_each_page_of_staff_s_is_pictured(browser: Browser, tmp_path: Path) -> None:
    # One walk: what was done once, such as connecting an account, can't be done for each look.
    with colleague(browser, tmp_path) as dana:
        for number, place in enumerate(staff_pages(dana)):
            for name, (mode, scheme, is_rtl) in LOOKS.items():
                if is_rtl:
                    continue
                size = MODES[mode]
                dana.page.set_viewport_size({"width": size.width, "height": size.height})
                dana.page.emulate_media(color_scheme=scheme)
                picture(dana.page, FOLDER / name, f"staff-{number:02}", place)
