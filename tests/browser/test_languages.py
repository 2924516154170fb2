"""The portal in each of its languages: whole, legible, narrow, and changed in the midst of a form."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from ruckus.resident import EDIT_UNIT
from tests import pseudo
from tests.browser.modes import once, only, two_of_four
from tests.browser.portal import PortalProcess
from tests.browser.resident import DEVON, FULL, GUEST, MODES, RILEY, UNIT, Resident
from tests.browser.test_accessibility import RULES, SMALL, WIDTH, violations
from tests.browser.test_markup import problems
from tests.servers import SandboxProcess

CODES = [code for code, _ in settings.LANGUAGES if code != "en"]
OWN_NAMES = dict(settings.LANGUAGES)
PAGES = (
    "/",
    f"/wifi/unit/{UNIT}/",
    f"/wifi/unit/{UNIT}/reset/",
    f"/wifi/guest/{GUEST}/choose/",
    f"/wifi/guest/{GUEST}/qr/",
    f"/wifi/unit/{UNIT}/letters/",
    f"/wifi/unit/{UNIT}/connect/",
    f"/wifi/guest/{GUEST}/cards/",
    f"/wifi/linked/{RILEY}/",
    f"/people/{RILEY}/contact/",
    "/devices/",
    f"/wifi/linked/{DEVON}/devices/",
    f"/wifi/unit/{UNIT}/back/",
    "/help/",
    "/help/link/",
    "/help/link/replace/",
    "/diary/",
    "/privacy/",
    "/privacy/delete/",
    "/accessibility/",
    "/sign-out-everywhere/",
    "/nothing/",
)


def each_page(resident: Resident, code: str) -> Iterator[str]:
    """Every page that an address leads to, and a form with errors, without a word of English."""
    page = resident.page
    resident.expected |= {404, 422}
    resident.go(f"/p/{FULL.property_id}/?lang={code}")
    yield "welcome"
    resident.sign_in(FULL)
    for path in PAGES:
        resident.go(path)
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        yield path
    resident.go("/contact/")
    page.locator("[name=name]").fill("")
    page.locator("[name=email]").fill("nobody")
    page.locator("#fields button.button").click()
    expect(resident.summary()).to_be_visible()
    yield "errors"


# The longest words, the widest letters, and from right to left.
@pytest.mark.parametrize("code", ["de", "ru", "ar"])
@only("narrow")
def test_every_page_is_whole_on_the_narrowest_screen(resident: Resident, code: str) -> None:
    assert not narrow_faults(resident, code)


def test_sentences_that_are_longer_by_half_fit_the_narrowest_screen(
    browser: Browser, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    pseudo.write(tmp_path / "locale")
    portal = PortalProcess(tmp_path, sandbox.url)
    portal.environment["PSEUDO_LOCALE"] = str(tmp_path / "locale")
    mode = MODES["narrow"]
    context = browser.new_context(**mode.options)
    with portal:
        resident = Resident(context, context.new_page(), portal.url, mode, [])
        assert not narrow_faults(resident, pseudo.CODE)
    context.close()


def narrow_faults(resident: Resident, code: str) -> str:
    """Return what is too small or too wide on pages in a language, a line each."""
    found = []
    for place in each_page(resident, code):
        shown = resident.page.locator("html")
        expect(shown).to_have_attribute("lang", code)
        expect(shown).to_have_attribute("dir", "rtl" if code == "ar" else "ltr")
        found += [f"{place}: {part}" for part in resident.page.evaluate(SMALL)]
        for size in ("200%", "100%"):
            if (width := resident.page.evaluate(WIDTH, size)) != 320:
                found.append(f"{place} at {size}: {width} wide")
    return "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES)
@once
def test_axe_finds_nothing_in_any_language(resident: Resident, code: str) -> None:
    found = []
    for place in each_page(resident, code):
        found += violations(resident, place, {"type": "tag", "values": RULES})
    assert not found, "\n".join(found)


@once
def test_the_nu_checker_finds_nothing_in_any_language(resident: Resident, tmp_path: Path) -> None:
    pages = []
    # What is sent is enough: the script changes the same in every language.
    ask = resident.context.request
    for code in CODES:
        resident.sign_in(FULL)
        welcome = ask.get(f"{resident.url}/p/{FULL.property_id}/?lang={code}")
        pages.append((f"{code} welcome", welcome.text()))
        for path in PAGES:
            page = ask.get(resident.url + path).text()
            assert f'<html lang="{code}"' in page
            pages.append((f"{code} {path}", page))
    assert problems(pages, tmp_path) == []


def choose(resident: Resident, code: str) -> None:
    """Choose a language at the foot of the page."""
    foot = resident.page.locator("footer .languages")
    foot.locator("summary").click()
    name = OWN_NAMES[code]
    foot.get_by_role("button", name=name).or_(foot.get_by_role("link", name=name)).click()
    expect(resident.page.locator("html")).to_have_attribute("lang", code)


def test_another_language_in_the_midst_of_a_form_loses_nothing(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.press("Edit contact details")
    resident.is_at("/contact/")
    choose(resident, "es")
    expect(resident.page.get_by_role("heading", level=1)).to_have_text("Editar datos de contacto")
    email, name = resident.page.locator("[name=email]"), resident.page.locator("[name=name]")
    name.fill("Cara Sample")
    email.fill("half@")
    choose(resident, "ar")
    expect(resident.page.locator("html")).to_have_attribute("dir", "rtl")
    expect(name).to_have_value("Cara Sample")
    expect(email).to_have_value("half@")
    # Nothing was sent yet, so nothing is wrong yet.
    expect(resident.summary()).to_have_count(0)
    assert sandbox.calls(EDIT_UNIT.id) == []
    email.fill("half@example.com")
    resident.page.locator("#fields button.button").click()
    resident.is_at("/")
    expect(resident.page.locator(".messages")).to_have_text(re.compile(r"[\u0600-\u06ff]"))
    expect(resident.page.get_by_text("Cara Sample")).to_be_visible()


@two_of_four
def test_a_page_that_came_by_a_link_changes_its_language_where_it_is(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.press("Help")
    resident.is_at("/help/")
    choose(resident, "ko")
    assert resident.page.url.partition("?")[0].endswith("/help/")
    resident.go("/")
    choose(resident, "en")
    resident.reads("Contact details")


def is_at_the_list(resident: Resident) -> None:
    """The list of languages is on the screen, and Tab leads to it."""
    summary = resident.page.locator("footer .languages summary")
    expect(summary).to_be_in_viewport()
    resident.page.keyboard.press("Tab")
    expect(summary).to_be_focused()


def test_another_language_leaves_the_reader_where_they_were(resident: Resident) -> None:
    resident.sign_in(FULL)
    for path, code in (("/help/", "de"), ("/contact/", "ar")):
        resident.go(path)
        resident.page.set_viewport_size({"width": 360, "height": 400})
        expect(resident.page.locator("footer .languages summary")).not_to_be_in_viewport()
        choose(resident, code)
        is_at_the_list(resident)
        # What is chosen from there once more is no other place.
        choose(resident, "pl")
        is_at_the_list(resident)


def test_the_place_of_the_list_is_taken_for_no_access_code(resident: Resident) -> None:
    resident.go(f"/p/{FULL.property_id}/")
    code = resident.page.locator("[data-code] [name=secret], [name=secret]").last
    code.fill("half of a code")
    choose(resident, "fr")
    expect(code).to_be_visible()
    expect(code).to_have_value("half of a code")


@two_of_four
def test_a_japanese_guest_gets_a_card_from_a_polish_page(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.go("/?lang=pl")
    resident.go(f"/wifi/guest/{GUEST}/cards/")
    resident.page.get_by_label("Język karty").select_option("ja")
    resident.page.get_by_role("button", name="Zaktualizuj").click()
    card = resident.page.locator("[lang=ja].sheet, .sheet [lang=ja]").first
    expect(card).to_contain_text("パスワード")
    expect(resident.page.locator("html")).to_have_attribute("lang", "pl")
