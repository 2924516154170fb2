"""Properties, and the homes of one."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from common import diary
from common.models import OpenedHome
from staff.homes import jobs
from staff.homes.marks import mark_handed_out
from staff.models import AuditEntry, Home, Job, Property
from staff.request import Member
from tests.residents.conftest import resident, seeded  # noqa: F401
from tests.staff.homes.test_jobs import work_off


def address(building):
    return f"/staff/p/{building.property.id}/"


def asked(building):
    """What was asked of the vendor, but for the looks of the page."""
    looks = ("getTenantPortalAccess", "getPropertyStyles", "downloadFavicons")
    return [call for call in building.sandbox.calls() if call not in looks]


def numbers(page):
    return [row.all("a")[0].words for row in page.root.all("tr") if row.all("a")]


def row(page, number):
    (found,) = [tr for tr in page.root.all("tr") if tr.all("a") and tr.all("a")[0].words == number]
    return found.words


def chips(page):
    return {link.words for link in page.root.one("nav", aria_label="Filter homes").all("a")}


async def other_property(account):
    return await Property.objects.acreate(
        id="f" * 32, account=account, venue_id="f" * 32, name="Another House"
    )


async def test_the_only_property_is_gone_to_at_once(staff, building):
    browser = await staff()
    page = await browser.follow(await browser.get("/staff/"))
    assert page.heading == "Thistle Gardens"
    assert "All properties" not in page.words


async def test_properties_stand_in_the_order_of_the_pages_language(staff, building):
    names = ["Ulm Court", "Ärmel House", "zebra Lofts", "Žilina Place"]
    for number, name in enumerate(reversed(names)):
        await Property.objects.acreate(
            id=f"{number:032}", account=building.account, venue_id=f"{number:032}", name=name
        )
    browser = await staff()
    account = f"/staff/accounts/{building.account.pk}/"
    for path in ("/staff/", "/staff/set-up/", "/staff/audit/", account):
        words = (await browser.get(path)).words
        places = [words.index(name) for name in (names[1], names[0], *names[2:])]
        assert places == sorted(places), path


async def test_several_properties_are_listed_with_their_numbers(staff, building):
    await other_property(building.account)
    await building.property.homes.filter(name="101").aupdate(handed_out=timezone.now())
    browser = await staff()
    page = await browser.get("/staff/")
    assert "Thistle Gardens300 homes, 299 not handed out" in page.words.replace(" 300", "300")
    page = await browser.get(address(building))
    assert page.link("All properties") == "/staff/"


async def test_a_manager_has_the_properties_that_were_given(staff, building):
    other = await other_property(building.account)
    browser = await staff("manager", other)
    page = await browser.follow(await browser.get("/staff/"))
    assert page.heading == "Another House"
    nobody = await staff("manager", email="new@example.com")
    page = await nobody.get("/staff/")
    assert "No property has been given to you yet." in page.words


async def test_an_account_without_properties_is_told_of(staff, building):
    await building.property.adelete()
    page = await (await staff()).get("/staff/")
    assert page.link("RUCKUS One accounts") == "/staff/accounts/"


async def test_the_first_page_is_there_without_the_vendor(staff, building):
    browser = await staff()
    building.sandbox.fault()
    page = await browser.get(address(building))
    assert asked(building) == []
    assert numbers(page)[:3] == ["101", "102", "103"]
    assert len(numbers(page)) == 50
    assert "0 of 300 homes have opened their portal." in page.words
    assert chips(page) == {
        "All 300",
        "Not handed out 300",
        "Never opened 300",
        "No link 0",
        "Suspended 3",
    }
    assert "1 to 50 of 300" in page.words


async def test_pages_follow_each_other(staff, building):
    browser = await staff()
    page = await browser.get(address(building))
    second = await browser.get(page.link("Next"))
    assert numbers(second)[0] == "503"
    last = await browser.get(address(building) + "?page=6")
    assert numbers(last)[-1] == "2512"
    assert "Next" not in last.words
    assert "Suspended" in row(last, "2512")
    assert "Off" in row(last, "2512")
    for beyond in ("7", "x"):
        assert (await browser.get(f"{address(building)}?page={beyond}")).status == 200


async def test_homes_are_found_by_number_and_filter(staff, building):
    browser = await staff()
    page = await browser.get(address(building))
    found = await browser.submit(page, "Find", q=" 2512 ")
    assert numbers(found) == ["2512"]
    assert "Suspended 1" in chips(found)
    nothing = await browser.submit(page, "Find", q="\0 nowhere")
    assert "No home fits." in nothing.words
    suspended = await browser.get(page.link("Suspended 3"))
    assert numbers(suspended) == ["2510", "2511", "2512"]
    odd = await browser.get(address(building) + "?filter=odd")
    assert len(numbers(odd)) == 50


async def test_marks_are_shown(staff, building):
    browser = await staff()
    member = Member(await User.objects.aget(), is_owner=True)
    first, second, third = [home async for home in building.property.homes.all()[:3]]
    await mark_handed_out([first], Home.Way.LETTER, member)
    await mark_handed_out([second], Home.Way.TEXT_MESSAGE, member)
    await Home.objects.filter(pk=second.pk).aupdate(handed_out_by=None)
    await diary.signed_in(second.mark, "a link", "iphone")
    for home, link in ((first, "ready"), (second, "missing"), (third, "refused")):
        await Home.objects.filter(pk=home.pk).aupdate(link=link)
    page = await browser.get(address(building))
    day = f"{timezone.now():%B} {timezone.now().day}"
    assert f"Letter · {day}, Owner" in row(page, "101")
    assert "Ready" in row(page, "101")
    assert f"Text message · {day}{day}" in row(page, "102")
    assert "Missing" in row(page, "102")
    assert "Refused" in row(page, "103")
    assert "Not checked" in row(page, "104")
    assert "1 of 300 homes have opened" in page.words
    waiting = await browser.get(address(building) + "?filter=not-handed-out")
    assert numbers(waiting)[0] == "103"
    unopened = await browser.get(address(building) + "?filter=never-opened")
    assert numbers(unopened)[:2] == ["101", "103"]
    without = await browser.get(address(building) + "?filter=no-link")
    assert numbers(without) == ["102", "103"]


async def test_all_that_were_looked_for_can_be_selected(staff, building):
    browser = await staff()
    page = await browser.get(address(building) + "?filter=suspended")
    every = await browser.get(page.link("Select all 3"))
    form = every.form("Print letters")
    assert form.attrs["action"] == f"{address(building)}selection/"
    hidden = {each.attrs["name"]: each.attrs["value"] for each in form.all("input", type="hidden")}
    assert (hidden["filter"], hidden["q"], hidden["all"]) == ("suspended", "", "1")
    assert "All 3 homes selected" in every.words
    assert "checked" in form.all("input", name="unit")[0].attrs
    none = await browser.get(every.link("Select none"))
    assert not none.root.all("input", name="all")


async def test_a_csv_is_for_owners_alone(staff, building):
    owner = await staff()
    assert "Download CSV" in (await owner.get(address(building))).words
    manager = await staff("manager", building.property)
    assert "Download CSV" not in (await manager.get(address(building))).words


async def test_names_of_residents_fill_in_by_themselves(staff, building):
    browser = await staff()
    page = await browser.get(address(building) + "?page=2")
    assert "Resident 503 Sample" not in page.text
    room = page.root.one("p", id="names").attrs["data-hx-get"]
    names = await browser.htmx(room, "names")
    assert asked(building) == ["createToken", "queryUnits"]
    home = await building.home("503")
    (cell,) = names.root.all(id=f"who-{home.pk}")
    assert (cell.words, cell.attrs["data-hx-swap-oob"]) == ("Resident 503 Sample", "true")
    assert len(names.root.all("span", data_hx_swap_oob="true")) == 50


async def test_names_are_shown_without_a_script(staff, building):
    browser = await staff()
    building.unit("103").contact = None
    page = await browser.get(address(building))
    page = await browser.get(page.link("Show residents’ names"))
    assert "Resident 102 Sample" in row(page, "102")
    assert "Nobody yet" in row(page, "103")
    assert not page.root.all(id="names")


async def test_names_that_can_not_be_had_can_be_asked_for_again(staff, building):
    browser = await staff()
    building.sandbox.fault(operation="queryUnits")
    names = await browser.htmx(f"{address(building)}residents/?page=1", "names")
    assert "RUCKUS One didn’t say who lives here." in names.words
    assert names.link("Ask again") == f"{address(building)}?page=1&names=1"
    page = await browser.get(names.link("Ask again"))
    assert (page.status, page.heading) == (503, "There is a problem")


async def test_homes_without_a_name_are_asked_of_nobody(staff, building):
    await building.property.homes.all().aupdate(name="")
    browser = await staff()
    await browser.htmx(f"{address(building)}residents/", "names")
    assert asked(building) == []


async def test_homes_are_read_again(staff, building):
    browser = await staff()
    building.unit("101").number = "100"
    page = await browser.get(address(building))
    page = await browser.follow(await browser.submit(page, "Read again"))
    assert numbers(page)[0] == "100"
    assert (await AuditEntry.objects.aget()).what == "homes read"


async def test_a_large_property_is_read_in_the_background(staff, building, monkeypatch):
    monkeypatch.setattr("staff.views.homes.READ_AT_ONCE", 10)
    browser = await staff()
    page = await browser.get(address(building))
    page = await browser.follow(await browser.submit(page, "Read again"))
    assert asked(building) == []
    assert "Reading the homes from RUCKUS One…" in page.words
    assert page.root.one("section", id="task").attrs["data-hx-trigger"] == "every 2s, look"
    job = await Job.objects.aget()
    await jobs.go_on(job.pk)
    page = await browser.get(address(building))
    assert "Reading the homes" not in page.words


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 500}, "RUCKUS One didn’t answer. Read them again in a minute."),
        ({"status": 401}, "An owner can give it a new one."),
    ],
)
async def test_a_reading_that_failed_says_so(staff, building, fault, words):
    browser = await staff()
    building.sandbox.fault("status", **fault)
    job = await jobs.start(building.property, Job.Kind.READ_HOMES, None)
    await jobs.go_on(job.pk)
    page = await browser.get(address(building))
    assert words in page.words
    building.sandbox.mended()
    page = await browser.follow(await browser.submit(page, "Read again"))
    assert words not in page.words


async def test_a_property_that_was_never_read_says_so(staff, building):
    await building.property.homes.all().adelete()
    await Property.objects.filter(pk=building.property.pk).aupdate(homes_read=None)
    browser = await staff()
    page = await browser.get(address(building))
    assert "Not read from RUCKUS One yet." in page.words
    assert "Check all links" not in page.words
    page = await browser.follow(await browser.submit(page, "Read the homes"))
    assert "0 of 300 homes" in page.words


async def test_a_list_that_was_not_whole_says_so(staff, building):
    await Property.objects.filter(pk=building.property.pk).aupdate(homes_complete=False)
    page = await (await staff()).get(address(building))
    assert "The list was not whole" in page.words


async def test_all_links_are_checked_in_the_background(staff, building):
    browser = await staff()
    page = await browser.get(address(building))
    assert "Not checked yet." in page.words
    page = await browser.follow(await browser.submit(page, "Check all links"))
    assert "Checking links: 0 of 300" in page.words
    assert "About 75 seconds left." in page.words
    assert asked(building) == []
    await work_off(building)
    fragment = await browser.htmx(f"{address(building)}check/", "task")
    assert "Checked now." in fragment.words
    assert "288 ready, 12 missing." in fragment.words
    assert "data-hx-trigger" not in fragment.root.one("section", id="task").attrs
    page = await browser.get(fragment.link("Show it in the list"))
    assert {"All 300", "No link 12"} <= chips(page)
    started = await AuditEntry.objects.aget(what="check started")
    assert (started.who, started.property_name) == ("Owner", "Thistle Gardens")


async def test_a_check_can_be_stopped(staff, building):
    browser = await staff()
    page = await browser.get(address(building))
    page = await browser.follow(await browser.submit(page, "Check all links"))
    page = await browser.follow(await browser.submit(page, "Stop checking"))
    assert "Stopped after 0 of 300 homes." in page.words
    assert await AuditEntry.objects.filter(what="check stopped").acount() == 1
    await work_off(building)
    assert asked(building) == []
    again = await browser.send("POST", f"{address(building)}check/stop/", token(page))
    assert again.status == 302
    assert await AuditEntry.objects.filter(what="check stopped").acount() == 1


def token(page):
    return {
        "csrfmiddlewaretoken": page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    }


async def test_stopping_nothing_does_nothing(staff, building):
    browser = await staff()
    page = await browser.get(address(building))
    await browser.send("POST", f"{address(building)}check/stop/", token(page))
    assert not await AuditEntry.objects.aexists()


async def test_progress_leads_to_the_page_without_a_script(staff, building):
    browser = await staff()
    answer = await browser.get(f"{address(building)}check/")
    assert answer.location == address(building)


@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "RUCKUS One didn’t answer. Start it again in a minute."), (401, "An owner can give")],
)
async def test_a_check_that_failed_says_why(staff, building, status, words):
    browser = await staff()
    building.sandbox.fault("status", operation="createToken", status=status)
    homes = [home async for home in building.property.homes.all()]
    job = await jobs.start(building.property, Job.Kind.CHECK_LINKS, None, homes)
    await work_off(building)
    await job.arefresh_from_db()
    assert job.state == "failed"
    assert words in (await browser.get(address(building))).words


async def test_managers_reach_nothing_of_another_property(staff, building):
    other = await other_property(building.account)
    browser = await staff("manager", other)
    own = await browser.get(f"/staff/p/{other.id}/")
    for path in ("", "residents/", "check/", "set-up/"):
        assert (await browser.get(address(building) + path)).status == 404
    for path in ("read/", "check/", "check/stop/", "set-up/", "selection/"):
        answer = await browser.send("POST", address(building) + path, token(own))
        assert answer.status == 404, path
    assert asked(building) == []
    assert not await Job.objects.aexists()


async def test_nobody_is_let_in_without_signing_in(stranger, building):
    for path in ("", "residents/", "check/", "set-up/"):
        answer = await stranger.get(address(building) + path)
        assert answer.location.startswith("/staff/sign-in/")


async def test_a_resident_who_signs_in_has_opened_the_home(resident):  # noqa: F811
    await resident()
    assert (await OpenedHome.objects.aget()).at


async def test_staff_who_try_a_link_have_not(staff, building):
    browser = await staff()
    await browser.sign_in(seeded("full branding"))
    assert (await OpenedHome.objects.aget()).at is None
    browser.client.cookies.pop(settings.STAFF_COOKIE_NAME)
    await browser.sign_in(seeded("full branding"))
    assert (await OpenedHome.objects.aget()).at, "a resident has come"
