"""A home is cleared for whoever moves in, and every step is shown as it is proved."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from common import diary
from common.homes import link_mark
from common.models import DeviceName, DiaryEntry, OpenedHome, Session
from ruckus import link_replacement
from sandbox import seeds
from staff.handover import move_out as moving
from staff.handover import replacing
from staff.handover.opening import open_home
from staff.models import AuditEntry, Home, LinkReplacement, MoveOut, MoveOutStep
from staff.request import Member
from staff.views import move_out as pages
from tests.residents.browser import HTMX
from tests.staff.views.test_home import at, entries, told
from tests.staff.views.test_replace import RESET, replaced, sign_in_resident

EVERY_STEP = [
    "Contact details cleared",
    "Home Wi-Fi passphrase reset",
    "Guest Wi-Fi passphrase reset",
    "New link made",
    "Old link refused",
    "Home Wi-Fi passphrase reset once more",
    "Guest Wi-Fi passphrase reset once more",
    "Names and diary deleted, everybody signed out",
    "Letter for whoever moves in",
]
UPDATE = "updateUnitUser"


@pytest.fixture
def clock(sandbox, monkeypatch):
    """Waiting takes no time, but the vendor's clock goes on."""
    state = sandbox.state
    now = [state.clock()]
    state.clock = lambda: now[0]

    async def sleep(seconds):
        now[0] += seconds
        await asyncio.sleep(0)

    monkeypatch.setattr(link_replacement, "sleep", sleep)
    monkeypatch.setattr(moving, "sleep", sleep)
    return now


async def begun(browser, home, pasted=""):
    page = await browser.get(at(home, "move-out/"))
    more = {"pasted": pasted} if pasted else {}
    if pasted:
        # It is asked for once it is known that RUCKUS One gives none.
        page = await browser.submit(page, f"Move out Unit {home}", number=str(home))
    page = await browser.submit(page, f"Move out Unit {home}", number=str(home), **more)
    return page if page.status == 422 else await browser.follow(page)


async def goes_on(browser, page):
    """Presses Go on until there is nothing to press."""
    for _ in range(12):
        if not any(each.words == "Go on" for each in page.root.all("button")):
            return page
        page = await browser.follow(await browser.press(page, "Go on"))
    raise AssertionError(page.words)


async def moved_out(browser, home):
    return await goes_on(browser, await begun(browser, home))


def rows(page):
    """What each step is called, and its state."""
    found = page.root.all("li", class_="row start")
    return {
        row.all("strong")[0].words: next(
            span.words for span in row.all("span") if "state" in span.attrs.get("class", "").split()
        )
        for row in found
    }


def row(page, title):
    (found,) = [
        row
        for row in page.root.all("li", class_="row start")
        if row.all("strong")[0].words == title
    ]
    return found.words


async def age(home, **ago):
    """The steps are as if so much time had gone by."""
    before = timezone.now() - timedelta(**ago)
    for step in [step async for step in MoveOutStep.objects.filter(move_out__home=home)]:
        step.at = before if step.at else None
        step.sent = before if step.sent else None
        await step.asave()


async def step_of(home, what):
    return await MoveOutStep.objects.select_related("move_out").aget(
        move_out__home=home, move_out__ended=None, what=what
    )


def passphrases(unit):
    return {user.type: user.passphrase for user in unit.users}


async def test_it_is_asked_with_who_stays_listed(staff, building):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    unit.users.append(seeds.User("u" * 32, "LINKED", "Amara Osei", "amaras own passphrase"))
    unit.users.append(seeds.User("v" * 32, "LINKED", None, "another passphrase"))
    for number, user in enumerate(unit.users[:3]):
        user.devices.append(seeds.Device(str(number) * 32, f"02:00:5E:10:00:0{number}", "Phone"))
    page = await browser.get(at(home, "move-out/"))
    assert page.heading == "Move-out of Unit 103?"
    assert "So that no message reaches Resident 103 Sample." in page.words
    assert "2 household members stay listed: Amara Osei, Household member." in page.words
    assert "2 devices have used them." in page.words
    assert await entries(home) == ["link tested"]
    assert building.sandbox.calls(RESET, UPDATE) == []
    assert not await MoveOut.objects.aexists()
    unit.contact = None
    building.sandbox.fault(operation="getUnitUserDevices", status=503)
    page = await browser.get(at(home, "move-out/"))
    assert "have used them" not in page.words
    building.sandbox.mended()
    building.sandbox.fault(operation="queryUnitUsers", status=503)
    page = await browser.get(at(home, "move-out/"))
    assert "So that no message reaches the former resident." in page.words
    assert "We couldn’t read whether household members stay listed." in page.words


@pytest.mark.parametrize("number", ["", "104", "10 3"])
async def test_the_number_of_the_home_has_to_be_typed(staff, building, number):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(at(home, "move-out/"))
    page = await browser.submit(page, "Move out Unit 103", number=number)
    assert page.status == 422
    assert len(page.errors) == 1
    assert not await MoveOut.objects.aexists()


async def test_a_home_is_moved_out_of(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    old, before = unit.access_code, passphrases(unit)
    resident = await sign_in_resident(building, "103")
    former = link_mark(home.mark, old)
    await DeviceName.objects.acreate(
        link=former, device="d", encrypted="x", seen=timezone.now().date()
    )
    earlier = link_mark(home.mark, "an earlier link")
    ended = timezone.now() - timedelta(days=30)
    await home.replacements.acreate(number=1, former=earlier, ended=ended)
    await home.replacements.aupdate(started=ended)
    await DeviceName.objects.acreate(
        link=earlier, device="e", encrypted="x", seen=timezone.now().date()
    )
    page = await begun(browser, home)
    assert list(rows(page)) == EVERY_STEP
    assert set(rows(page).values()) == {"Waiting"}
    page = await goes_on(browser, page)
    assert list(rows(page).values()) == ["Proved"] * 8 + ["Waiting"]
    assert "The home is cleared." in page.words
    # What each step says is so.
    assert (unit.contact.name, unit.contact.email, unit.contact.phone) == ("Unit 103", "", "")
    after = passphrases(unit)
    assert all(after[kind] != before[kind] for kind in ("UNIT", "GUEST"))
    assert unit.access_code != old
    assert building.sandbox.state.messages == []
    assert not await DeviceName.objects.filter(link__in=[former, earlier]).aexists()
    assert not await DiaryEntry.objects.filter(link=former).aexists()
    assert not await OpenedHome.objects.filter(home=home.mark).aexists()
    assert not await Session.objects.filter(home=home.mark).aexists()
    assert (await resident.get("/")).heading != "Unit 103"
    # Whoever moves in gets a letter, and that ends it.
    letter = await browser.press(page, "Print letter")
    assert unit.access_code not in page.text
    assert letter.status == 200
    page = await browser.get(page.path)
    assert list(rows(page).values()) == ["Proved"] * 9
    moved = await MoveOut.objects.aget(home=home)
    assert moved.ended is not None
    done = [
        (entry.what, entry.detail)
        async for entry in AuditEntry.objects.filter(unit_id=home.unit_id).order_by("pk")
    ]
    assert done == [
        ("link tested", "For a move-out"),
        ("move-out started", ""),
        ("link tested", "For a move-out"),
        ("move-out step", "Contact details"),
        ("move-out step", "Home Wi-Fi passphrase"),
        ("move-out step", "Guest Wi-Fi passphrase"),
        ("move-out step", "New link"),
        ("move-out step", "Home Wi-Fi passphrase, once more"),
        ("move-out step", "Guest Wi-Fi passphrase, once more"),
        ("move-out step", "Names and diary, sessions"),
        ("letter printed", ""),
        ("move-out ended", "All steps proved"),
    ]
    # No secret stays behind in what is stored of it.
    stored = [str(each) async for each in MoveOutStep.objects.values()]
    stored += [str(each) async for each in LinkReplacement.objects.values()]
    secrets = [old, unit.access_code, *before.values(), *after.values()]
    assert not [each for each in itertools.product(secrets, stored) if each[0] in each[1]]
    assert (await browser.get(at(home, "move-out/"))).heading == "Move-out of Unit 103?"


async def test_the_page_goes_on_by_itself_a_step_at_a_time(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)
    form = page.form("Go on")
    address = form.attrs["data-hx-post"]
    assert form.attrs["data-hx-target"] == "#known"
    token = form.one("input", name="csrfmiddlewaretoken").attrs["value"]
    for done in range(1, 8):
        part = await browser.send(
            "POST", address, {"csrfmiddlewaretoken": token}, **HTMX, **{"HX-Target": "known"}
        )
        # The new link and the test of the old one are one step of the portal's.
        expected = done if done < 4 else done + 1
        assert list(rows(part).values()).count("Proved") == expected
    assert not part.root.all("form", data_hx_post=True)


async def test_two_browsers_do_no_step_twice(staff, building, clock):
    browser, other = await staff(), await staff(email="other@example.com")
    home = await building.home("103")
    page = await browser.get(at(home, "move-out/"))
    again = await other.get(at(home, "move-out/"))
    one, two = await asyncio.gather(
        browser.submit(page, "Move out Unit 103", number="103"),
        other.submit(again, "Move out Unit 103", number="103"),
    )
    assert one.location == two.location
    assert await MoveOutStep.objects.acount() == 9
    pages = [await browser.get(one.location), await other.get(one.location)]
    for _ in range(7):
        await asyncio.gather(
            browser.press(pages[0], "Go on"),
            other.press(pages[1], "Go on"),
            browser.press(pages[0], "Go on"),
            other.press(pages[1], "Go on"),
        )
    assert building.sandbox.calls(UPDATE) == [UPDATE] * 4
    # The contact, and the link.
    assert building.sandbox.calls(RESET) == [RESET] * 2
    assert await MoveOutStep.objects.filter(state="proved").acount() == 8
    assert (await browser.get(at(home, "move-out/"))).location == one.location


async def test_a_step_that_is_running_is_waited_for(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)
    step = await step_of(home, "contact")
    await MoveOutStep.objects.filter(pk=step.pk).aupdate(state="running", at=timezone.now())
    page = await browser.follow(await browser.press(page, "Go on"))
    assert rows(page)["Contact details cleared"] == "Running"
    assert building.sandbox.calls(RESET, UPDATE) == []


async def test_what_is_accepted_for_later_is_looked_for_again(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    building.sandbox.state.switches.accepted = True
    building.sandbox.state.switches.accepted_delay = 30
    page = await begun(browser, home)
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "RUCKUS One still shows the old contact details. We keep looking." in row(
        page, "Contact details cleared"
    )
    assert "The former resident may still get in." in page.words
    # The link waits for it, the passphrases don't.
    for _ in range(3):
        page = await browser.follow(await browser.press(page, "Go on"))
    assert list(rows(page).values()) == ["Not proved"] * 3 + ["Waiting"] * 6
    assert await entries(home) == [
        "link tested",
        "move-out started",
        "link tested",
        *["move-out step"] * 6,
    ]
    # Trying again sends nothing while it may yet come.
    page = await browser.follow(await browser.press(page, "Try again: Contact details cleared"))
    assert building.sandbox.calls(RESET) == [RESET]
    clock[0] += 31
    await age(home, seconds=20)
    building.sandbox.state.switches.accepted = False
    page = await goes_on(browser, page)
    assert list(rows(page).values()) == ["Proved"] * 8 + ["Waiting"]
    assert building.sandbox.calls(UPDATE) == [UPDATE] * 4


async def test_what_never_shows_is_sent_again_after_a_while_when_asked(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    building.sandbox.state.switches.late = True
    building.sandbox.state.switches.accepted_delay = 1e6
    page = await begun(browser, home)
    page = await browser.follow(await browser.press(page, "Go on"))
    await age(home, minutes=6)
    page = await browser.get(page.path)
    assert "We keep looking" not in row(page, "Contact details cleared")
    building.sandbox.state.switches.late = False
    page = await browser.follow(await browser.press(page, "Try again: Contact details cleared"))
    assert rows(page)["Contact details cleared"] == "Proved"
    assert building.sandbox.calls(RESET) == [RESET] * 2


async def test_owners_that_could_be_written_to_are_cleared_as_well(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    for user in unit.users:
        user.email, user.phone = "r@example.com", "+12025550156"
    before = passphrases(unit)
    page = await begun(browser, home)
    page = await browser.follow(await browser.press(page, "Go on"))
    assert rows(page)["Contact details cleared"] == "Proved"
    assert [(user.email, user.phone) for user in unit.users] == [("", "")] * 2
    assert passphrases(unit) == before
    assert building.sandbox.calls(UPDATE) == [UPDATE] * 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 400}, "RUCKUS One refused the change."),
        ({"status": 503}, "RUCKUS One still shows the old contact details."),
    ],
)
async def test_a_contact_that_stays_is_told(staff, building, clock, fault, said):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)
    building.sandbox.fault(operation=RESET, **fault)
    page = await browser.follow(await browser.press(page, "Go on"))
    assert said in row(page, "Contact details cleared")
    assert await AuditEntry.objects.filter(detail="Not proved: contact details").acount() == 1


async def test_a_home_without_a_number_keeps_its_contact(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)
    building.unit("103").number = ""
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "RUCKUS One didn’t tell us the home’s number" in row(page, "Contact details cleared")


async def test_a_step_is_done_all_the_same_where_staff_say_so(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    old = unit.access_code
    page = await begun(browser, home)
    building.sandbox.fault(operation=RESET, status=400, count=1)
    building.sandbox.state.switches.link_lag = 1e6
    page = await goes_on(browser, page)
    assert list(rows(page).values()) == ["Not proved", "Proved", "Proved"] + ["Waiting"] * 6
    page = await browser.follow(await browser.press(page, "Do it all the same: New link made"))
    assert unit.access_code != old
    assert rows(page)["New link made"] == "Proved"
    assert rows(page)["Old link refused"] == "Not proved"
    assert "The former resident may still get in." in page.words
    button = "Do it all the same: Names and diary deleted, everybody signed out"
    page = await browser.follow(await browser.press(page, button))
    assert rows(page)["Names and diary deleted, everybody signed out"] == "Proved"
    # The old link is known when it is pasted, and is not kept.
    test = "Test the old link: Old link refused"
    page = await browser.follow(await browser.press(page, test))
    assert "The old link may still work." in row(page, "Old link refused")
    page = await browser.follow(await browser.press(page, test, pasted="another"))
    assert "That isn’t the old link." in row(page, "Old link refused")
    page = await browser.follow(await browser.press(page, test, pasted=old))
    assert "The old link may still work." in row(page, "Old link refused")
    clock[0] += 2e6
    page = await browser.follow(await browser.press(page, test, pasted=old))
    assert rows(page)["Old link refused"] == "Proved"
    assert old not in page.text
    # What is not proved stays in the audit log when the move-out is closed.
    page = await browser.follow(await browser.press(page, "Close the move-out"))
    assert "The former resident may still get in." in page.text
    last = await AuditEntry.objects.filter(what="move-out ended").afirst()
    assert last.detail == "The former resident may still get in"
    moved = await MoveOut.objects.aget(home=home)
    page = await browser.get(at(home, f"move-out/{moved.pk}/"))
    assert "Not every step was proved when the move-out was closed." in page.words
    assert not page.root.all("button", class_="button")
    token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    for data in ({}, {"number": "1"}):
        answer = await browser.send(
            "POST", f"{page.path}step/", {"csrfmiddlewaretoken": token, **data}
        )
        assert answer.location == page.path
    await browser.send("POST", f"{page.path}close/", {"csrfmiddlewaretoken": token})
    assert await AuditEntry.objects.filter(what="move-out ended").acount() == 1


async def test_a_move_out_that_kept_everybody_out_is_closed_without_a_letter(
    staff, building, clock
):
    browser = await staff()
    home = await building.home("103")
    page = await moved_out(browser, home)
    page = await browser.follow(await browser.press(page, "Close the move-out"))
    assert "The move-out is closed." in page.text
    assert "may still get in" not in page.words


async def test_passphrases_that_are_hidden_cannot_be_proved(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    unit.hidden = {"GUEST"}
    page = await moved_out(browser, home)
    assert "RUCKUS One hides this passphrase" in row(page, "Guest Wi-Fi passphrase reset")
    # What can't be reset is there once.
    assert list(rows(page)) == [
        step for step in EVERY_STEP if not step.startswith("Guest Wi-Fi passphrase reset once")
    ]
    assert "The former resident may still get in." in page.words
    button = "Try again: Guest Wi-Fi passphrase reset"
    page = await browser.follow(await browser.press(page, button))
    assert await AuditEntry.objects.filter(detail__startswith="Not proved").acount() == 1


async def test_guests_without_wifi_of_their_own_have_no_step(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    unit.users = [user for user in unit.users if user.type == "UNIT"]
    building.sandbox.state.properties[unit.property_id].allow_separate_guest_secret = False
    page = await begun(browser, home)
    assert list(rows(page)) == [each for each in EVERY_STEP if "Guest" not in each]


async def test_a_passphrase_that_is_not_shown_cannot_be_proved(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    page = await begun(browser, home)
    unit.users[0].passphrase = None
    page = await goes_on(browser, page)
    assert "RUCKUS One hides this passphrase" in row(page, "Home Wi-Fi passphrase reset")


async def test_a_step_whose_process_ended_is_not_known_and_looked_at_first(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    page = await begun(browser, home)
    for _ in range(3):
        page = await browser.follow(await browser.press(page, "Go on"))
    # The reset is sent, and the process ends before anybody looks.
    old = unit.access_code
    step = await step_of(home, "link")
    former = link_mark(home.mark, old)
    await LinkReplacement.objects.acreate(home=home, number=1, former=former)
    building.sandbox.state.replace_link(unit)
    await MoveOutStep.objects.filter(pk=step.pk).aupdate(
        state="running", at=timezone.now(), sent=timezone.now(), before=former
    )
    page = await browser.get(page.path)
    assert rows(page)["New link made"] == "Running"
    ago = timezone.now() - timedelta(minutes=2)
    await MoveOutStep.objects.filter(pk=step.pk).aupdate(at=ago, sent=ago)
    page = await browser.get(page.path)
    assert rows(page)["New link made"] == "Not known"
    assert "We look first" in row(page, "New link made")
    assert "The former resident may still get in." in page.words
    # The replacement may have been begun just before the process ended.
    page = await browser.follow(await browser.press(page, "Try again: New link made"))
    assert rows(page)["New link made"] == "Not proved"
    await LinkReplacement.objects.aupdate(started=ago)
    await MoveOut.objects.aupdate(started=ago)
    page = await browser.follow(await browser.press(page, "Try again: New link made"))
    assert rows(page)["New link made"] == "Proved"
    assert rows(page)["Old link refused"] == "Not proved"
    assert building.sandbox.calls(RESET) == [RESET]
    button = "Test the old link: Old link refused"
    page = await browser.follow(await browser.press(page, button, pasted=old))
    page = await goes_on(browser, page)
    assert list(rows(page).values()) == ["Proved"] * 8 + ["Waiting"]


async def test_a_mistake_of_ours_leaves_the_step_not_known(staff, building, clock, monkeypatch):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)

    async def fails(work):
        raise RuntimeError

    monkeypatch.setitem(moving.WORKS, "contact", fails)
    with pytest.raises(RuntimeError):
        await browser.press(page, "Go on")
    assert (await step_of(home, "contact")).state == "running"


async def test_a_reset_that_was_refused_leaves_the_old_link(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)
    for _ in range(3):
        page = await browser.follow(await browser.press(page, "Go on"))
    building.sandbox.fault(operation=RESET, status=403, count=1)
    page = await goes_on(browser, page)
    assert "RUCKUS One refused the change." in row(page, "New link made")
    assert rows(page)["Old link refused"] == "Waiting"
    page = await browser.follow(await browser.press(page, "Try again: New link made"))
    assert rows(page)["New link made"] == "Proved"


async def test_a_reset_whose_answer_is_lost_is_not_sent_again_for_a_while(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)
    for _ in range(3):
        page = await browser.follow(await browser.press(page, "Go on"))
    building.sandbox.fault(operation=RESET, status=503, count=1)
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "RUCKUS One still gives the old link." in row(page, "New link made")
    sent = building.sandbox.calls(RESET)
    button = "Try again: New link made"
    page = await browser.follow(await browser.press(page, button))
    assert building.sandbox.calls(RESET) == sent
    # Nor when the look itself failed.
    building.sandbox.fault(operation="fetchUnit", status=503, count=3)
    page = await browser.follow(await browser.press(page, button))
    assert "RUCKUS One didn’t answer." in row(page, "New link made")
    building.sandbox.mended()
    page = await browser.follow(await browser.press(page, button))
    assert building.sandbox.calls(RESET) == sent
    await age(home, minutes=6)
    page = await browser.follow(await browser.press(page, button))
    assert building.sandbox.calls(RESET) == [*sent, RESET]
    assert rows(page)["New link made"] == rows(page)["Old link refused"] == "Proved"


async def test_what_could_not_be_sent_may_be_tried_at_once(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)
    building.sandbox.fault(operation=RESET, status=429, count=1)
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "RUCKUS One didn’t answer." in row(page, "Contact details cleared")
    building.sandbox.mended()
    page = await browser.follow(await browser.press(page, "Try again: Contact details cleared"))
    assert rows(page)["Contact details cleared"] == "Proved"
    for _ in range(2):
        page = await browser.follow(await browser.press(page, "Go on"))
    building.sandbox.fault(operation="residentFetchUnit", status=503, count=3)
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "RUCKUS One didn’t answer." in row(page, "New link made")
    building.sandbox.mended()
    page = await browser.follow(await browser.press(page, "Try again: New link made"))
    assert rows(page)["New link made"] == "Proved"


async def test_a_home_whose_link_is_not_given_is_moved_out_of_with_what_is_pasted(
    staff, building, clock
):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    building.sandbox.state.management.links[unit.guid] = None
    old = unit.access_code
    page = await browser.get(at(home, "move-out/"))
    assert "We couldn’t read whether household members stay listed." in page.words
    page = await browser.submit(page, "Move out Unit 103", number="103")
    assert page.errors == ["RUCKUS One gives no link for this home. Paste it here if you have it."]
    page = await browser.submit(page, "Move out Unit 103", number=" 103 ", pasted=old)
    page = await browser.follow(page)
    assert list(rows(page).values()) == [
        *["Proved"] * 3,
        "Not proved",
        "Proved",
        *["Waiting"] * 2,
        "Proved",
        "Waiting",
    ]
    assert "Paste the new one to test it." in row(page, "New link made")
    page = await browser.follow(
        await browser.press(page, "Try again: New link made", pasted=unit.access_code)
    )
    # With the new link in hand, what waited for it is done as well.
    assert list(rows(page).values()) == ["Proved"] * 8 + ["Waiting"]
    assert (await LinkReplacement.objects.aget()).new_proved
    assert old not in page.text


async def test_time_is_up_for_what_is_done_at_once(staff, building, clock, monkeypatch):
    monkeypatch.setattr(pages, "AT_ONCE", 0.0)
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    await Home.objects.filter(pk=home.pk).aupdate(link="missing")
    page = await browser.get(at(home, "move-out/"))
    await Home.objects.filter(pk=home.pk).aupdate(link="missing")
    building.sandbox.state.management.links[unit.guid] = None
    page = await browser.submit(page, "Move out Unit 103", number="103")
    page = await browser.submit(page, "Move out Unit 103", number="103", pasted=unit.access_code)
    page = await browser.follow(page)
    assert set(rows(page).values()) == {"Waiting"}
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "Paste the one that works now." in row(page, "Contact details cleared")


async def test_a_suspended_home_says_why_nothing_goes_on(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    page = await begun(browser, home)
    unit.status = "DISABLED"
    building.sandbox.state.switches.lockout = 401
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "The Wi-Fi system refuses the link." in row(page, "Contact details cleared")


async def test_a_link_to_another_home_is_not_used(staff, building, clock):
    browser = await staff()
    home, other = await building.home("103"), building.unit("104")
    building.sandbox.state.management.links[building.unit("103").guid] = None
    page = await begun(browser, home, pasted=other.access_code)
    assert page.status == 422
    assert page.errors == ["The link opens Unit 104 instead. Don’t hand it out."]
    assert not await MoveOut.objects.aexists()
    opened = await open_home(building.property, home, building.unit("103").access_code)
    await moving.start(opened, Member(await User.objects.afirst(), is_owner=True))
    page = await browser.follow(await browser.get(at(home, "move-out/")))
    page = await browser.follow(await browser.press(page, "Go on"))
    button = "Try again: Contact details cleared"
    page = await browser.follow(await browser.press(page, button, pasted=other.access_code))
    said = "The link opens another home. Nothing was changed."
    assert said in row(page, "Contact details cleared")
    # Nor is one that opens a home which staff have not listed.
    await Home.objects.filter(name="104").adelete()
    page = await browser.follow(await browser.press(page, button, pasted=other.access_code))
    assert said in row(page, "Contact details cleared")
    assert building.sandbox.calls(RESET, UPDATE) == []


async def test_a_home_with_an_id_of_its_own_is_known_by_its_number(staff, building, clock):
    browser = await staff()
    await Home.objects.filter(name="103").aupdate(unit_id="f" * 32, link="missing")
    home, unit = await building.home("103"), building.unit("103")
    code = unit.access_code
    await browser.follow(await replaced(browser, home, pasted=code))
    assert unit.access_code != code


async def test_a_manager_moves_homes_of_their_own_property_alone(staff, building, clock):
    home, other = await building.home("103"), await building.home("104")
    owner = await staff()
    page = await begun(owner, home)
    nobody = await staff("manager")
    manager = await staff("manager", building.property, email="m@example.com")
    moved = await MoveOut.objects.aget(home=home)
    for more in ("", f"{moved.pk}/", f"{moved.pk}/step/", f"{moved.pk}/close/"):
        for method in ("GET", "POST"):
            answer = await nobody.send(method, at(home, f"move-out/{more}"))
            assert answer.status in (403, 404, 405)
    # Nor is a move-out reached through another home.
    assert (await manager.get(at(other, f"move-out/{moved.pk}/"))).status == 404
    assert (await manager.get(page.path)).status == 200
    await moved.arefresh_from_db()
    assert moved.ended is None
    assert building.sandbox.calls(RESET, UPDATE) == []


async def test_what_was_told_stays_with_the_old_link_until_it_is_forgotten(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    old = unit.access_code
    page = await begun(browser, home)
    for _ in range(3):
        page = await browser.follow(await browser.press(page, "Go on"))
    assert sorted(await told(home, old)) == [
        "staff-cleared-contact",
        "staff-reset-passphrases",
        "staff-reset-passphrases",
    ]
    await goes_on(browser, page)
    assert await told(home, old) == []
    assert diary.Event.STAFF_REPLACED_LINK in await told(home, unit.access_code)


async def test_an_account_that_is_not_let_in_is_told(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await begun(browser, home)
    building.sandbox.fault(operation="fetchUnit", status=401)
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "RUCKUS One doesn’t let us in." in row(page, "Contact details cleared")


async def test_a_link_that_somebody_else_replaces_at_that_moment_is_left_to_them(
    staff, building, clock, monkeypatch
):
    browser = await staff()
    home = await building.home("103")
    await LinkReplacement.objects.acreate(
        home=home, number=1, former="x", ended=timezone.now(), answer="taken"
    )
    page = await begun(browser, home)
    for _ in range(3):
        page = await browser.follow(await browser.press(page, "Go on"))

    async def too_late(home):
        return 1

    sent = building.sandbox.calls(RESET)
    monkeypatch.setattr(replacing, "next_number", too_late)
    page = await browser.follow(await browser.press(page, "Go on"))
    assert "RUCKUS One still gives the old link." in row(page, "New link made")
    assert building.sandbox.calls(RESET) == sent


async def test_nothing_is_forgotten_before_the_link_is_replaced(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    await begun(browser, home)
    step = await step_of(home, "forget")
    member = Member(await User.objects.afirst(), is_owner=True)
    await moving.do(step, building.property, home, member)
    assert (step.state, step.reason) == ("not proved", "not replaced")


async def test_an_old_link_that_was_found_refused_elsewhere_is_known(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    building.sandbox.state.switches.link_lag = 1e6
    page = await moved_out(browser, home)
    await LinkReplacement.objects.aupdate(old_refused=True)
    page = await browser.follow(await browser.press(page, "Test the old link: Old link refused"))
    assert rows(page)["Old link refused"] == "Proved"


async def test_who_has_the_old_link_never_reads_the_last_passphrase(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    page = await begun(browser, home)
    for _ in range(4):
        page = await browser.follow(await browser.press(page, "Go on"))
    assert rows(page)["Old link refused"] == "Proved"
    readable = passphrases(unit)
    page = await goes_on(browser, page)
    after = passphrases(unit)
    assert all(after[kind] != readable[kind] for kind in ("UNIT", "GUEST"))


async def test_a_passphrase_that_is_first_reset_after_that_is_not_reset_again(
    staff, building, clock
):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    page = await begun(browser, home)
    page = await browser.follow(await browser.press(page, "Go on"))
    building.sandbox.fault(operation=UPDATE, status=400, count=1)
    for _ in range(3):
        page = await browser.follow(await browser.press(page, "Go on"))
    assert rows(page)["Old link refused"] == "Proved"
    assert rows(page)["Home Wi-Fi passphrase reset"] == "Not proved"
    building.sandbox.mended()
    page = await browser.follow(await browser.press(page, "Try again: Home Wi-Fi passphrase reset"))
    once = passphrases(unit)
    building.sandbox.forget_calls()
    page = await browser.follow(await browser.press(page, "Go on"))
    assert rows(page)["Home Wi-Fi passphrase reset once more"] == "Proved"
    assert passphrases(unit) == once
    assert building.sandbox.calls(UPDATE) == []
