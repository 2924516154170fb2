"""The sprite holds the icons that the pages use, all of them and no others."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template, TemplateSyntaxError

from residents.home import device_kinds, diary_words, guides
from scripts.icons import ICONS, PACKAGE, SIZES, app_icon, sprite
from staff.views import audit

ROOT = Path(__file__).resolve().parent.parent.parent
SPRITE = (ROOT / "static/icons.svg").read_text()


def used() -> set[str]:
    pages = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    named = set(re.findall(r"{% icon ([\w-]+)", pages))
    script = (ROOT / "static/portal.js").read_text()
    scripts = set(re.findall(r'replace\(/#\.\*/, "#([\w-]+)"\)', script))
    devices = {icon for icon, _ in device_kinds.KINDS} | {device_kinds.UNKNOWN}
    entries = {icon for icon, _ in diary_words.PLAIN.values()} | set(diary_words.DEVICES.values())
    acts = set(audit.ICONS.values())
    guided = {guide("x").icon for guide in guides.KINDS}
    return named | scripts | devices | entries | acts | guided


def test_the_sprite_is_what_the_list_says():
    assert tuple(re.findall(r'<symbol id="([\w-]+)"', SPRITE)) == ICONS == tuple(sorted(ICONS))
    assert PACKAGE in SPRITE
    assert "ISC License" in (ROOT / "static/icons.LICENSE.txt").read_text()


def test_the_list_holds_what_the_pages_use_and_nothing_else():
    assert set(ICONS) == used()


def test_a_drawing_becomes_a_symbol_without_its_own_looks():
    drawing = '<!-- @license -->\n<svg class="x" stroke="y">\n  <path d="M1 1" />\n</svg>\n'
    assert '<symbol id="dot" viewBox="0 0 24 24"><path d="M1 1"/></symbol>' in sprite(
        {"dot": drawing}
    )


def test_an_icon_is_part_of_the_text_of_its_page():
    page = Template("{% load icons %}{% icon wifi flip %}")
    assert len(page.nodelist) == 2
    drawn = page.render(Context())
    assert drawn.startswith('<svg class="icon flip" aria-hidden="true"><use href="/static/icons')
    with pytest.raises(TemplateSyntaxError, match="flop"):
        Template("{% load icons %}{% icon wifi flop %}")


def test_the_app_icons_are_drawn_by_the_script():
    for size in SIZES:
        drawn = app_icon(size).quantize(32)
        stored = Path(ROOT / f"static/app-{size}.png").stat().st_size
        assert drawn.size == (size, size)
        assert 500 < stored < 10_000
