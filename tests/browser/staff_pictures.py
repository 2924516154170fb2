"""`make pictures`: the pictures of docs/staff.md, of made-up homes and residents alone."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser.portal import ROOT
from tests.browser.staff_walk import colleague, staff_pages

FOLDER = ROOT / "docs" / "staff"
PHONE, DESKTOP, TALL = (390, 844), (960, 720), (960, 1180)
WIDE = (1280, 900)
# Where on the walk each is taken, and how large the screen is.
PICTURES = {
    "connect": ("connect", WIDE),
    "home": ("home", PHONE),
    "letters": ("letters", TALL),
    "email": ("email", DESKTOP),
    "file with problems": ("file", DESKTOP),
    "moved out": ("move-out", PHONE),
    "homes, in use": ("homes", TALL),
    "audit log": ("audit", DESKTOP),
}
# Pages have few colors: with a palette nobody sees a difference but that of the size.
COLORS = 256


def test_each_picture_is_taken(browser: Browser, tmp_path: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    taken = set()
    with colleague(browser, tmp_path) as dana:
        for place in staff_pages(dana):
            if place not in PICTURES:
                continue
            name, (width, height) = PICTURES[place]
            before = dana.page.viewport_size
            dana.page.set_viewport_size({"width": width, "height": height})
            dana.page.evaluate("scrollTo(0, 0)")
            dana.page.wait_for_load_state("networkidle")
            shot = Image.open(io.BytesIO(dana.page.screenshot(animations="disabled")))
            small = shot.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
            small.save(FOLDER / f"{name}.png", optimize=True)
            dana.page.set_viewport_size(before)
            taken.add(name)
    assert taken == {name for name, _ in PICTURES.values()}
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 400_000
