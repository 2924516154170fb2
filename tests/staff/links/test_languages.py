"""The language of letters and messages."""

from common.languages import chosen, languages
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
    home = await building.home("102")
    page = await browser.get(f"/staff/p/{home.property_id}/homes/{home.unit_id}/?language=de")
    assert page.form("Use this language").one("option", selected=True).words == "Deutsch"
