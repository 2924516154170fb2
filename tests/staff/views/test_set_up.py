"""The set-up check on a page."""

import asyncio
from dataclasses import replace

import pytest

from ruckus.doctor.finding import ok, to_do
from ruckus.words import as_it_is, say
from staff.homes import set_up
from staff.models import AuditEntry, Home, Property
from tests.staff.views.test_homes import other_property


def address(building):
    return f"/staff/p/{building.property.id}/set-up/"


def found(page):
    """What was found, by what it is about."""
    return {row.one("strong").words: row.words for row in page.root.all("li") if row.all("strong")}


async def checked(browser, building, button="Check now"):
    page = await browser.get(address(building))
    return await browser.follow(await browser.submit(page, button))


async def test_a_property_is_checked(staff, building):
    browser = await staff()
    page = await browser.get(address(building))
    assert "Not checked yet." in page.words
    page = await checked(browser, building)
    about = found(page)
    assert "accepts its token" in about["Account"]
    assert "There are 300 homes. Suspended: 3." in about["Homes"]
    assert "Check all links on the property's page." in about["Links"]
    assert "opens it" in about["Sign-in"]
    assert "Use Your Own Portal is on." in about["Resident Portal"]
    assert "RUCKUS One names one network." in about["Networks"]
    assert "Checked now." in page.words
    notes = [entry.what async for entry in AuditEntry.objects.all()]
    # The first home has no link: the second one was opened.
    assert notes == ["link tested", "link tested", "set-up checked"]
    stored = await Property.objects.aget()
    for unit in building.units[:3]:
        assert unit.access_code not in str(stored.set_up)


async def test_what_there_is_to_do_comes_first_with_a_warning(staff, building):
    place = building.sandbox.state.properties[building.units[0].property_id]
    place.profile = replace(place.profile, portal_allowed=True)
    browser = await staff()
    page = await checked(browser, building)
    assert "1 thing to do." in page.words
    first = page.root.all("ol", class_="rows")[0]
    assert "Resident Portal" in first.words
    assert "Use RUCKUS Portal" in first.words
    assert "Look before you save" in page.words
    assert "everybody gets a new passphrase" in page.words
    every = await browser.get("/staff/set-up/")
    assert "1 to do" in every.words


async def test_a_check_can_be_made_again(staff, building):
    browser = await staff()
    await checked(browser, building)
    await building.property.homes.all().aupdate(link=Home.Link.READY)
    page = await checked(browser, building, "Check again")
    assert "All links can be read." in found(page)["Links"]


@pytest.mark.parametrize(
    ("ready", "words"), [(5, "5 of 300 links can be read."), (0, "No link can be read.")]
)
async def test_links_are_told_of_as_the_last_check_found_them(staff, building, ready, words):
    homes = building.property.homes
    await homes.all().aupdate(link=Home.Link.REFUSED)
    some = [home.pk async for home in homes.all()[:ready]]
    await homes.filter(pk__in=some).aupdate(link=Home.Link.READY)
    page = await checked(await staff(), building)
    assert words in found(page)["Links"]


async def test_of_links_that_were_not_checked_nothing_is_claimed(staff, building):
    [first] = [home async for home in building.property.homes.all()[:1]]
    await building.property.homes.filter(pk=first.pk).aupdate(link=Home.Link.MISSING)
    page = await checked(await staff(), building)
    assert "1 of 300 links has been checked." in found(page)["Links"]


async def test_without_homes_there_is_nobody_to_sign_in(staff, building):
    await building.property.homes.all().adelete()
    page = await checked(await staff(), building)
    about = found(page)
    assert "No home has been read." in about["Homes"]
    assert "No link was found that opens a home." in about["Sign-in"]
    assert "Use Your Own Portal is on." in about["Resident Portal"], "as the account has it"


async def test_without_a_link_the_account_tells_of_the_portal(staff, building):
    building.sandbox.state.management.switches.link = None
    page = await checked(await staff(), building)
    assert "No link was found that opens a home." in found(page)["Sign-in"]


async def test_links_that_are_refused_open_nothing(staff, building):
    building.sandbox.fault("status", operation="residentLogin", status=401)
    page = await checked(await staff(), building)
    assert "No link was found that opens a home." in found(page)["Sign-in"]


async def test_a_sign_in_without_an_answer_is_not_known(staff, building):
    building.sandbox.fault("status", operation="residentLogin", status=502)
    page = await checked(await staff(), building)
    assert "No home could be opened" in found(page)["Sign-in"]


@pytest.mark.parametrize(
    ("fault", "about", "words"),
    [
        ({"operation": "createToken", "status": 401}, "Account", "accept its token"),
        ({"operation": "createToken", "status": 400}, "Account", "accept its token"),
        ({"operation": "getProperty", "status": 403}, "Account", "The scope of its token"),
        ({"operation": "getProperty", "status": 404}, "Property", "has no such property"),
        ({"operation": "getProperty", "status": 500}, "Account", "no usable answer"),
    ],
)
async def test_what_the_account_is_refused_is_told(staff, building, fault, about, words):
    building.sandbox.fault("status", **fault)
    page = await checked(await staff(), building)
    assert words in found(page)[about]
    assert "Homes" not in found(page)


async def test_a_vendor_that_is_down_ends_the_check(staff, building):
    building.sandbox.fault("reset")
    page = await checked(await staff(), building)
    assert set(found(page)) == {"Connection"}


async def test_a_vendor_that_is_slow_ends_it_too(staff, building, monkeypatch):
    async def slow(*_):
        await asyncio.sleep(60)

    monkeypatch.setattr(set_up, "examine", slow)
    monkeypatch.setattr(set_up, "SECONDS", 0.01)
    page = await checked(await staff(), building)
    assert "too slow to check everything" in found(page)["Connection"]
    assert "Not known" in found(page)["Connection"]


async def test_a_property_that_is_not_served_is_told(staff, building, settings):
    settings.ALLOWED_PROPERTIES = frozenset({"11111111-1111-4111-8111-111111111111"})
    page = await checked(await staff(), building)
    assert "ALLOWED_PROPERTIES leaves out" in found(page)["Property"]


async def test_what_was_found_is_told_in_the_language_of_who_looks(
    staff, building, pseudo_language
):
    place = building.sandbox.state.properties[building.units[0].property_id]
    place.profile = replace(place.profile, portal_allowed=True)
    browser = await staff()
    english = await checked(browser, building)
    page = await browser.get(address(building), **{"Accept-Language": pseudo_language})
    assert page.root.one("html").attrs["lang"] == pseudo_language
    assert len(found(page)) == len(found(english)) > 8
    assert not page.root.all("span", lang="en")
    assert not set(found(page).items()) & set(found(english).items())
    assert "Lōōk bēfōrē ȳōū šāvē" in page.words


async def test_what_was_found_of_the_portal_is_told_so_too(staff, pseudo_language):
    browser = await staff()
    page = await browser.get("/staff/set-up/?portal=1", **{"Accept-Language": pseudo_language})
    assert len(found(page)) > 5
    assert {each.words for each in page.root.all("span", lang="en")} <= {"DEBUG", "HTTPS", "Redis"}


async def test_what_an_earlier_version_found_is_told_in_english(staff, building, pseudo_language):
    await Property.objects.aupdate(
        set_up=[
            {"level": "ok", "about": "Homes", "what": "There are <3> of {4}.", "advice": ""},
            {"level": "to do", "about": "Fish", "what": "None works.", "advice": "Fish again."},
        ]
    )
    page = await (await staff()).get(address(building), **{"Accept-Language": pseudo_language})
    assert list(found(page)) == ["Fish", "Homes"]
    assert [each.words for each in page.root.all("span", lang="en")] == [
        "Fish",
        "None works.",
        "Fish again.",
        "Homes",
        "There are <3> of {4}.",
    ]


async def test_all_properties_are_listed(staff, building):
    await other_property(building.account)
    browser = await staff()
    await checked(browser, building)
    page = await browser.get("/staff/set-up/")
    assert "Not checked yet" in page.words
    assert "OK" in page.words
    assert page.root.all("a", href="/staff/accounts/")


async def test_the_portal_itself_is_checked_for_owners(staff, building, monkeypatch):
    monkeypatch.setattr(
        "staff.views.set_up.check_installation",
        lambda: [
            ok(as_it_is("Redis"), say("It answers.")),
            to_do(as_it_is("DEBUG"), say("It is on."), say("Remove")),
        ],
    )
    browser = await staff()
    page = await browser.get((await browser.get("/staff/set-up/")).link("Check this portal"))
    assert found(page) == {"Redis": "RedisIt answers.", "DEBUG": "DEBUGIt is on. Remove"}
    manager = await staff("manager", building.property)
    page = await manager.get("/staff/set-up/?portal=1")
    assert "DEBUG" not in page.words
    assert not page.root.all("a", href="/staff/accounts/")


async def test_without_a_property_there_is_nothing_to_check(staff, sandbox):
    page = await (await staff()).get("/staff/set-up/")
    assert "There is no property here yet." in page.words
