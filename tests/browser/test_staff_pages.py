"""Every page and state of staff's: axe and the Nu HTML checker find nothing, and no screen is too narrow."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser

from tests.browser.staff_walk import Colleague, colleague, staff_pages
from tests.browser.test_accessibility import RULES, WIDTH, violations
from tests.browser.test_markup import problems, sent


@pytest.fixture
def dana(browser: Browser, tmp_path: Path) -> Iterator[Colleague]:
    with colleague(browser, tmp_path) as found:
        yield found


def test_axe_and_the_nu_checker_find_nothing_on_any_page_of_staff_s(
    dana: Colleague, tmp_path: Path
) -> None:
    (folder := tmp_path / "pages").mkdir()
    page, found, met = dana.page, [], 0
    pages: list[tuple[str, str]] = []
    desktop = page.viewport_size
    for place in staff_pages(dana):
        name = re.sub(r"\W+", " ", place).lower().strip()
        page.wait_for_load_state("load")
        pages += [(name, each) for each in sent(dana.traffic[met:])]
        pages.append((f"{name} at work", page.content()))
        met = len(dana.traffic)
        for scheme, rules in (
            ("light", {"type": "tag", "values": RULES}),
            ("dark", {"type": "rule", "values": ["color-contrast"]}),
        ):
            page.emulate_media(color_scheme=scheme)
            found += violations(SimpleNamespace(page=page), f"{name}, {scheme}", rules)
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            if (wide := page.evaluate(WIDTH, "100%")) > width:
                found.append(f"{name}: {wide} pixels on a screen of {width}")
        page.set_viewport_size(desktop)
    found += problems(pages, folder)
    assert not found, "\n".join(found)
