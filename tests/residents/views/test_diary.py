"""The page of a home's diary: what residents do is in it, and they can delete it."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection

from common import diary
from common.diary import Event
from common.models import DeviceName, DiaryEntry
from ruckus.errors import NotSignedIn
from ruckus.resident import ResidentApi
from sandbox import seeds
from tests.residents.browser import Browser, View
from tests.residents.conftest import seeded

HOME = seeded("full branding")
UNIT = HOME.unit.users[0]
RILEY = next(user for user in HOME.unit.users if user.name == "Riley Example")
PHONE = UNIT.devices[0]
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"
LEFT_HERE = ("common_diaryentry", "common_checklist", "common_openedhome")
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


def lines(view: View) -> list[str]:
    """The entries of the page, newest first, without their times."""
    rows = [row for row in view.root.all("li") if row.attrs.get("class") == "row"]
    for row in rows:
        time = row.one("time")
        assert time.attrs["datetime"]
        time.children.clear()
    return [" ".join(row.words.replace("·", " ").split()) for row in rows]


async def told(browser: Browser) -> list[str]:
    return lines(await browser.get("/diary/"))


# What is in it ------------------------------------------------------------------------------------


async def test_a_sign_in_is_told_with_the_kind_of_device(resident):
    browser = await resident(agent=IPHONE)
    await resident(agent=WINDOWS)
    view = await browser.get("/diary/")
    assert view.heading == "Diary"
    assert "What happened in your home in the last 90 days." in view.words
    assert "Times are in UTC." in view.words
    assert next(node.words for node in view.root.all("h2")) == "Today"
    assert lines(view) == ["Signed in on a Windows computer", "Signed in on an iPhone"]


async def test_a_browser_that_says_nothing_is_no_kind_of_device(resident):
    assert await told(await resident()) == ["Signed in"]


async def test_a_new_passphrase_is_told_of_its_network(resident, sandbox):
    sandbox.profile(HOME).tenant_set_dpsk = True
    browser = await resident(agent=IPHONE)
    for user, kind in ((UNIT, "unit"), (RILEY, "linked")):
        page = await browser.get(f"/wifi/{kind}/{user.id}/reset/")
        await browser.submit(page, "Reset passphrase")
    await browser.get(f"/wifi/linked/{RILEY.id}/")
    page = await browser.get(f"/wifi/linked/{RILEY.id}/choose/")
    await browser.submit(page, "Save passphrase", passphrase="a secret of one's own")
    sandbox.forget_calls()
    assert await told(browser) == [
        "Passphrase chosen: Riley Example on an iPhone",
        "Passphrase reset: Riley Example on an iPhone",
        "Home Wi-Fi passphrase reset on an iPhone",
        "Signed in on an iPhone",
    ]
    # Names of people are not stored here.
    assert sandbox.calls() == ["queryUnitUsers"]
    sandbox.fault(operation="queryUnitUsers", status=500)
    assert "Passphrase reset: Household member on an iPhone" in await told(browser)


async def test_a_diary_without_people_asks_for_nobody(resident, sandbox):
    browser = await resident()
    assert await told(browser) == ["Signed in"]
    assert sandbox.calls() == []


async def test_a_token_that_ends_meanwhile_ends_the_session(resident, monkeypatch):
    browser = await resident()
    page = await browser.get(f"/wifi/linked/{RILEY.id}/reset/")
    await browser.submit(page, "Reset passphrase")

    async def over(api: ResidentApi) -> None:
        raise NotSignedIn("queryUnitUsers")

    monkeypatch.setattr(ResidentApi, "fetch_unit_users", over)
    assert (await browser.get("/diary/")).status == 401


async def test_a_change_that_nobody_could_confirm_is_told_as_one(resident, sandbox):
    browser = await resident()
    page = await browser.get(f"/wifi/unit/{UNIT.id}/reset/")
    sandbox.fault("reset", operation="updateUnitUser")
    await browser.submit(page, "Reset passphrase")
    assert (await told(browser))[0] == "Home Wi-Fi passphrase reset We couldn’t confirm it"


async def test_a_change_that_was_refused_is_not_told(resident, sandbox):
    sandbox.profile(HOME).tenant_set_dpsk = True
    browser = await resident()
    page = await browser.get(f"/wifi/unit/{UNIT.id}/choose/")
    sandbox.fault(operation="updateUnitUser", status=400)
    await browser.submit(page, "Save passphrase", passphrase="refused by somebody")
    assert await told(browser) == ["Signed in"]


async def test_an_edit_of_contact_details_is_told_without_them(resident):
    browser = await resident()
    page = await browser.get("/contact/")
    await browser.submit(page, "Save contact details", email="else@example.com")
    page = await browser.get(f"/people/{RILEY.id}/contact/")
    await browser.submit(page, "Save contact details", name="Riley Else", phone_number="2025550199")
    view = await browser.get("/diary/")
    assert lines(view) == [
        "Contact details changed: Riley Else Name Phone number",
        "Contact details changed Email address",
        "Signed in",
    ]
    assert "else@example.com" not in view.text


async def test_an_edit_that_changes_nothing_is_not_told(resident):
    browser = await resident()
    await browser.submit(await browser.get("/contact/"), "Save contact details")
    assert await told(browser) == ["Signed in"]


async def test_what_is_done_to_devices_is_told(resident):
    browser = await resident()
    label = f"{PHONE.type} {PHONE.mac}"
    for name, called in (("Robin’s", label), ("Robin’s", f"Robin’s {PHONE.mac}")):
        asked = await browser.submit(await browser.get("/devices/"), f"Rename {called}")
        await browser.submit(asked, "Save name", name=name)
    asked = await browser.submit(await browser.get("/devices/"), f"Rename Robin’s {PHONE.mac}")
    await browser.submit(asked, "Save name", name="")
    asked = await browser.submit(await browser.get("/devices/"), f"Remove {label}")
    await browser.submit(asked, "Remove device")
    view = await browser.get("/diary/")
    assert lines(view) == [
        f"Device removed {PHONE.type} Apple",
        "Device renamed “Robin’s” has no name now",
        f"Device renamed {PHONE.type} is now “Robin’s”",
        "Signed in",
    ]
    assert PHONE.mac not in view.text


async def test_a_removal_that_does_not_show_yet_is_told_as_one(resident, sandbox):
    sandbox.state.switches.sticky_devices = True
    browser = await resident()
    asked = await browser.submit(await browser.get("/devices/"), f"Remove {PHONE.type} {PHONE.mac}")
    await browser.submit(asked, "Remove device")
    assert (await told(browser))[0] == f"Device removed {PHONE.type} Apple We couldn’t confirm it"


@pytest.mark.parametrize(("fault", "words"), [("", ""), ("reset_after", " We couldn’t confirm it")])
async def test_a_link_that_residents_replace_is_told_to_who_opens_the_new_one(
    resident, sandbox, settings, fault, words
):
    settings.LINK_RESET = True
    browser = await resident(agent=IPHONE)
    asked = await browser.get("/help/link/replace/")
    if fault:
        sandbox.fault(fault, operation="residentEditUnit", apply=True, count=1)
    await browser.submit(asked, "Yes, replace our link")
    welcome = await browser.get(f"/p/{HOME.property_id}/")
    secret = sandbox.state.messages[-1]["link"]
    await browser.submit(welcome, "Open my Wi-Fi", secret=secret)
    assert await told(browser) == [
        "Signed in on an iPhone",
        f"Link replaced{words} on an iPhone",
    ]


async def test_nothing_is_held_up_by_a_diary_that_cannot_be_written(resident, monkeypatch):
    def down(*args: object) -> None:
        raise OperationalError("down")

    monkeypatch.setattr(diary, "add", down)
    browser = await resident()
    asked = await browser.submit(await browser.get("/devices/"), f"Remove {PHONE.type} {PHONE.mac}")
    done = await browser.follow(await browser.submit(asked, "Remove device"))
    assert "Device removed." in done.words
    assert await told(browser) == []


# Whose it is --------------------------------------------------------------------------------------


async def test_everybody_in_the_home_reads_it_and_nobody_else(resident):
    browser, other = await resident(agent=IPHONE), await resident(agent=WINDOWS)
    neighbour = await resident("45 users")
    assert await told(browser) == await told(other)
    assert await told(neighbour) == ["Signed in"]


async def test_who_moves_in_with_a_new_link_starts_empty(resident, sandbox):
    await resident(agent=IPHONE)
    sandbox.state.units[HOME.unit_guid].access_code = "another-code"
    newcomer = Browser()
    page = await newcomer.get(f"/p/{HOME.property_id}/another-code/")
    await newcomer.submit(page, "Open my Wi-Fi")
    assert await told(newcomer) == ["Signed in"]


# Reading it ---------------------------------------------------------------------------------------


async def test_a_long_diary_is_read_page_by_page(resident, monkeypatch):
    monkeypatch.setattr(diary, "AT_ONCE", 2)
    browser = await resident(agent=IPHONE)
    for number in range(4):
        await diary.write(await the_link(), Event.DEVICE_REMOVED, device=f"Device {number}")
    newest = await browser.get("/diary/")
    assert "Show later" not in newest.words
    middle = await browser.get(newest.link("Show earlier"))
    assert lines(middle) == ["Device removed Device 1", "Device removed Device 0"]
    last = await browser.get(middle.link("Show earlier"))
    assert lines(last) == ["Signed in on an iPhone"]
    assert "Show earlier" not in last.words
    assert last.link("Show later") == middle.path
    assert middle.link("Show later") == newest.path
    # An address that somebody made up leads no further than the diary can.
    assert "Nothing yet." in (await browser.get("/diary/?page=999999999")).words


async def the_link() -> str:
    """The only link that anybody signed in with."""
    return (await DiaryEntry.objects.aearliest("pk")).link


@pytest.mark.parametrize(
    ("path", "tables"),
    [
        ("/", set()),
        ("/help/", set()),
        (f"/wifi/unit/{UNIT.id}/", {"common_checklist"}),
        ("/devices/", {"common_checklist"}),
        ("/diary/", {"common_diaryentry"}),
    ],
)
async def test_what_residents_left_is_read_only_where_it_is_looked_at(resident, path, tables):
    browser = await resident()
    read = []

    def watch(execute: Any, sql: str, *args: Any) -> Any:
        read.extend(name for name in LEFT_HERE if name in sql)
        return execute(sql, *args)

    # In the thread whose connection the portal uses.
    await sync_to_async(lambda: connection.execute_wrappers.append(watch))()
    try:
        assert (await browser.get(path)).status == 200
    finally:
        await sync_to_async(lambda: connection.execute_wrappers.remove(watch))()
    assert sorted(read) == sorted(tables)


async def test_days_are_cards(resident):
    browser = await resident()
    await DiaryEntry.objects.aupdate(at=diary.timezone.now() - timedelta(days=1))
    await browser.submit(await browser.get("/contact/"), "Save contact details", name="Casey")
    headings = [node.words for node in (await browser.get("/diary/")).root.all("h2")]
    assert headings == ["Today", "Yesterday", "Delete the diary"]


async def test_a_diary_that_cannot_be_read_says_so(resident, monkeypatch):
    browser = await resident()

    def down(*args: object) -> None:
        raise OperationalError("down")

    monkeypatch.setattr(diary, "stored", down)
    view = await browser.get("/diary/")
    assert view.status == 200
    assert "We can’t read the diary right now." in view.words


@pytest.mark.parametrize(("place", "words"), [("/help/", "Diary"), ("/privacy/", "Show the diary")])
async def test_it_is_found_from(resident, place, words):
    view = await (await resident()).get(place)
    assert view.link(words) == "/diary/"


async def test_the_privacy_page_says_how_long_it_is_kept(resident, settings):
    settings.DIARY_DAYS = 30
    view = await (await resident()).get("/privacy/")
    assert "30 days, or until you delete it." in view.words


# Deleting it --------------------------------------------------------------------------------------


async def named(browser: Browser, device: seeds.Device = PHONE) -> None:
    label = f"Rename {device.type} {device.mac}"
    asked = await browser.submit(await browser.get("/devices/"), label)
    await browser.submit(asked, "Save name", name="Robin’s phone")


async def test_deleting_it_asks_first_and_leaves_what_tells_of_a_break_in(resident):
    browser = await resident(agent=WINDOWS)
    await named(browser)
    await browser.submit(await browser.get("/contact/"), "Save contact details", name="Casey")
    asked = await browser.get((await browser.get("/diary/")).link("Delete names and diary"))
    assert "stay for 7 more days, so nobody can hide a break-in" in asked.words
    assert await DiaryEntry.objects.acount() == 3
    done = await browser.follow(await browser.submit(asked, "Delete the diary only"))
    assert "Diary deleted." in done.words
    assert lines(done) == [
        "Diary deleted on a Windows computer",
        "Contact details changed Name on a Windows computer",
        "Signed in on a Windows computer",
    ]
    assert await DeviceName.objects.acount() == 1


async def test_names_and_diary_are_deleted_together(resident):
    browser = await resident()
    await named(browser)
    asked = await browser.get("/privacy/delete/")
    done = await browser.follow(await browser.submit(asked, "Delete names and diary"))
    assert "Names and diary deleted." in done.words
    assert lines(done) == ["Diary and device names deleted", "Signed in"]
    assert not await DeviceName.objects.aexists()
    assert "Robin" not in (await browser.get("/devices/")).text
