"""Passphrases: shown exactly, reset or chosen, and new only once they were read back."""

import asyncio
import html
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from common.models import AwaitedWrite, Session
from common.property import brand
from residents.forms import PassphraseForm
from residents.home import awaited_writes
from residents.home.phrases import easy_phrase
from residents.home.sections import LOOKS
from ruckus.errors import Unavailable
from ruckus.resident import ResidentApi
from ruckus.resident_types import UnitUser
from sandbox import seeds
from tests.residents.browser import Browser, View
from tests.residents.conftest import Sandbox, seeded

HOME = seeded("full branding")
PLAIN = seeded("no portal profile")
ODD = seeded("markup and emoji and right-to-left text")
KINDS = ["unit", "guest", "linked"]
CONFIRMED = "Your passphrase is changed."
WAITING = "Setting your new passphrase…"
UNCONFIRMED = "We couldn’t confirm the new passphrase yet."


def at(kind: str, user: seeds.User, page: str = "") -> str:
    return f"/wifi/{kind}/{user.id}/{page}"


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def code(view: View) -> str:
    """The passphrase on the page."""
    return view.root.one("code", class_="code").text


async def ask_for_reset(browser: Browser, kind: str, user: seeds.User) -> View:
    page = await browser.get(at(kind, user, "reset/"))
    return await browser.submit(page, "Reset passphrase")


async def choose(browser: Browser, kind: str, user: seeds.User, passphrase: str) -> View:
    page = await browser.get(at(kind, user, "choose/"))
    return await browser.submit(page, "Save passphrase", passphrase=passphrase)


# Resetting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a_reset_asks_first_and_shows_the_new_one_once_it_was_read_back(
    resident, sandbox: Sandbox, kind
):
    browser = await resident()
    user = sandbox.user(HOME, kind.upper())
    before = user.passphrase
    asked = await browser.get(at(kind, user, "reset/"))
    assert user.passphrase == before
    assert "You may be disconnected before you see the new passphrase." in asked.words
    assert "You may also get a message with the new passphrase." in asked.words
    dropping = [device for device in user.devices if device.auth_type == "DPSK"]
    assert f"{len(dropping)} devices will be disconnected" in asked.words
    assert {device.mac for device in dropping} == {name.split()[-1] for name in asked.devices}
    # Those that were added by their address go on as they are.
    staying = [device for device in user.devices if device.auth_type == "MACREG"]
    assert (f"{len(staying)} devices stay connected" in asked.words) == bool(staying)
    for device in staying:
        assert device.mac in asked.words
    sandbox.forget_calls()
    sent = await browser.submit(asked, "Reset passphrase")
    assert sandbox.calls() == ["residentFetchUnit", "getUnitUser", "updateUnitUser"]
    assert sent.location == at(kind, user)
    assert str(user.passphrase) not in str(sent.headers)
    after = await browser.follow(sent)
    assert sandbox.calls()[3:] == ["getUnitUser"]
    assert CONFIRMED in after.words
    assert code(after) == user.passphrase != before
    assert "hidden" not in after.root.one("code", class_="code").attrs
    # It is said, and shown, once.
    again = await browser.get(at(kind, user))
    assert CONFIRMED not in again.words
    assert "hidden" in again.root.one("code", class_="code").attrs


async def test_a_reset_changes_nothing_else_of_the_user(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME, "LINKED", "Riley Example")
    await ask_for_reset(browser, "linked", user)
    assert (user.name, user.email, user.phone) == (
        "Riley Example",
        "riley@example.com",
        "+12025550142",
    )


@pytest.mark.parametrize("switch", ["accepted", "late"])
async def test_a_reset_that_takes_its_time_is_waited_for(resident, sandbox: Sandbox, switch):
    setattr(sandbox.state.switches, switch, True)
    sandbox.state.switches.accepted_delay = 3600.0
    browser = await resident()
    user = sandbox.user(HOME)
    view = await browser.follow(await ask_for_reset(browser, "unit", user))
    assert WAITING in view.words
    # The old one is not offered as if it were the new.
    assert str(user.passphrase) not in html.unescape(view.text)
    assert "QR code" not in view.words
    section = view.section("Home Wi-Fi")
    assert section.attrs["data-hx-get"] == f"{at('unit', user)}?look=1"
    assert section.attrs["data-hx-trigger"] == "load delay:1s, look"
    # Without a script the browser asks again by itself.
    refresh = view.root.one("noscript").one("meta")
    assert refresh.attrs["content"] == f"1; url={at('unit', user)}?look=1"
    # Other pages know as well.
    assert WAITING in (await browser.get("/")).section("Home Wi-Fi").words
    assert "There’s no code to show" in (await browser.get(at("unit", user, "qr/"))).words

    sandbox.state.settle(everything=True)
    part = await browser.htmx(section.attrs["data-hx-get"], f"wifi-{user.id}")
    assert not part.root.all("main")
    assert CONFIRMED in part.words
    assert code(part) == user.passphrase
    assert "data-hx-get" not in part.root.one("section").attrs


async def test_looking_ends_and_is_offered_again(resident, sandbox: Sandbox):
    sandbox.state.switches.late = True
    sandbox.state.switches.accepted_delay = 3600.0
    browser = await resident()
    user = sandbox.user(HOME)
    view = await browser.follow(await ask_for_reset(browser, "unit", user))
    # A second one, asked for by mistake, would end the first.
    assert "Reset passphrase" not in view.words
    looks, waited = 0, 0
    while "data-hx-get" in (section := view.section("Home Wi-Fi")).attrs:
        looks += 1
        seconds = re.fullmatch(r"load delay:(\d+)s, look", section.attrs["data-hx-trigger"])
        assert seconds
        waited += int(seconds[1])
        view = await browser.get(section.attrs["data-hx-get"])
    assert looks == len(LOOKS)
    # A minute at least, and not for ever.
    assert 60 <= waited <= 300
    assert UNCONFIRMED in view.words
    # What is stored can be seen, for it may be what works.
    assert code(view) == user.passphrase
    assert view.link("Check again") == at("unit", user)
    assert not view.root.all("noscript")
    # A second one waits: whatever shows before it, the first may still replace.
    assert "for 10 minutes at most, nothing else can be changed." in view.words
    assert not await AwaitedWrite.objects.filter(ends__gt=later(601)).aexists()


@pytest.mark.parametrize("look", ["-1", "x", "999999999", "1" * 5000, "٣", "1.5", ""])
async def test_a_look_of_any_number_is_answered(resident, sandbox: Sandbox, look):
    browser = await resident()
    sandbox.state.switches.late = True
    user = sandbox.user(HOME)
    await ask_for_reset(browser, "unit", user)
    assert (await browser.get(f"{at('unit', user)}?look={look}")).status == 200


async def test_a_change_that_never_comes_is_forgotten_after_ten_minutes(
    resident, sandbox: Sandbox, monkeypatch
):
    sandbox.state.switches.late = True
    sandbox.state.switches.accepted_delay = 7200.0
    browser = await resident()
    user = sandbox.user(HOME)
    await ask_for_reset(browser, "unit", user)
    for seconds, waiting in ((590, True), (610, False), (610, False)):
        monkeypatch.setattr(timezone, "now", lambda seconds=seconds: later(seconds))
        view = await browser.get(at("unit", user))
        assert (WAITING in view.words) == waiting
        assert CONFIRMED not in view.words
    # Then it can be tried again, and what was forgotten is gone from the table, too.
    sandbox.state.switches.late = False
    sandbox.state.pending.clear()
    again = await browser.follow(await ask_for_reset(browser, "unit", user))
    assert CONFIRMED in again.words
    assert not await AwaitedWrite.objects.aexists()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"status": 400}, 422),
        ({"status": 403}, 403),
        ({"status": 429}, 503),
        ({"status": 404}, 404),
    ],
)
async def test_a_reset_that_was_refused_is_not_waited_for(
    resident, sandbox: Sandbox, fault, status
):
    browser = await resident()
    user = sandbox.user(HOME)
    sandbox.fault(operation="updateUnitUser", **fault)
    sent = await ask_for_reset(browser, "unit", user)
    assert sent.status == status
    sandbox.mended()
    view = await browser.get(at("unit", user))
    assert WAITING not in view.words
    assert CONFIRMED not in view.words


async def test_a_reset_that_was_never_sent_is_not_waited_for(resident, sandbox, monkeypatch):
    browser = await resident()
    user = sandbox.user(HOME)
    page = await browser.get(at("unit", user, "reset/"))

    async def refused(self: object, user: object) -> None:
        raise Unavailable("updateUnitUser", "refused")

    with monkeypatch.context() as patch:
        patch.setattr(ResidentApi, "update_unit_user", refused)
        assert (await browser.submit(page, "Reset passphrase")).status == 503
    assert WAITING not in (await browser.get(at("unit", user))).words


@pytest.mark.parametrize(("fault", "landed"), [("reset_after", True), ("reset", False)])
async def test_a_lost_answer_to_a_reset_is_followed_by_the_truth(
    resident, sandbox: Sandbox, fault, landed
):
    browser = await resident()
    user = sandbox.user(HOME)
    before = user.passphrase
    page = await browser.get(at("unit", user, "reset/"))
    sandbox.fault(fault, operation="updateUnitUser", count=1)
    view = await browser.follow(await browser.submit(page, "Reset passphrase"))
    assert ("This is taking longer than usual." in view.words) != landed
    assert sandbox.calls("updateUnitUser") == ["updateUnitUser"]
    assert (user.passphrase != before) == landed
    assert (CONFIRMED if landed else WAITING) in view.words


async def test_what_is_waited_for_is_written_down_before_the_write_is_sent(
    resident, sandbox: Sandbox
):
    browser = await resident()
    user = sandbox.user(HOME)
    page = await browser.get(at("unit", user, "reset/"))
    gate = sandbox.wire.hold_back(f"/users/{user.id}", "PUT")
    sent = asyncio.ensure_future(browser.submit(page, "Reset passphrase"))
    async with asyncio.timeout(10):
        await gate.reached.wait()
    # Were the worker killed now, the next page would know.
    assert WAITING in (await browser.get(at("unit", user))).words
    gate.open.set()
    await sent
    assert CONFIRMED in (await browser.get(at("unit", user))).words


async def test_nothing_is_written_for_who_was_signed_out_meanwhile(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    page = await browser.get(at("unit", user, "reset/"))
    gate = sandbox.wire.hold_back(f"/users/{user.id}")
    sent = asyncio.ensure_future(browser.submit(page, "Reset passphrase"))
    async with asyncio.timeout(10):
        await gate.reached.wait()
    # In another tab, while the user is being read.
    await Session.objects.all().adelete()
    gate.open.set()
    assert (await sent).status == 401
    assert "updateUnitUser" not in sandbox.calls()
    assert not browser.cookie


async def test_devices_that_cannot_be_read_do_not_stand_in_the_way_of_a_reset(
    resident, sandbox: Sandbox
):
    browser = await resident()
    user = sandbox.user(HOME)
    sandbox.fault(operation="residentFetchUnitDevices", status=500)
    asked = await browser.get(at("unit", user, "reset/"))
    assert asked.status == 200
    assert "Every device that uses this passphrase will be disconnected." in asked.words
    sandbox.mended()
    for status in (403, 401):
        sandbox.fault(operation="residentFetchUnitDevices", status=status)
        assert (await browser.get(at("unit", user, "reset/"))).status == status
        sandbox.mended()


async def test_a_property_that_sends_no_messages_promises_none(resident, sandbox: Sandbox):
    browser = await resident(PLAIN.shows)
    user = sandbox.user(PLAIN)
    asked = await browser.get(at("unit", user, "reset/"))
    after = await browser.follow(await browser.submit(asked, "Reset passphrase"))
    assert "RUCKUS may also send" not in asked.words + after.words


# One write at a time --------------------------------------------------------------------------

UNDER_WAY = "A passphrase change is under way"


async def test_a_second_reset_waits_for_the_first_in_another_browser_too(
    resident, sandbox: Sandbox
):
    sandbox.state.switches.accepted = True
    sandbox.state.switches.accepted_delay = 3600.0
    first, second = await resident(), await resident()
    user = sandbox.user(HOME)
    page = await second.get(at("unit", user, "reset/"))
    await ask_for_reset(first, "unit", user)
    # Whoever looks is told, and the form that was open before sends nothing.
    assert WAITING in (await second.get("/")).section("Home Wi-Fi").words
    asked = await second.get(at("unit", user, "reset/"))
    assert UNDER_WAY in asked.words
    assert "Wait 10 minutes at most" in asked.words
    sandbox.forget_calls()
    sent = await second.submit(page, "Reset passphrase")
    assert sent.status == 409
    assert UNDER_WAY in sent.words
    assert "updateUnitUser" not in sandbox.calls()
    # Once the first has come, there is room for the second, whoever has looked.
    sandbox.state.settle(everything=True)
    passphrase = user.passphrase
    sandbox.state.switches.accepted = False
    view = await second.follow(await second.submit(page, "Reset passphrase"))
    assert CONFIRMED in view.words
    assert code(view) == user.passphrase != passphrase


async def test_a_passphrase_that_a_later_write_will_replace_is_not_confirmed(
    resident, sandbox: Sandbox
):
    sandbox.state.switches.accepted = True
    sandbox.state.switches.accepted_delay = 3600.0
    first, second = await resident(), await resident()
    user = sandbox.user(HOME)
    await ask_for_reset(first, "unit", user)
    sandbox.state.settle(everything=True)
    # The second sees the new one, which is no news of its own, and asks for the next.
    seen = await second.get(at("unit", user))
    assert CONFIRMED not in seen.words
    assert WAITING not in seen.words
    await ask_for_reset(second, "unit", user)
    view = await first.get(at("unit", user))
    assert WAITING in view.words
    assert CONFIRMED not in view.words
    sandbox.state.settle(everything=True)
    for browser in (first, second):
        view = await browser.get(at("unit", user))
        assert CONFIRMED in view.words
        assert code(view) == user.passphrase


async def test_of_two_resets_at_the_same_moment_one_is_sent(resident, sandbox: Sandbox):
    sandbox.state.switches.late = True
    sandbox.state.switches.accepted_delay = 3600.0
    first, second = await resident(), await resident()
    user = sandbox.user(HOME)
    pages = [await browser.get(at("unit", user, "reset/")) for browser in (first, second)]
    sandbox.forget_calls()
    gate = sandbox.wire.hold_back(f"/users/{user.id}", "GET")
    one = asyncio.ensure_future(first.submit(pages[0], "Reset passphrase"))
    async with asyncio.timeout(10):
        await gate.reached.wait()
    two = asyncio.ensure_future(second.submit(pages[1], "Reset passphrase"))
    await asyncio.sleep(0)
    gate.open.set()
    assert sorted([(await one).status, (await two).status]) == [302, 409]
    assert sandbox.calls("updateUnitUser") == ["updateUnitUser"]


async def test_who_was_quicker_keeps_the_write(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    home = SimpleNamespace(mark="home")
    write, mine = await awaited_writes.claim(home, user.id)
    assert mine
    # Somebody else takes it over, for what it stood for has been seen.
    seen, again = await awaited_writes.claim(home, user.id)
    assert not again
    await awaited_writes.change(seen, "other", "mark")
    with pytest.raises(awaited_writes.WriteAwaited):
        await awaited_writes.change(write, "other", "another mark")
    await awaited_writes.end(write)
    assert [each.mark async for each in AwaitedWrite.objects.all()] == ["mark"]
    assert str(seen) == "other"
    assert browser.cookie


async def test_what_is_chosen_waits_and_stays_as_it_was_typed(resident, sandbox: Sandbox):
    sandbox.state.switches.late = True
    sandbox.state.switches.accepted_delay = 3600.0
    browser = await resident()
    user = sandbox.user(HOME)
    page = await browser.get(at("unit", user, "choose/"))
    await ask_for_reset(browser, "unit", user)
    sent = await browser.submit(page, "Save passphrase", passphrase="a chosen one")
    assert sent.status == 409
    assert UNDER_WAY in sent.words
    assert sent.root.one("input", name="passphrase").attrs["value"] == "a chosen one"
    assert sandbox.calls("updateUnitUser") == ["updateUnitUser"]
    assert (await browser.get(at("unit", user, "choose/"))).status == 409
    # What belongs to others can be changed meanwhile.
    friend = sandbox.user(HOME, "LINKED")
    assert (await ask_for_reset(browser, "linked", friend)).status == 302


async def test_a_reset_that_nothing_can_prove_is_not_confirmed(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    user.passphrase = None
    view = await browser.follow(await ask_for_reset(browser, "unit", user))
    assert user.passphrase
    assert CONFIRMED not in view.words
    looked = await browser.get(f"{at('unit', user)}?look={len(LOOKS)}")
    assert UNCONFIRMED in looked.words
    assert code(looked) == user.passphrase


@pytest.mark.parametrize("kind", ["reset", "choose"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
@pytest.mark.parametrize("landed", [True, False])
async def test_a_refusal_is_believed_only_when_it_was_looked_at(
    resident, sandbox: Sandbox, kind, status, landed
):
    browser = await resident()
    user = sandbox.user(HOME)
    before = user.passphrase
    page = await browser.get(at("unit", user, f"{kind}/"))
    sandbox.fault(operation="updateUnitUser", status=status, apply=landed, count=1)
    typed = {"passphrase": "a chosen one"} if kind == "choose" else {}
    button = "Save passphrase" if typed else "Reset passphrase"
    sent = await browser.submit(page, button, **typed)
    assert (user.passphrase != before) == landed
    assert not await AwaitedWrite.objects.filter(expects="").aexists()
    if landed:
        assert CONFIRMED in (await browser.follow(sent)).words
    else:
        assert sent.status == (status if status in (401, 403, 404) else 422)
        assert not await AwaitedWrite.objects.aexists()


@pytest.mark.parametrize("status", [400, 401])
async def test_a_refusal_that_cannot_be_looked_at_is_not_believed(
    resident, sandbox: Sandbox, status
):
    for kind in ("unit", "guest"):
        browser = await resident()
        user = sandbox.user(HOME, kind.upper())
        choosing = kind == "guest"
        page = await browser.get(at(kind, user, "choose/" if choosing else "reset/"))
        sandbox.fault(operation="updateUnitUser", status=status, count=1)
        sandbox.fault("latency", operation="getUnitUser", count=1)
        sandbox.fault(operation="getUnitUser", status=500)
        if choosing:
            sent = await browser.submit(page, "Save passphrase", passphrase="a chosen one")
            assert sent.status == 503
            assert "We don’t know if this was saved." in sent.words
            assert sent.root.one("input", name="passphrase").attrs["value"] == "a chosen one"
        else:
            sent = await browser.submit(page, "Reset passphrase")
            assert sent.location == at(kind, user)
        sandbox.mended()
        # It may still come.
        view = await browser.get(at(kind, user))
        assert WAITING in view.words
        assert "Nothing was" not in view.words


async def test_what_was_lost_is_not_waited_for_as_long_as_what_was_promised(
    resident, sandbox: Sandbox, monkeypatch
):
    browser = await resident()
    user = sandbox.user(HOME)
    sandbox.fault(operation="updateUnitUser", status=500, count=1)
    await ask_for_reset(browser, "unit", user)
    asked = await browser.get(at("unit", user, "reset/"))
    assert "Wait 2 minutes at most" in asked.words
    monkeypatch.setattr(timezone, "now", lambda: later(121))
    assert "Reset passphrase" in (await browser.get("/")).section("Home Wi-Fi").words
    assert CONFIRMED in (await browser.follow(await ask_for_reset(browser, "unit", user))).words


# Closed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "page"),
    [
        *((closed, page) for closed in ("home", "user") for page in ("reset", "choose", "person")),
        # The home's contact belongs to no user.
        ("home", "contact"),
    ],
)
async def test_what_is_closed_is_not_changed_at_its_own_address_either(
    resident, sandbox: Sandbox, closed, page
):
    browser = await resident()
    user = sandbox.user(HOME, "LINKED")
    path, button, typed = {
        "reset": (at("linked", user, "reset/"), "Reset passphrase", {}),
        "choose": (
            at("linked", user, "choose/"),
            "Save passphrase",
            {"passphrase": "a chosen one"},
        ),
        "person": (f"/people/{user.id}/contact/", "Save contact details", {"name": "New Name"}),
        "contact": ("/contact/", "Save contact details", {"name": "New Name"}),
    }[page]
    form = await browser.get(path)
    if closed == "home":
        sandbox.state.units[HOME.unit_guid].status = "DISABLED"
    else:
        user.status = "BLOCKED"
    words = "This home’s Wi-Fi is suspended" if closed == "home" else "This passphrase is blocked"
    sandbox.forget_calls()
    sent = await browser.submit(form, button, **typed)
    assert sent.status == 403
    assert words in sent.words
    assert "Nothing was changed." in sent.words
    for value in typed.values():
        assert value in [node.attrs.get("value") for node in sent.root.all("input")]
    assert not {"updateUnitUser", "residentEditUnit"} & set(sandbox.calls())
    assert not await AwaitedWrite.objects.aexists()
    asked = await browser.get(path)
    assert asked.status == 403
    assert words in asked.words
    assert not [node for node in asked.root.all("button") if node.words == button]


async def test_where_guests_share_nothing_is_sent_for_them(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME, "GUEST")
    page = await browser.get(at("guest", user, "reset/"))
    sandbox.state.properties[HOME.property_id].allow_separate_guest_secret = False
    brand.brands.clear()
    assert (await browser.submit(page, "Reset passphrase")).status == 404
    assert "updateUnitUser" not in sandbox.calls()
    assert not await AwaitedWrite.objects.aexists()


# Choosing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a_chosen_passphrase_is_confirmed_when_it_was_read_back(
    resident, sandbox: Sandbox, kind
):
    chosen = 'my "own"; \\ <pass> & more'
    browser = await resident()
    user = sandbox.user(HOME, kind.upper())
    sent = await choose(browser, kind, user, chosen)
    assert chosen not in str(sent.headers)
    assert user.passphrase == chosen
    view = await browser.follow(sent)
    assert CONFIRMED in view.words
    assert code(view) == chosen


async def test_another_passphrase_than_the_chosen_one_is_not_confirmed(resident, sandbox: Sandbox):
    sandbox.state.switches.late = True
    sandbox.state.switches.accepted_delay = 3600.0
    browser = await resident()
    user = sandbox.user(HOME)
    await choose(browser, "unit", user, "the chosen one")
    user.passphrase = "another one of the office"
    assert WAITING in (await browser.get(at("unit", user))).words
    user.passphrase = None
    assert WAITING in (await browser.get(at("unit", user))).words
    user.passphrase = "the chosen one"
    assert CONFIRMED in (await browser.get(at("unit", user))).words


async def test_choosing_the_passphrase_that_holds_changes_nothing(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    sent = await choose(browser, "unit", user, str(user.passphrase))
    view = await browser.follow(sent)
    assert "This is your passphrase already. Nothing was changed." in view.words
    assert CONFIRMED not in view.words
    assert "updateUnitUser" not in sandbox.calls()
    assert not await AwaitedWrite.objects.aexists()


async def test_phrases_that_are_easy_to_type_are_offered(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    page = await browser.get(at("unit", user, "choose/"))
    offered = page.root.one("button", data_use=True).attrs["data-use"]
    assert page.root.one("span", class_="code").text == offered
    filled = await browser.get(page.link("Suggest another"))
    phrase = filled.root.one("input", name="passphrase").attrs["value"]
    assert phrase != offered
    view = await browser.follow(await browser.submit(filled, "Save passphrase"))
    assert code(view) == phrase


def test_a_phrase_is_short_enough_to_type_and_long_enough_to_keep():
    phrases = {easy_phrase() for _ in range(200)}
    assert len(phrases) == 200
    for phrase in phrases:
        assert re.fullmatch(r"[a-z-]{19,34}", phrase)
        assert PassphraseForm({"passphrase": phrase}).is_valid()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter a passphrase"),
        ("short 7", "Passphrase must be 8 to 63 characters long"),
        ("x" * 64, "Passphrase must be 8 to 63 characters long"),
        ("with an é in it", "Use only letters A–Z, numbers, spaces and symbols"),
        ("with a\ttab in", "Use only letters A–Z, numbers, spaces and symbols"),
        (" starts with one", "Passphrase must not begin or end with a space"),
        ("ends with one ", "Passphrase must not begin or end with a space"),
    ],
)
async def test_what_cannot_be_a_passphrase_is_told(resident, sandbox: Sandbox, typed, message):
    browser = await resident()
    user = sandbox.user(HOME)
    sent = await choose(browser, "unit", user, typed)
    assert sent.status == 422
    assert sent.errors == [message]
    assert sent.title.startswith("Error: ")
    assert sent.root.one("input", name="passphrase").attrs.get("value", "") == typed
    assert "updateUnitUser" not in sandbox.calls()


@pytest.mark.parametrize("length", [8, 63])
def test_the_shortest_and_the_longest_passphrase_are_taken(length):
    assert PassphraseForm({"passphrase": "x" * length}).is_valid()


async def test_a_passphrase_that_ruckus_refuses_can_be_mended(resident, sandbox: Sandbox):
    browser = await resident(ODD.shows)
    user = sandbox.user(ODD)
    before = user.passphrase
    sent = await choose(browser, "unit", user, "too short")
    assert sent.status == 422
    assert sent.errors == [
        "That passphrase wasn’t accepted. Your building may ask for a longer one."
    ]
    assert sent.root.one("input", name="passphrase").attrs["value"] == "too short"
    assert user.passphrase == before
    assert WAITING not in (await browser.get(at("unit", user))).words
    view = await browser.follow(
        await browser.submit(sent, "Save passphrase", passphrase="long enough for it")
    )
    assert CONFIRMED in view.words


async def test_where_nobody_may_choose_there_is_no_such_page(resident, sandbox: Sandbox):
    browser = await resident(PLAIN.shows)
    user = sandbox.user(PLAIN)
    assert (await browser.get(at("unit", user, "choose/"))).status == 404
    token = (await browser.get(at("unit", user, "reset/"))).form("Reset passphrase")
    data = {field.attrs["name"]: field.attrs["value"] for field in token.all("input")}
    sent = await browser.send(
        "POST", at("unit", user, "choose/"), data | {"passphrase": "a chosen one"}
    )
    assert sent.status == 404
    assert "updateUnitUser" not in sandbox.calls()


async def test_while_nobody_knows_whether_choosing_is_allowed_it_is_an_outage(
    resident, sandbox: Sandbox
):
    browser = await resident()
    user = sandbox.user(HOME)
    page = await browser.get(at("unit", user, "choose/"))
    brand.brands.clear()
    sandbox.fault(operation="residentFetchUiConfiguration", status=500)
    assert (await browser.get(at("unit", user, "choose/"))).status == 503
    sent = await browser.submit(page, "Save passphrase", passphrase="a chosen one")
    assert sent.status == 503
    assert sent.root.one("input", name="passphrase").attrs["value"] == "a chosen one"


@pytest.mark.parametrize(("fault", "landed"), [("reset_after", True), ("reset", False)])
async def test_a_lost_answer_to_a_choice_is_followed_by_the_truth(
    resident, sandbox: Sandbox, fault, landed
):
    browser = await resident()
    user = sandbox.user(HOME)
    page = await browser.get(at("unit", user, "choose/"))
    sandbox.fault(fault, operation="updateUnitUser", count=1)
    sent = await browser.submit(page, "Save passphrase", passphrase="a chosen one")
    if landed:
        assert CONFIRMED in (await browser.follow(sent)).words
    else:
        assert sent.status == 503
        assert sent.root.one("input", name="passphrase").attrs["value"] == "a chosen one"
        # It may still come.
        assert WAITING in (await browser.get(at("unit", user))).words


async def test_a_choice_that_cannot_be_read_back_is_an_outage(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    page = await browser.get(at("unit", user, "choose/"))
    sandbox.fault("reset", operation="updateUnitUser", count=1)
    sandbox.fault("latency", operation="getUnitUser", count=1)
    sandbox.fault(operation="getUnitUser", status=500)
    sent = await browser.submit(page, "Save passphrase", passphrase="a chosen one")
    assert sent.status == 503


# What is remembered ---------------------------------------------------------------------------


HOUSE = SimpleNamespace(mark="home")
ODD_ID = "A-b"

TRUTH = [
    # old, asked for, read back, whether it shows
    ("old", None, "old", False),
    ("old", None, "new", True),
    ("old", None, None, False),
    ("old", None, "", False),
    (None, None, None, False),
    # What it was before nobody has read: this may be that.
    (None, None, "new", False),
    ("old", "new", "new", True),
    ("old", "new", "old", False),
    ("old", "new", "other", False),
    ("old", "new", None, False),
    (None, "new", "new", True),
]


@pytest.mark.parametrize(("old", "wanted", "read", "shown"), TRUTH)
def test_a_change_is_what_is_read_back(old, wanted, read, shown):
    before, after = UnitUser(ODD_ID, passphrase=old), UnitUser("ab", passphrase=read)
    if wanted:
        expects, new = "passphrase", UnitUser(ODD_ID, passphrase=wanted)
    else:
        expects, new = "other", before
    mark = awaited_writes.passphrase_mark(HOUSE, new)
    assert awaited_writes.shows(HOUSE, after, expects, mark) == shown
    assert str(old) not in mark
    assert str(wanted) not in mark
    # The same passphrase of somebody else has another mark.
    other = UnitUser("c", passphrase=new.passphrase)
    assert not mark or mark != awaited_writes.passphrase_mark(HOUSE, other)


# Sections -------------------------------------------------------------------------------------


async def test_a_section_is_the_one_that_was_asked_for(resident, sandbox: Sandbox):
    browser = await resident()
    sandbox.state.switches.dashless = True
    for kind in KINDS:
        user = sandbox.user(HOME, kind.upper())
        view = await browser.get(f"{at(kind, user)}?show=1")
        # The vendor's other spelling of the id does not lead the page elsewhere.
        assert view.root.one("section", id=f"wifi-{user.id}")
        assert code(view) == user.passphrase
        assert "hidden" not in view.root.one("code", class_="code").attrs


async def test_a_section_is_a_page_unless_it_is_what_htmx_looks_at(resident, sandbox: Sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    assert (await browser.htmx(at("unit", user))).root.all("main")
    assert not (await browser.htmx(at("unit", user), f"wifi-{user.id}")).root.all("main")
    assert (await browser.htmx(at("unit", user), "wifi-another")).root.all("main")
