"""Passphrases: shown exactly, reset or chosen, and new only once they were read back."""

import asyncio
import html
import re
import time
from types import SimpleNamespace

import pytest

from common.models import Session
from common.property import brand
from residents.forms import PassphraseForm
from residents.home import passphrase_changes
from residents.home.phrases import easy_phrase
from residents.home.sections import LOOKS
from ruckus.errors import Unavailable
from ruckus.resident import ResidentApi
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
    assert sandbox.calls() == ["getUnitUser", "updateUnitUser"]
    assert sent.location == at(kind, user)
    assert str(user.passphrase) not in str(sent.headers)
    after = await browser.follow(sent)
    assert sandbox.calls() == ["getUnitUser", "updateUnitUser", "getUnitUser"]
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
    assert refresh.attrs["content"] == f"1;url={at('unit', user)}?look=1"
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
    assert (await browser.get(view.link("Reset passphrase"))).status == 200


@pytest.mark.parametrize("look", ["-1", "x", "999999999", "1" * 5000, "٣", "1.5", ""])
async def test_a_look_of_any_number_is_answered(resident, sandbox: Sandbox, look):
    browser = await resident()
    sandbox.state.switches.late = True
    user = sandbox.user(HOME)
    await ask_for_reset(browser, "unit", user)
    assert (await browser.get(f"{at('unit', user)}?look={look}")).status == 200


async def test_a_change_that_never_comes_is_forgotten_after_an_hour(
    resident, sandbox: Sandbox, monkeypatch
):
    sandbox.state.switches.late = True
    sandbox.state.switches.accepted_delay = 7200.0
    browser = await resident()
    user = sandbox.user(HOME)
    await ask_for_reset(browser, "unit", user)
    for seconds, waiting in ((3500, True), (3700, False), (0, False)):
        later = SimpleNamespace(time=lambda seconds=seconds: time.time() + seconds)
        monkeypatch.setattr(passphrase_changes, "time", later)
        view = await browser.get(at("unit", user))
        assert (WAITING in view.words) == waiting
        assert CONFIRMED not in view.words


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
    assert "This is taking longer than usual." in view.words
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


class FakeSession(dict[str, object]):
    """As much of a session as is needed here."""

    saves = 0

    async def aget(self, name: str, default: object = None) -> object:
        return self.get(name, default)

    async def aset(self, name: str, value: object) -> None:
        self[name] = value

    async def asave(self) -> None:
        self.saves += 1


def user_with(passphrase: str | None, user_id: str = "u") -> SimpleNamespace:
    return SimpleNamespace(id=user_id, passphrase=passphrase)


TRUTH = [
    # old, asked for, read back, state
    ("old", None, "old", "waiting"),
    ("old", None, "new", "confirmed"),
    ("old", None, None, "waiting"),
    ("old", None, "", "waiting"),
    (None, None, None, "waiting"),
    (None, None, "new", "confirmed"),
    ("old", "new", "new", "confirmed"),
    ("old", "new", "old", "waiting"),
    ("old", "new", "other", "waiting"),
    ("old", "new", None, "waiting"),
    ("old", "old", "old", "confirmed"),
    (None, "new", "new", "confirmed"),
]


@pytest.mark.parametrize(("old", "wanted", "read", "state"), TRUTH)
async def test_a_change_is_what_is_read_back(old, wanted, read, state):
    session = FakeSession()
    request = SimpleNamespace(session=session, home=SimpleNamespace(mark="home"))
    assert await passphrase_changes.state_of(request, user_with(read)) == "settled"
    if wanted is None:
        await passphrase_changes.expect_new(request, user_with(old))
    else:
        await passphrase_changes.expect_chosen(request, user_with(old), wanted)
    assert session.saves == 1
    for secret in (old, wanted):
        assert not secret or secret not in str(session)
    # It says nothing of another user, nor of the same one of another home.
    assert await passphrase_changes.state_of(request, user_with(read, "v")) == "settled"
    assert await passphrase_changes.state_of(request, user_with(read)) == state
    after = await passphrase_changes.state_of(request, user_with(read))
    assert after == ("settled" if state == "confirmed" else "waiting")


async def test_what_is_forgotten_twice_is_forgotten():
    request = SimpleNamespace(session=FakeSession(), home=SimpleNamespace(mark="home"))
    await passphrase_changes.forget(request, "u")
    assert request.session == {}


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
