"""Somebody else has the link of a home: whom to ask, and how its residents replace it themselves."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.models import LinkHold, Session
from common.property.brand import brands
from sandbox import seeds
from tests.residents.browser import HTMX, Browser, View
from tests.residents.conftest import Sandbox, seeded

HOME = seeded("full branding")
NEIGHBOUR = seeded("system identities hidden")
PATH = "/help/link/replace/"
YES = "Yes, replace our link"
EDIT = "residentEditUnit"
SAVE = "Save contact details"
NOT_NOW = "You can’t replace it here right now"


async def replaced(browser: Browser) -> View:
    """Press the button; the page afterwards."""
    return await browser.submit(await browser.get(PATH), YES)


async def hold(reason: str, home: str = "", **left: float) -> None:
    """Hold back the home of the one browser that is signed in."""
    home = home or (await Session.objects.aget()).home
    ends = timezone.now() + timedelta(**left)
    await LinkHold.objects.acreate(home=home, reason=reason, ends=ends)


async def end_of(reason: str) -> timedelta:
    """Return for how long the one home is held back."""
    return (await LinkHold.objects.aget(reason=reason)).ends - timezone.now()


def contact_of(sandbox: Sandbox, **values: str | None) -> None:
    contact = sandbox.state.units[HOME.unit_guid].contact
    assert contact is not None
    for name, value in values.items():
        setattr(contact, name, value)


def property_of(sandbox: Sandbox, **values: Any) -> None:
    for name, value in values.items():
        setattr(sandbox.state.properties[HOME.property_id], name, value)
    brands.clear()


# Whom to ask ----------------------------------------------------------------------------------


async def test_help_and_privacy_lead_to_the_page(resident):
    browser = await resident()
    for path in ("/help/", "/privacy/"):
        assert (await browser.get(path)).link("Someone else has our link") == "/help/link/"


async def test_the_page_names_whom_to_ask(resident, sandbox):
    view = await (await resident()).get("/help/link/")
    assert "Larkspur House Office can replace it. Your passphrases stay the same." in view.words
    assert view.link("Call +12025550100") == "tel:+12025550100"
    email = "office@larkspur.example.com"
    assert view.link(f"Email {email}") == f"mailto:{email}"
    assert view.link("Sign out everywhere") == "/sign-out-everywhere/"
    assert not sandbox.calls()


async def test_without_a_contact_the_office_is_named_all_the_same(resident):
    view = await (await resident("a profile without content")).get("/help/link/")
    assert "Your building’s office can replace it." in view.words
    assert "Call or visit them." in view.words
    assert not view.root.one("main").all("a", class_="button")[:-2]


async def test_an_email_address_alone_is_the_first_thing_to_press(resident, sandbox):
    browser = await resident()
    property_of(sandbox, management_phone=None)
    view = await browser.get("/help/link/")
    [button] = [a for a in view.root.all("a", class_="button") if "Email" in a.words]
    assert button.attrs["href"] == "mailto:office@larkspur.example.com"
    assert "Call" not in view.words


async def test_it_is_off_unless_it_is_set(resident, sandbox, settings):
    browser = await resident()
    page = await browser.get(PATH)
    settings.LINK_RESET = False
    assert "Replace it yourself" not in (await browser.get("/help/link/")).words
    assert "link was replaced" not in (await browser.get("/privacy/")).words
    sandbox.forget_calls()
    assert (await browser.get(PATH)).status == 404
    assert (await browser.submit(page, YES)).status == 404
    assert not sandbox.calls()


async def test_where_it_is_on_the_pages_say_so(resident):
    browser = await resident()
    view = await browser.get("/help/link/")
    assert "Once a day. Not in the first 7 days" in view.section("Replace it yourself").words
    assert view.link("Replace our link") == PATH
    assert "When your link was replaced here" in (await browser.get("/privacy/")).words


# It works -------------------------------------------------------------------------------------


async def test_looking_at_the_question_changes_nothing(resident, sandbox):
    browser = await resident()
    view = await browser.get(PATH)
    assert "c•••@example.com" in view.words
    assert "casey@" not in view.text
    assert "5550138" not in view.text
    assert view.link("Cancel") == "/help/link/"
    assert sorted(sandbox.calls()) == ["residentFetchProperty", "residentFetchUnit"]
    assert not await LinkHold.objects.aexists()


async def test_the_link_is_replaced_and_everybody_signed_out(resident, sandbox):
    browser, other, neighbour = await resident(), await resident(), Browser()
    await neighbour.sign_in(NEIGHBOUR)
    sandbox.state.switches.tokens_outlive_link = True
    view = await replaced(browser)
    assert (view.status, view.heading) == (200, "A new link is on its way")
    assert "c•••@example.com" in view.words
    assert "The old link may still work for a moment." in view.words
    assert not view.root.all("nav")
    assert view.section("Building’s office")
    assert sandbox.calls(EDIT) == [EDIT]

    # Not here,
    assert not browser.cookie
    assert (await browser.get("/contact/")).status == 401
    # nor on another device, although its token lives,
    assert (await other.get("/contact/")).status == 401
    # but next door.
    assert (await neighbour.get("/contact/")).status == 200
    assert await Session.objects.acount() == 1

    [message] = sandbox.state.messages
    assert message["to"] == "casey@example.com"
    welcome = await browser.get(f"/p/{HOME.property_id}/")
    back = await browser.submit(welcome, "Open my Wi-Fi", secret=message["link"])
    assert (await browser.follow(back)).heading == "Unit 2338"
    old = await neighbour.submit(
        await neighbour.get(f"/p/{HOME.property_id}/"), "Open my Wi-Fi", secret=HOME.secret
    )
    assert old.status == 401


async def test_the_form_leaves_htmx_alone(resident):
    form = (await (await resident()).get(PATH)).form(YES)
    assert form.attrs["data-hx-boost"] == "false"


async def test_each_place_to_which_a_message_goes_is_shown(resident, sandbox):
    browser = await resident()
    property_of(sandbox, send_sms=True)
    words = (await browser.get(PATH)).words
    assert "c•••@example.com" in words
    assert "•••• 38" in words
    property_of(sandbox, send_email=False)
    words = (await browser.get(PATH)).words
    assert "example.com" not in words
    assert "•••• 38" in words


async def test_a_sent_form_that_comes_again_finds_nobody_signed_in(resident, sandbox):
    browser = await resident()
    page = await browser.get(PATH)
    await browser.submit(page, YES)
    again = await browser.submit(page, YES)
    assert (again.status, len(sandbox.calls(EDIT))) == (401, 1)


# Never twice ----------------------------------------------------------------------------------


async def test_of_two_phones_at_once_one_replaces_the_link(resident, sandbox):
    first, second = await resident(), await resident()
    pages = [await first.get(PATH), await second.get(PATH)]
    gate = sandbox.wire.hold_back("/units", "PUT")
    sending = asyncio.create_task(first.submit(pages[0], YES))
    await gate.reached.wait()
    other = await second.submit(pages[1], YES)
    assert other.status == 409
    assert "replaced here less than a day ago, or somebody tried to" in other.words
    gate.open.set()
    assert (await sending).heading == "A new link is on its way"
    assert sandbox.calls(EDIT) == [EDIT]


async def test_two_that_pass_the_look_at_the_same_moment_are_told_apart(
    resident, sandbox, monkeypatch
):
    first, second = await resident(), await resident()
    pages = [await first.get(PATH), await second.get(PATH)]
    gate = sandbox.wire.hold_back("/units", "PUT")
    sending = asyncio.create_task(first.submit(pages[0], YES))
    await gate.reached.wait()
    # The second one has looked already: it is the row that lets one.
    monkeypatch.setattr("residents.home.link.hindrance_of", once(nothing_at_all))
    other = await second.submit(pages[1], YES)
    assert other.status == 409
    gate.open.set()
    await sending
    assert sandbox.calls(EDIT) == [EDIT]


async def nothing_at_all(*args: Any) -> None:
    return None


def once(stand_in: Any) -> Any:
    """The stand-in the first time, and what stood there afterwards."""
    from residents.home.link import hindrance_of

    answers = [stand_in]

    async def call(*args: Any) -> Any:
        return await (answers.pop() if answers else hindrance_of)(*args)

    return call


async def test_once_a_day(resident, sandbox):
    browser = await resident()
    await hold("replaced", hours=23)
    for view in (await browser.get(PATH), await browser.get(PATH, **HTMX)):
        assert view.status == 200
        assert NOT_NOW in view.words
        assert not view.root.all("input", name="to")
    await LinkHold.objects.all().adelete()
    page = await browser.get(PATH)
    await hold("replaced", hours=23)
    view = await browser.submit(page, YES)
    assert (view.status, sandbox.calls(EDIT)) == (409, [])
    assert NOT_NOW in view.words


async def test_the_next_day_it_can_be_done_again(resident, sandbox):
    browser = await resident()
    await hold("replaced", seconds=-1)
    assert (await replaced(browser)).heading == "A new link is on its way"
    assert timedelta(hours=23) < await end_of("replaced") <= timedelta(days=1)


async def test_another_home_may_do_it_meanwhile(resident, sandbox):
    browser = await resident()
    await hold("replaced", home="of somebody else", hours=23)
    assert (await replaced(browser)).heading == "A new link is on its way"


async def test_who_hangs_up_has_replaced_the_link_all_the_same(resident, sandbox):
    browser = await resident()
    page = await browser.get(PATH)
    gate = sandbox.wire.hold_back("/units", "PUT")
    sending = asyncio.create_task(browser.submit(page, YES))
    await gate.reached.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await Session.objects.aexists()
    gate.open.set()
    for upstream in sandbox.upstreams:
        await upstream.drain()
    assert sandbox.calls(EDIT) == [EDIT]
    assert not await Session.objects.aexists()


# Where it goes --------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [None, "", " "])
async def test_without_an_address_or_a_number_it_is_not_offered(resident, sandbox, nothing):
    browser = await resident()
    page = await browser.get(PATH)
    contact_of(sandbox, email=nothing, phone=nothing)
    assert "There’s no email address or phone number on file" in (await browser.get(PATH)).words
    view = await browser.submit(page, YES)
    assert (view.status, sandbox.calls(EDIT)) == (409, [])
    assert "ask the building’s office for a new link" in view.words
    assert view.section("Building’s office")
    assert not sandbox.state.messages


async def test_where_the_building_sends_no_messages_it_is_not_offered(resident, sandbox):
    browser = await resident()
    for value in (False, None):
        property_of(sandbox, send_email=value)
        assert "Your building doesn’t send messages" in (await browser.get(PATH)).words


async def test_while_nobody_knows_where_it_would_go_it_is_not_offered(resident, sandbox):
    browser = await resident()
    page = await browser.get(PATH)
    sandbox.fault(operation="residentFetchProperty", status=500)
    for view in (await browser.get(PATH), await browser.submit(page, YES)):
        assert view.status == 503
        assert "We can’t reach the Wi-Fi system" in view.words
    assert not sandbox.calls(EDIT)
    sandbox.mended()
    sandbox.fault(operation="residentFetchProperty", status=404)
    assert "Your building doesn’t send messages" in (await browser.get(PATH)).words


async def test_a_destination_that_changed_since_the_question_is_shown_first(resident, sandbox):
    browser = await resident()
    page = await browser.get(PATH)
    contact_of(sandbox, email="new@example.org")
    view = await browser.submit(page, YES)
    assert view.status == 409
    assert "Check where the new link goes" in view.words
    assert "n•••@example.org" in view.words
    assert not sandbox.calls(EDIT)
    assert (await browser.submit(view, YES)).heading == "A new link is on its way"
    assert sandbox.state.messages[0]["to"] == "new@example.org"


# After a change of the contact ------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [{"email": "thief@example.net"}, {"phone_number": "2025550199"}, {"email": ""}],
    ids=str,
)
async def test_after_a_change_of_address_or_number_it_is_refused_for_seven_days(
    resident, sandbox, typed
):
    browser = await resident()
    page = await browser.get(PATH)
    await browser.submit(await browser.get("/contact/"), SAVE, **typed)
    assert timedelta(days=6, hours=23) < await end_of("contact") <= timedelta(days=7)
    sandbox.forget_calls()
    view = await browser.get(PATH)
    assert NOT_NOW in view.words
    if typed.get("email") != "":
        assert "changed here in the last 7 days" in view.words
    assert (await browser.submit(page, YES)).status == 409
    assert not sandbox.calls(EDIT)
    # From another phone it is no better.
    assert NOT_NOW in (await (await resident()).get(PATH)).words

    await LinkHold.objects.aupdate(ends=timezone.now())
    if typed.get("email") != "":
        assert (await replaced(browser)).heading == "A new link is on its way"


async def test_another_change_begins_the_seven_days_anew(resident):
    browser = await resident()
    await hold("contact", days=1)
    await browser.submit(await browser.get("/contact/"), SAVE, email="thief@example.net")
    assert await end_of("contact") > timedelta(days=6)


async def test_a_change_of_the_name_alone_means_nothing(resident):
    browser = await resident()
    await browser.submit(await browser.get("/contact/"), SAVE, name="New Name")
    assert not await LinkHold.objects.aexists()


async def test_a_change_whose_answer_is_lost_counts(resident, sandbox):
    browser = await resident()
    page = await browser.get("/contact/")
    sandbox.fault(operation=EDIT, status=504, apply=True)
    await browser.submit(page, SAVE, email="thief@example.net")
    assert await end_of("contact") > timedelta(days=6)


async def test_where_it_is_off_changes_are_not_noted(resident, settings):
    settings.LINK_RESET = False
    browser = await resident()
    await browser.submit(await browser.get("/contact/"), SAVE, email="new@example.net")
    assert not await LinkHold.objects.aexists()


async def test_the_contact_stays_while_the_message_may_be_on_its_way(resident, sandbox):
    browser = await resident()
    page = await browser.get("/contact/")
    await hold("replaced", hours=23, minutes=51)
    view = await browser.submit(page, SAVE, email="thief@example.net")
    assert view.status == 403
    assert "Your link was just replaced" in view.words
    assert "Nothing was changed." in view.words
    assert view.root.one("input", name="email").attrs["value"] == "thief@example.net"
    assert not sandbox.calls(EDIT)
    # The name is nobody's address.
    assert (await browser.submit(page, SAVE, name="New Name")).status == 302

    await LinkHold.objects.filter(reason="replaced").aupdate(
        ends=timezone.now() + timedelta(hours=23, minutes=49)
    )
    page = await browser.get("/contact/")
    assert (await browser.submit(page, SAVE, email="new@example.net")).status == 302


async def test_a_change_and_a_replacement_at_once_do_not_both_go_out(resident, sandbox):
    """The change is noted after the question was answered, and before the reset is sent."""
    browser, thief = await resident(), await resident()
    pages = await browser.get(PATH), await thief.get("/contact/")
    gate = sandbox.wire.hold_back("/units", "PUT")
    changing = asyncio.create_task(thief.submit(pages[1], SAVE, email="thief@example.net"))
    await gate.reached.wait()
    view = await browser.submit(pages[0], YES)
    assert view.status == 409
    gate.open.set()
    await changing
    assert sandbox.state.units[HOME.unit_guid].access_code == HOME.secret


async def test_a_change_that_is_noted_between_look_and_claim_is_seen(
    resident, sandbox, monkeypatch
):
    browser = await resident()
    page = await browser.get(PATH)
    await hold("contact", days=7)
    monkeypatch.setattr("residents.home.link.hindrance_of", once(nothing_at_all))
    view = await browser.submit(page, YES)
    assert (view.status, sandbox.calls(EDIT)) == (409, [])
    assert "changed here in the last 7 days" in view.words
    # The right is given back.
    assert not await LinkHold.objects.filter(reason="replaced").aexists()


# What fails -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset"},
        {"kind": "reset_after"},
        {"status": 504},
        {"status": 504, "apply": True},
        {"kind": "html"},
        {"status": 401},
    ],
    ids=str,
)
async def test_nobody_knows_what_became_of_a_reset_without_an_answer(resident, sandbox, fault):
    browser, other = await resident(), await resident()
    sandbox.state.switches.tokens_outlive_link = True
    page = await browser.get(PATH)
    sandbox.fault(operation=EDIT, count=1, **fault)
    view = await browser.submit(page, YES)
    assert (view.status, view.heading) == (200, "We don’t know if your link was replaced")
    assert "your old link may still work" in view.words
    assert "c•••@example.com" in view.words
    assert sandbox.calls(EDIT) == [EDIT]
    # It may have taken place: so it counts, and everybody is signed out.
    assert await end_of("replaced") > timedelta(hours=23)
    assert (await other.get("/contact/")).status == 401


async def test_a_reset_that_is_not_answered_in_time_is_not_sent_again(resident, sandbox, settings):
    browser = await resident()
    page = await browser.get(PATH)
    gate = sandbox.wire.hold_back("/units", "PUT")
    settings.RUCKUS_DEADLINE = 1.0
    view = await browser.submit(page, YES)
    assert view.heading == "We don’t know if your link was replaced"
    assert gate.reached.is_set()
    gate.open.set()
    assert (await browser.submit(page, YES)).status == 401
    # Cut off on its way, it never arrived, and no other one did.
    assert not sandbox.calls(EDIT)


@pytest.mark.parametrize("status", [400, 403, 404, 422])
async def test_a_reset_that_is_refused_leaves_everybody_signed_in(resident, sandbox, status):
    browser = await resident()
    page = await browser.get(PATH)
    sandbox.fault(operation=EDIT, status=status)
    view = await browser.submit(page, YES)
    assert view.status == 422
    assert "That wasn’t accepted" in view.words
    assert "ask the building’s office" in view.words
    assert (await browser.get("/contact/")).status == 200
    # What refused may not have been the last to see it: it is not sent again today.
    assert NOT_NOW in (await browser.get(PATH)).words


async def test_a_reset_that_was_surely_not_sent_can_be_tried_again(resident, sandbox):
    browser = await resident()
    page = await browser.get(PATH)
    sandbox.fault(operation=EDIT, status=429, headers={"Retry-After": "1"})
    view = await browser.submit(page, YES)
    assert view.status == 503
    assert "Nothing was changed. Try again in a minute." in view.words
    assert not await LinkHold.objects.aexists()
    sandbox.mended()
    assert (await browser.submit(view, YES)).heading == "A new link is on its way"


async def test_a_suspended_home_has_no_link_to_replace(resident, sandbox):
    browser = await resident()
    page = await browser.get(PATH)
    sandbox.state.units[HOME.unit_guid].status = "DISABLED"
    for view in (await browser.get(PATH), await browser.submit(page, YES)):
        assert view.status == 403
        assert "This home’s Wi-Fi is suspended" in view.words
    assert not sandbox.calls(EDIT)


async def test_a_form_without_its_token_changes_nothing(resident, sandbox):
    browser = await resident()
    page = await browser.get(PATH)
    view = await browser.submit(page, YES, csrfmiddlewaretoken="x" * 64)
    assert (view.status, sandbox.calls(EDIT)) == (403, [])


async def test_a_form_of_another_home_changes_nothing(resident, sandbox):
    browser = await resident()
    page = await browser.get(PATH)
    home = await browser.sign_in(NEIGHBOUR)
    token = home.form("Sign out").one("input", name="csrfmiddlewaretoken").attrs["value"]
    view = await browser.submit(page, YES, csrfmiddlewaretoken=token)
    assert (view.status, view.heading) == (409, "This form belongs to another home")
    assert not sandbox.calls(EDIT)


async def test_what_is_stored_tells_nothing_of_the_home(resident, sandbox):
    browser = await resident()
    await browser.submit(await browser.get("/contact/"), SAVE, email="new@example.net")
    [row] = [row async for row in LinkHold.objects.values()]
    assert row.keys() == {"id", "home", "reason", "ends"}
    stored = str(row)
    for told in (HOME.secret, HOME.property_id, HOME.unit_guid, "2338", "new@", "casey"):
        assert told not in stored


async def test_what_is_over_goes_when_somebody_signs_in(resident):
    await resident()
    await hold("contact", seconds=-1)
    await resident()
    assert not await LinkHold.objects.aexists()


def test_seeds_send_messages_as_these_tests_expect():
    assert (seeds.BRANDED.send_email, seeds.BRANDED.send_sms) == (True, False)
