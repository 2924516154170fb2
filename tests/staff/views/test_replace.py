"""A home gets a new link: once, and with what is known of it told for itself."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from common import link_holds
from common.models import OpenedHome, Session
from ruckus import link_replacement
from sandbox import seeds
from staff.handover import replacing
from staff.models import AuditEntry, Home, LinkReplacement
from tests.residents.browser import Browser
from tests.staff.views.test_home import at, entries, told

RESET = "residentEditUnit"


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
    return now


async def replacement(home):
    return await LinkReplacement.objects.filter(home=home).afirst()


async def replaced(browser, home, **typed):
    page = await browser.get(at(home, "replace/"))
    return await browser.submit(page, "Replace the link", **typed)


def facts(row):
    return row.answer, row.new_proved, row.old_refused


async def sign_in_resident(building, number):
    """A browser of who lives there."""
    unit = building.unit(number)
    browser = Browser()
    await browser.sign_in(seeds.Home("", "", unit))
    return browser


async def test_it_is_asked_first_and_says_what_happens(staff, building):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(at(home, "replace/"))
    assert page.heading == "Replace the link of Unit 103?"
    assert "Passphrases stay the same" in page.words
    assert "new link to: home103@example.com, +12025550156" in page.words
    assert building.sandbox.calls(RESET) == []
    assert await entries(home) == []
    assert not await LinkReplacement.objects.aexists()


async def test_without_a_contact_nobody_is_written_to(staff, building):
    browser = await staff()
    home = await building.home("103")
    building.unit("103").contact = None
    page = await browser.get(at(home, "replace/"))
    assert "You hand out the new link" in page.words
    building.sandbox.fault(operation="fetchUnit", status=503)
    page = await browser.get(at(home, "replace/"))
    assert "It didn’t tell us who that is" in page.words


async def test_everybody_is_signed_out_of_a_home_whose_mark_is_from_before_keys_were_made_anew(
    staff, building, clock
):
    browser = await staff()
    home = await building.home("103")
    resident = await sign_in_resident(building, "103")
    await Home.objects.filter(pk=home.pk).aupdate(mark="an earlier one")
    await replaced(browser, home)
    assert not await Session.objects.filter(home=home.mark).aexists()
    assert (await resident.get("/")).heading != "Unit 103"


async def test_the_link_is_replaced_and_both_facts_are_proved(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    old = unit.access_code
    resident = await sign_in_resident(building, "103")
    await Home.objects.filter(pk=home.pk).aupdate(
        handed_out=timezone.now(), handed_out_how="letter", link="ready", link_proved=True
    )
    page = await browser.follow(await replaced(browser, home))
    assert page.heading == "New link for Unit 103"
    assert "The link is replaced." in page.words
    assert building.sandbox.calls(RESET) == [RESET]
    assert unit.access_code != old
    assert facts(await replacement(home)) == ("taken", True, True)
    assert await entries(home) == ["link replaced"]
    for code in (old, unit.access_code):
        assert "staff-replaced-link" in await told(home, code)
    await home.arefresh_from_db()
    assert (home.link, home.link_proved) == ("ready", True)
    assert (home.handed_out, home.handed_out_how, home.handed_out_by_id) == (None, "", None)
    assert not await OpenedHome.objects.filter(home=home.mark).aexists()
    assert not await Session.objects.filter(home=home.mark).aexists()
    assert (await resident.get("/")).heading != "Unit 103"
    # Residents can't do it again right away, nor the old code be found anywhere.
    assert link_holds.Reason.REPLACED in await link_holds.held_until(home.mark)
    for code in (old, unit.access_code):
        assert code not in page.text


async def test_an_old_link_that_lags_may_still_work(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    old = unit.access_code
    building.sandbox.state.switches.link_lag = 100
    page = await browser.follow(await replaced(browser, home))
    assert "The old link may still work." in page.words
    assert facts(await replacement(home)) == ("taken", True, False)
    page = await browser.follow(await browser.press(page, "Test the old link", pasted=old))
    assert "The old link still works." in page.text
    page = await browser.follow(await browser.press(page, "Test the old link", pasted="another"))
    assert "That isn’t the old link." in page.text
    clock[0] += 101
    page = await browser.follow(await browser.press(page, "Test the old link", pasted=old))
    assert "The link is replaced." in page.words
    assert facts(await replacement(home)) == ("taken", True, True)
    assert await entries(home) == ["link replaced", *["link tested"] * 3]
    assert building.sandbox.calls(RESET) == [RESET]


async def test_tokens_that_outlive_the_link_open_nothing_here(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    building.sandbox.state.switches.tokens_outlive_link = True
    resident = await sign_in_resident(building, "103")
    await replaced(browser, home)
    assert (await resident.get("/")).heading != "Unit 103"


async def test_a_reset_whose_answer_is_lost_is_told_as_unknown_then_looked_for(
    staff, building, clock
):
    browser = await staff()
    home = await building.home("103")
    resident = await sign_in_resident(building, "103")
    building.sandbox.fault(operation=RESET, status=503)
    page = await browser.follow(await replaced(browser, home))
    assert "we don’t know whether the link was replaced" in page.words
    assert facts(await replacement(home)) == ("unknown", False, False)
    assert (await resident.get("/")).heading != "Unit 103"
    page = await browser.follow(await browser.press(page, "Look for the new link"))
    assert "RUCKUS One still has the old link." in page.text
    building.unit("103").access_code = "it came later"
    page = await browser.follow(await browser.press(page, "Look for the new link"))
    assert facts(await replacement(home)) == ("unknown", True, False)
    assert "staff-replaced-link" in await told(home, "it came later")


async def test_a_new_link_that_comes_late_keeps_what_was_handed_out_since(staff, building, clock):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    building.sandbox.state.management.links[unit.guid] = None
    old = unit.access_code
    page = await browser.get(at(home, "replace/"))
    page = await browser.submit(page, "Replace the link")
    assert page.status == 422
    assert page.errors == ["RUCKUS One gives no link for this home. Paste it here if you have it."]
    page = await browser.submit(page, "Replace the link", pasted=old)
    assert page.status == 302
    page = await browser.follow(page)
    assert "The old link opens nothing any more." in page.words
    assert facts(await replacement(home)) == ("taken", False, True)
    await Home.objects.filter(pk=home.pk).aupdate(handed_out=timezone.now())
    page = await browser.follow(await browser.press(page, "Look for the new link"))
    assert "gives no link for this home" in page.text
    page = await browser.follow(
        await browser.press(page, "Look for the new link", pasted=unit.access_code)
    )
    assert facts(await replacement(home)) == ("taken", True, True)
    await home.arefresh_from_db()
    assert home.handed_out is not None
    assert old not in page.text
    assert unit.access_code not in page.text


async def test_a_refusal_is_told_and_changes_nothing(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    building.sandbox.fault(operation=RESET, status=403)
    await Home.objects.filter(pk=home.pk).aupdate(handed_out=timezone.now())
    page = await browser.follow(await replaced(browser, home))
    assert "RUCKUS One refused to replace the link." in page.words
    await home.arefresh_from_db()
    assert home.handed_out is not None
    assert page.link("Replace it again") == at(home, "replace/")


async def test_what_could_not_be_sent_can_be_asked_for_again(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    building.sandbox.fault("disconnect", operation=RESET)
    building.sandbox.fault(operation="residentFetchUnit", status=503)
    page = await replaced(browser, home)
    assert page.status == 503
    row = await replacement(home)
    assert row.answer == "not sent"
    assert await link_holds.held_until(home.mark) == {}
    # What residents did before stays as it was.
    await link_holds.claim(home.mark)
    assert (await replaced(browser, home)).status == 503
    assert link_holds.Reason.REPLACED in await link_holds.held_until(home.mark)
    page = await browser.get(at(home, "replace/1/"))
    assert "Nothing was sent." in page.words
    building.sandbox.mended()
    page = await browser.follow(await replaced(browser, home))
    assert facts(await replacement(home)) == ("taken", True, True)


async def test_a_form_that_is_sent_twice_replaces_once(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(at(home, "replace/"))
    first, second = await asyncio.gather(
        browser.submit(page, "Replace the link"), browser.submit(page, "Replace the link")
    )
    assert first.location == second.location == at(home, "replace/1/")
    assert building.sandbox.calls(RESET) == [RESET]
    # So does one that is sent again later, or from the page of somebody else.
    third = await browser.submit(page, "Replace the link")
    assert third.location == at(home, "replace/1/")
    assert building.sandbox.calls(RESET) == [RESET]
    assert await entries(home) == ["link replaced"]


@pytest.mark.parametrize("number", ["", "x", "0" * 9])
async def test_a_form_without_its_number_is_none(staff, building, number):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(at(home, "replace/"))
    page = await browser.submit(page, "Replace the link", number=number)
    assert page.status == 400


async def test_a_number_that_is_ahead_gets_nothing(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(at(home, "replace/"))
    page = await browser.submit(page, "Replace the link", number="7")
    assert building.sandbox.calls(RESET) == []
    assert (await browser.follow(page)).status == 404


async def test_what_is_too_long_for_a_link_is_refused(staff, building, clock):
    browser = await staff()
    home = await building.home("103")
    await Home.objects.filter(pk=home.pk).aupdate(link="missing")
    page = await browser.get(at(home, "replace/"))
    page = await browser.submit(page, "Replace the link", pasted="x" * 9000)
    assert page.status == 422
    assert building.sandbox.calls(RESET) == []


async def test_others_see_that_it_is_under_way(staff, building):
    browser = await staff()
    home = await building.home("103")
    row = await LinkReplacement.objects.acreate(home=home, number=1, former="x")
    result = at(home, "replace/1/")
    assert (await browser.get(at(home, "replace/"))).location == result
    page = await browser.get(result)
    assert "The link is being replaced." in page.words
    assert page.root.one(id="known").attrs["data-hx-get"] == result
    part = await browser.htmx(result, "known")
    assert "The link is being replaced." in part.words
    # Nothing is looked for meanwhile, and no other is begun.
    token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    answer = await browser.send("POST", result, {"csrfmiddlewaretoken": token, "do": "old"})
    assert answer.location == result
    assert await entries(home) == []
    opened = await replacing.open_home(building.property, home)
    assert await replacing.begin(opened, 2, None) is None
    # The process that was at it has ended.
    await LinkReplacement.objects.filter(pk=row.pk).aupdate(
        started=timezone.now() - timedelta(minutes=2)
    )
    page = await browser.get(result)
    assert "we don’t know whether the link was replaced" in page.words
    assert page.link("Replace it again") == at(home, "replace/")


async def test_a_new_link_that_opens_another_home_is_not_proved(
    staff, building, clock, monkeypatch
):
    browser = await staff()
    home = await building.home("103")
    monkeypatch.setattr(replacing, "same_id", lambda one, other: False)
    await browser.follow(await replaced(browser, home))
    assert facts(await replacement(home)) == ("taken", False, True)


async def test_a_manager_replaces_links_of_their_own_property_alone(staff, building, clock):
    home = await building.home("103")
    nobody = await staff("manager")
    for method in ("GET", "POST"):
        for more in ("replace/", "replace/1/"):
            page = await nobody.send(method, at(home, more))
            assert page.status in (403, 404)
    assert building.sandbox.calls(RESET) == []
    manager = await staff("manager", building.property, email="m@example.com")
    await browser_replaces(manager, home)
    assert await AuditEntry.objects.filter(what="link replaced", who="M").aexists()


async def browser_replaces(browser, home):
    page = await browser.follow(await replaced(browser, home))
    assert "The link is replaced." in page.words


async def test_an_old_link_that_is_refused_proves_a_replacement_nobody_answered_for(
    staff, building, clock
):
    browser = await staff()
    home, unit = await building.home("103"), building.unit("103")
    old = unit.access_code
    building.sandbox.fault(operation=RESET, status=503)
    page = await browser.follow(await replaced(browser, home))
    await Home.objects.filter(pk=home.pk).aupdate(handed_out=timezone.now())
    unit.access_code = "it came later"
    page = await browser.follow(await browser.press(page, "Test the old link", pasted=old))
    assert "The old link opens nothing any more." in page.words
    await home.arefresh_from_db()
    assert home.handed_out is None
    page = await browser.follow(await browser.press(page, "Look for the new link"))
    assert "The link is replaced." in page.words
    # Somebody who still has the earlier page looks once more.
    token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    data = {"csrfmiddlewaretoken": token, "do": "new", "pasted": ""}
    assert (await browser.send("POST", page.path, data)).location == page.path
    assert facts(await replacement(home)) == ("unknown", True, True)
