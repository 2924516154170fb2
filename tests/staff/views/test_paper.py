"""Welcome letters and door cards: the right code on each, in batches, and nothing kept."""

from urllib.parse import unquote, urlsplit

import pytest

from common.property import logo
from sandbox import seeds
from staff.links.reading import link_of
from staff.models import AuditEntry, Home
from tests.residents import html
from tests.staff.codes import read_all
from tests.staff.views.selecting import ask
from tests.staff.views.test_home import told


def codes(page) -> list[str]:
    return [unquote(urlsplit(text).fragment) for text in read_all(page.text)]


async def test_letters_come_one_a_home_in_natural_order(staff, building):
    browser = await staff()
    asked = await ask(browser, building, "letters", "1003", "103", "102")
    assert asked.heading == "Welcome letters"
    assert "3 homes are selected" in asked.words
    page = await browser.press(asked, "Make 3 letters", paper="letter")
    assert codes(page) == [building.unit(n).access_code for n in ("102", "103", "1003")]
    assert "paper-letter.css" in page.text
    letters = page.root.all("article")
    assert [letter.one("p", class_="fine unit").words for letter in letters] == [
        "Unit 102",
        "Unit 103",
        "Unit 1003",
    ]
    words = letters[0].words
    assert "Scan this code" in words
    assert "Keep this letter like a key" in words
    assert building.unit("102").access_code in words
    assert f"testserver:8000/p/{building.property.id}/" in words
    # From the property's profile, which a resident's sign-in opens.
    assert "office@thistle.example.com" in words
    assert "Thistle Gardens Wi-Fi" in words
    printed = AuditEntry.objects.filter(what="letter printed")
    assert await printed.acount() == 3
    assert await Home.objects.filter(handed_out_how="letter").acount() == 3


async def test_homes_without_a_link_are_named_and_not_marked(staff, building):
    browser = await staff()
    asked = await ask(browser, building, "letters", "101", "102")
    page = await browser.press(asked, "Make 2 letters")
    assert codes(page) == [building.unit("102").access_code]
    assert "There’s no link for 1 home, so it’s not here: 101" in page.words
    assert not await AuditEntry.objects.filter(home_name="101").aexists()
    again = await ask(browser, building, "letters", "101", "102")
    assert "1 had no link when we last looked. We’ll look again." in again.words


async def test_all_homes_come_in_batches_that_stay_what_they_were(staff, building):
    browser = await staff()
    asked = await ask(browser, building, "letters", filter="not-handed-out")
    assert "300 homes are selected. You get 50 at a time" in asked.words
    first = await browser.press(asked, "Make 50 letters")
    assert "Part 1 of 6" in first.words
    second = await browser.press(first, "Next: part 2 of 6")
    order = [home.name async for home in building.property.homes.all()]
    both = [building.unit(n) for n in order[:100]]
    expected = [unit.access_code for unit in both if unit.guid not in building.without_link]
    assert codes(first) + codes(second) == expected
    # One sign-in of each fifty, and one for the property's looks.
    assert len(building.sandbox.calls("residentLogin")) <= 4


async def test_cards_are_eight_a_sheet(staff, building):
    browser = await staff()
    asked = await ask(browser, building, "cards")
    assert asked.heading == "Door cards"
    page = await browser.press(asked, "Make 48 cards")
    assert "Part 1 of 7" in page.words
    assert len(page.root.one("ul", class_="cut sheet").all("li")) == len(codes(page)) == 46
    assert await AuditEntry.objects.filter(what="card printed").acount() == 46


async def test_one_letter_leads_back_to_its_home(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(f"/staff/p/{building.property.id}/homes/{home.unit_id}/")
    letter = await browser.press(page, "Print letter")
    assert codes(letter) == [building.unit("103").access_code]
    assert letter.link("Unit 103").endswith(f"/homes/{home.unit_id}/")
    await home.arefresh_from_db()
    assert home.link_proved


async def test_a_home_that_is_gone_is_left_out(staff, building):
    browser = await staff()
    asked = await ask(browser, building, "letters", "102", "103")
    del building.sandbox.state.units[building.unit("102").guid]
    page = await browser.press(asked, "Make 2 letters")
    assert codes(page) == [building.unit("103").access_code]


async def test_nothing_is_printed_when_it_cannot_be_noted(staff, building, monkeypatch):
    browser = await staff()
    asked = await ask(browser, building, "letters", "102")

    async def down(*args, **kwargs):
        raise RuntimeError("no database")

    monkeypatch.setattr("staff.audit.note_all", down)
    browser.client.raise_request_exception = False
    page = await browser.press(asked, "Make 1 letter")
    assert page.status == 500
    assert building.unit("102").access_code not in page.text


async def test_an_outage_prints_nothing(staff, building):
    browser = await staff()
    asked = await ask(browser, building, "letters", "102")
    building.sandbox.fault(operation="fetchUnit", status=503)
    page = await browser.press(asked, "Make 1 letter")
    assert page.status == 503
    assert not await AuditEntry.objects.filter(what="letter printed").aexists()


@pytest.mark.parametrize("batch", ["0", "2", "x", "9999999"])
async def test_there_is_no_other_batch(staff, building, batch):
    browser = await staff()
    asked = await ask(browser, building, "letters", "102")
    form = asked.form("Make 1 letter")
    data = html.values(form) | {"batch": batch}
    assert (await browser.send("POST", form.attrs["action"], data)).status == 400


async def test_nothing_selected_leads_back(staff, building):
    browser = await staff()
    page = await ask(browser, building, "letters", all="")
    assert page.location == f"/staff/p/{building.property.id}/"
    odd = await ask(browser, building, "x")
    assert odd.status == 400


async def test_the_logo_is_shown_to_staff(staff, building):
    browser = await staff()
    page = await browser.press(await ask(browser, building, "letters", "102"), "Make 1 letter")
    assert not page.root.all("article")[0].all("img")
    nothing = await browser.get(f"/staff/p/{building.property.id}/logo/abc/")
    assert nothing.status == 404


async def test_a_property_with_a_logo_has_it_on_its_letters(staff, building):
    browser = await staff()
    other = next(home for home in seeds.homes() if home.shows == "full branding")
    mine = building.sandbox.state.properties[building.unit("102").property_id]
    mine.profile = building.sandbox.state.properties[other.property_id].profile
    page = await browser.press(await ask(browser, building, "letters", "102"), "Make 1 letter")
    address = page.root.all("article")[0].one("img").attrs["src"]
    image = await browser.get(address)
    assert (image.status, image.headers["Content-Type"]) == (200, "image/png")
    tested = AuditEntry.objects.filter(what="link tested", detail="For the property’s logo")
    assert not await tested.aexists()
    # Another process has to fetch it first, which is a sign-in.
    logo.logos.clear()
    assert (await browser.get(address)).status == 200
    home = await building.property.homes.aget(unit_id=(await tested.aget()).unit_id)
    assert "staff-tested-link" in await told(home, building.unit(home.name).access_code)
    logo.logos.clear()
    building.sandbox.fault(operation="residentLogin", status=503)
    assert (await browser.get(address)).status == 404
    building.sandbox.mended()
    building.sandbox.fault(operation="fetchUnit", status=503)
    assert (await browser.get(address)).status == 404
    # The link that was there when it was last looked for is not any more.
    building.sandbox.mended()
    building.sandbox.state.management.links |= dict.fromkeys(unit.guid for unit in building.units)
    assert (await browser.get(address)).status == 404
    await Home.objects.aupdate(link="missing")
    assert (await browser.get(address)).status == 404


async def test_letters_are_plain_where_no_sign_in_opens_the_propertys_looks(staff, building):
    browser = await staff()
    asked = await ask(browser, building, "letters", "102")
    await Home.objects.filter(name="103").aupdate(link="ready")
    await link_of(building.property, await building.home("103"))
    building.sandbox.fault(operation="residentLogin", status=503)
    page = await browser.press(
        await ask(browser, building, "letters", "103", "2512"), "Make 2 letters"
    )
    assert page.status == 503
    building.sandbox.mended()
    building.unit("102").status = "DISABLED"
    await Home.objects.aupdate(status="suspended")
    page = await browser.press(asked, "Make 1 letter")
    assert "Thistle Gardens Wi-Fi" not in page.root.all("article")[0].words
    assert "Thistle Gardens" in page.root.all("article")[0].words
