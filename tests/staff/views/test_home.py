"""One home, as staff see it: its link, the ways to hand it out, its history."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.conf import settings

from common import diary
from common.homes import link_mark
from common.models import OpenedHome, Session
from ruckus.links import property_id as dashed
from staff.models import AuditEntry, Home
from tests.staff.codes import read_svg


async def entries(home: Home) -> list[str]:
    found = AuditEntry.objects.filter(unit_id=home.unit_id).order_by("pk")
    return [what async for what in found.values_list("what", flat=True)]


async def told(home: Home, code: str) -> list[str]:
    entries, _ = await diary.read(link_mark(home.mark, code))
    return [entry.event.value for entry in entries]


def at(home: Home, more: str = "") -> str:
    return f"/staff/p/{home.property_id}/homes/{home.unit_id}/{more}"


async def test_a_home_is_shown_with_its_link_masked(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(at(home))
    assert page.heading == "Unit 103"
    assert "Resident 103 Sample · Active" in page.words
    assert "home103@example.com" in page.section("Resident").words
    assert "not stored here" in page.section("Resident").words
    assert page.link("Replace the link") == at(home, "replace/")
    assert page.link("Move-out") == at(home, "move-out/")
    assert building.unit("103").access_code not in unquote(page.text)
    assert await entries(home) == []


async def test_a_home_is_shown_when_its_resident_cannot_be_read(staff, building):
    browser = await staff()
    home = await building.home("103")
    building.sandbox.fault(operation="fetchUnit", status=503)
    page = await browser.get(at(home))
    assert page.status == 200
    assert "didn’t tell us who lives here" in page.section("Resident").words


@pytest.mark.parametrize("number", ["103", "102"])
async def test_the_link_is_shown_proved_and_written_down(staff, building, number):
    browser = await staff()
    home, unit = await building.home(number), building.unit(number)
    page = await browser.press(await browser.get(at(home)), "Show the link")
    shown = page.root.one("code", class_="code").words
    link = urlsplit(shown)
    assert unquote(link.fragment) == unit.access_code
    assert link.path == f"/p/{dashed(building.property.venue_id)}/"
    assert await entries(home) == ["link shown"]
    assert await told(home, unit.access_code) == ["staff-opened-link"]
    await home.arefresh_from_db()
    assert (home.link, home.link_proved) == ("ready", True)
    assert (home.handed_out_how, home.handed_out is not None) == ("shown", True)
    assert (await Home.objects.select_related("handed_out_by").aget(pk=home.pk)).handed_out_by
    # A sign-in of staff is none of a resident.
    assert not await OpenedHome.objects.filter(home=home.mark).aexists()
    assert not await Session.objects.filter(home=home.mark).aexists()


async def test_a_script_gets_the_link_as_text(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(at(home))
    data = {
        "do": "copy",
        "csrfmiddlewaretoken": page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"],
    }
    text = await browser.send("POST", at(home, "link/"), data, Accept="text/plain")
    assert unquote(text.text).endswith("#" + building.unit("103").access_code)
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert await entries(home) == ["link copied"]
    missing = await Home.objects.aget(unit_id=building.without_link[0])
    none = await browser.send("POST", at(missing, "link/"), data, Accept="text/plain")
    assert (none.status, none.text) == (409, "")
    assert await entries(missing) == []


async def test_without_a_script_copy_shows_the_link(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.press(await browser.get(at(home)), "Copy the link")
    assert building.unit("103").access_code in unquote(page.root.one("code", class_="code").words)
    assert page.link("Hide the link").startswith(at(home))


async def test_the_qr_code_is_the_link(staff, building):
    browser = await staff()
    home = await building.home("102")
    page = await browser.press(await browser.get(at(home)), "QR code")
    assert unquote(read_svg(page.text)).endswith("#" + building.unit("102").access_code)
    assert await entries(home) == ["link shown"]


async def test_an_email_program_gets_the_link(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.press(await browser.get(at(home)), "Email home103@example.com")
    link = urlsplit(page.link("Open your email program"))
    query = parse_qs(link.query)
    assert (link.scheme, link.path) == ("mailto", "home103@example.com")
    assert query["subject"] == ["Your Wi-Fi at Thistle Gardens"]
    assert building.unit("103").access_code in unquote(query["body"][0])
    assert "Unit 103, Thistle Gardens" in query["body"][0]
    assert await entries(home) == ["link emailed"]
    await home.arefresh_from_db()
    assert home.handed_out_how == "email"


async def test_a_phone_gets_the_link_as_a_text_message(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.press(await browser.get(at(home)), "Text message +12025550156")
    link = page.link("Open your messages")
    assert link.startswith("sms:+12025550156?&body=Your%20Wi-Fi%20page%2C%20Thistle")
    assert building.unit("103").access_code in unquote(unquote(link))
    assert await entries(home) == ["link texted"]


async def test_a_test_says_which_home_was_opened(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.follow(await browser.press(await browser.get(at(home)), "Test the link"))
    assert "The link works: it opened Unit 103." in page.words
    assert await entries(home) == ["link tested"]
    assert "Link tested" in page.section("History").words
    assert await told(home, building.unit("103").access_code) == ["staff-tested-link"]
    await home.arefresh_from_db()
    assert home.handed_out is None


async def test_a_link_that_opens_another_home_is_not_handed_out(staff, building):
    browser = await staff()
    home, other = await building.home("103"), building.unit("102")
    # The vendor gives the link of one home for another.
    building.sandbox.state.units[home.unit_id].access_code = other.access_code
    page = await browser.press(await browser.get(at(home)), "Show the link")
    assert page.status == 422
    assert "opens Unit 102 instead" in page.words
    assert other.access_code not in unquote(page.text)
    assert await entries(home) == []


async def test_a_home_without_a_link_says_so(staff, building):
    browser = await staff()
    home = await Home.objects.aget(unit_id=building.without_link[0])
    page = await browser.press(await browser.get(at(home)), "Show the link")
    assert page.status == 422
    assert "RUCKUS One gives no link for this home. Paste it here" in page.words
    assert await entries(home) == []


async def test_a_refused_link_says_so(staff, building):
    browser = await staff()
    home = await building.home("103")
    building.sandbox.fault(operation="residentLogin", status=401)
    page = await browser.press(await browser.get(at(home)), "Show the link")
    assert page.status == 422
    assert "refuses this link" in page.words
    await home.arefresh_from_db()
    assert home.link == "refused"


async def test_a_pasted_link_is_proved_shown_and_kept_nowhere(staff, building):
    browser = await staff()
    home = await Home.objects.aget(unit_id=building.without_link[0])
    unit = building.unit(home.name)
    link = f"https://residents.example.com/portal/?auth={unit.access_code}"
    page = await browser.press(await browser.get(at(home)), "Make the link", pasted=link)
    assert unit.access_code in unquote(page.root.one("code", class_="code").words)
    assert "Pasted. It opened this home" in page.words
    assert await entries(home) == ["link pasted", "link shown"]
    # What follows carries the code along in the page's own forms.
    code = await browser.press(page, "QR code")
    assert unquote(read_svg(code.text)).endswith("#" + unit.access_code)
    letter = await browser.press(page, "Print letter")
    assert unquote(read_svg(letter.text)).endswith("#" + unit.access_code)
    await home.arefresh_from_db()
    assert home.link == "missing" or home.link == "unknown"


@pytest.mark.parametrize("pasted", ["", "not a code", "other home", "other property"])
async def test_a_pasted_link_that_opens_something_else_is_refused(staff, building, pasted):
    browser = await staff()
    home = await Home.objects.aget(unit_id=building.without_link[0])
    link = {
        "other home": building.unit("102").access_code,
        "other property": f"{settings.PORTAL_URL}/p/{'0' * 32}/#abc",
    }.get(pasted, pasted)
    page = await browser.press(await browser.get(at(home)), "Make the link", pasted=link)
    assert page.status == 422
    assert not page.root.all("code", class_="code")
    if pasted == "other home":
        assert "opens Unit 102 instead" in page.words


async def test_an_unknown_deed_is_none(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.press(await browser.get(at(home)), "Show the link", do="x")
    assert await entries(home) == ["link shown"]
    token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    refused = await browser.send(
        "POST", at(home, "link/"), {"do": "x", "csrfmiddlewaretoken": token}
    )
    assert refused.status == 400


async def test_a_manager_of_another_property_reaches_nothing(staff, building):
    browser = await staff("manager")
    home = await building.home("103")
    assert (await browser.get(at(home))).status == 404


async def test_a_home_that_nobody_knows_is_odd(staff, building):
    browser = await staff()
    home = await building.home("103")
    await Home.objects.filter(name="102").adelete()
    building.sandbox.state.units[home.unit_id].access_code = building.unit("102").access_code
    page = await browser.press(await browser.get(at(home)), "Test the link")
    tested = await browser.follow(page)
    assert "RUCKUS One named another home than this one" in tested.words
    shown = await browser.press(tested, "Show the link")
    assert shown.status == 200
    assert "RUCKUS One named another home than this one" in shown.words
