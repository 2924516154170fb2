"""What a screen reader is told of each page: names and order, compared with what is written down.

After a change that is meant, `WRITE_TREES=1` writes them anew; read the difference before keeping it.
"""

import os
import re
from pathlib import Path

import pytest

from tests.browser.modes import once_without_script
from tests.browser.resident import FULL, GUEST, RILEY, UNIT, Resident, code_page, link

TREES = Path(__file__).resolve().parent / "trees"
PAGES = {
    "welcome": link(FULL),
    "access-code": code_page(FULL),
    "home": "/",
    "qr": f"/wifi/guest/{GUEST}/qr/",
    "letters": f"/wifi/unit/{UNIT}/letters/",
    "connect": f"/wifi/unit/{UNIT}/connect/",
    "cards": f"/wifi/guest/{GUEST}/cards/?count=1",
    "devices": "/devices/",
    "name": f"/wifi/unit/{UNIT}/devices/F0:18:98:3A:5C:01/name/",
    "person": f"/wifi/linked/{RILEY}/",
    "reset": f"/wifi/linked/{RILEY}/reset/",
    "checklist": f"/wifi/guest/{GUEST}/back/",
    "choose": f"/wifi/guest/{GUEST}/choose/",
    "contact": "/contact/",
    "help": "/help/",
    "other-link": "/help/link/",
    "replace-link": "/help/link/replace/",
    "privacy": "/privacy/",
    "diary": "/diary/",
    "delete": "/privacy/delete/",
    "accessibility": "/accessibility/",
}
# What differs each time: when something was, or how long ago, a phrase that was made up, ids in addresses.
VARIES = (
    (
        re.compile(r"\d+.(minutes?|hours?|days?|weeks?|months?|years?)(, \d+.\w+)? ago"),
        "a while ago",
    ),
    (re.compile(r"\d+(:\d\d)?.[ap]\.m\.|noon|midnight"), "9:14 a.m."),
    (re.compile(r"[a-z]+(-[a-z]+){4}"), "five-easy-words-to-type"),
    (re.compile(r"[0-9a-f]{40,}|[0-9a-f]{8}-[0-9a-f-]{27}"), "ID"),
    (re.compile(r"^ *- /url: .*\n", re.MULTILINE), ""),
)


@pytest.mark.parametrize("name", PAGES)
@once_without_script
def test_the_tree_of_a_page_is_as_written_down(resident: Resident, name: str) -> None:
    if name not in ("welcome", "access-code"):
        resident.sign_in(FULL)
    resident.go(PAGES[name])
    tree = resident.page.locator("body").aria_snapshot() + "\n"
    for pattern, words in VARIES:
        tree = pattern.sub(words, tree)
    kept = TREES / f"{name}.yaml"
    if os.environ.get("WRITE_TREES"):
        TREES.mkdir(exist_ok=True)
        kept.write_text(tree)
    assert tree == kept.read_text()
