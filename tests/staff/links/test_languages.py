"""The language of letters and messages."""

from urllib.parse import unquote

from common.languages import chosen, languages
from tests.staff.codes import read_svg
from tests.staff.views.selecting import ask

SEVERAL = [("en", "English"), ("de", "Deutsch")]


async def test_one_language_is_no_choice(staff, building, settings):
    settings.LANGUAGES = SEVERAL[:1]
    assert languages() == []
    assert chosen("de", building.property.language) == "en"
    page = await ask(await staff(), building, "letters", "102")
    assert not page.root.all("select")


async def test_staff_choose_among_several(staff, building, settings):
    settings.LANGUAGES = SEVERAL
    building.property.language = "de"
    await building.property.asave()
    assert languages() == SEVERAL
    assert [chosen(wanted, building.property.language) for wanted in (None, "xx", "en")] == [
        "de",
        "de",
        "en",
    ]
    browser = await staff()
    page = await ask(browser, building, "letters", "102")
    assert [option.words for option in page.root.all("option")] == ["English", "Deutsch"]
    letters = await browser.press(page, "Make 1 letter", language="de")
    assert letters.root.all("article")[0].attrs["lang"] == "de"
    # The property's own language is what its residents get anyhow.
    assert "?lang=" not in read_svg(letters.text)
    letters = await browser.press(page, "Make 1 letter", language="en")
    assert "/?lang=en#" in read_svg(letters.text)
    home = await building.home("102")
    page = await browser.get(f"/staff/p/{home.property_id}/homes/{home.unit_id}/?language=de")
    assert page.form("Use this language").one("option", selected=True).words == "Deutsch"


async def test_a_message_s_link_opens_the_portal_in_its_language(staff, building, settings):
    settings.LANGUAGES = SEVERAL
    home = await building.home("102")
    path = f"/staff/p/{home.property_id}/homes/{home.unit_id}/"
    browser = await staff()
    for pressed in ("Copy the link", "Email", "Text message"):
        page = await browser.get(f"{path}?language=de")
        button = next(b for b in page.root.all("button") if b.words.startswith(pressed))
        shown = await browser.press(page, button.words)
        assert "/?lang=de#" in unquote(unquote(shown.text))
