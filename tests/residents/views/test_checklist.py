"""What has to join again with a new passphrase, until all of it is back."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import OperationalError

from common.models import Checklist, DiaryEntry
from residents.home import checklists
from ruckus.errors import NotSignedIn
from ruckus.resident import ResidentApi
from sandbox import seeds
from sandbox.state import zulu
from tests.residents.browser import HTMX, Browser, View
from tests.residents.conftest import Sandbox, seeded

HOME = seeded("full branding")
UNIT = HOME.unit.users[0]
GUEST = next(user for user in HOME.unit.users if user.type == "GUEST")
RILEY = next(user for user in HOME.unit.users if user.name == "Riley Example")
PART = {**HTMX, "HX-Target": "checklist"}
NONE = "No devices are on the list."
WAITING = "Setting your new passphrase…"


def at(kind: str, user: seeds.User, page: str = "back/") -> str:
    return f"/wifi/{kind}/{user.id}/{page}"


async def reset(browser: Browser, kind: str = "guest", user: seeds.User = GUEST) -> View:
    """Reset a passphrase after the question; the page that shows the new one."""
    asked = await browser.get(at(kind, user, "reset/"))
    return await browser.follow(await browser.submit(asked, "Reset passphrase"))


def joins(device: seeds.Device, **later: float) -> None:
    """The device joins with the new passphrase, so much later."""
    device.last_connected = zulu(datetime.now(UTC) + timedelta(seconds=2, **later))


def rows(view: View) -> list[str]:
    return [row.words for row in view.root.all("li") if row.attrs.get("class") == "row"]


def ticks(view: View) -> list[str]:
    """What the buttons for ticking something are called."""
    buttons = [button.words for button in view.root.all("button")]
    return [words for words in buttons if words.startswith("It’s back")]


async def tick(browser: Browser, view: View, button: str, **headers: str) -> View:
    return await browser.submit_with(view, button, {}, headers)


# Its course ---------------------------------------------------------------------------------------


async def test_a_reset_leads_to_a_list_of_what_has_to_join_again(resident, sandbox: Sandbox):
    devices = sandbox.user(HOME, "GUEST").devices
    browser = await resident()
    done = await reset(browser)
    assert "Your passphrase is changed." in done.words
    assert done.section("0 of 3 devices are back")
    assert [f"It’s back: {device.type}" in " ".join(ticks(done)) for device in devices] == [
        True
    ] * 3
    # No list is read for it.
    assert sandbox.calls("residentFetchUnitDevices") == ["residentFetchUnitDevices"]

    joins(devices[1])
    again = await browser.get(done.link("Check again"))
    assert again.heading == "Reconnect your devices"
    assert again.section("1 of 3 devices are back")
    assert len(ticks(again)) == 2
    assert rows(again)[-1].startswith(devices[1].type)
    assert rows(again)[-1].endswith("Back")
    assert again.link(f"How to connect {ticks(again)[0].removeprefix('It’s back: ')}") == at(
        "guest", GUEST, "connect/"
    )

    # What the Wi-Fi system does not see is ticked by hand.
    ticked = await browser.follow(await tick(browser, again, ticks(again)[0]))
    assert ticked.section("2 of 3 devices are back")
    assert "Ticked by hand" in ticked.words
    full = await browser.follow(await tick(browser, ticked, ticks(ticked)[0]))
    assert full.section("3 of 3 devices are back")
    assert "Everything is back." in full.words
    assert "Check again" not in full.words

    closed = await browser.submit(full, "I’m done")
    assert closed.location == "/"
    assert NONE in (await browser.get(at("guest", GUEST))).words
    assert not await Checklist.objects.aexists()


async def test_what_was_added_by_its_address_is_not_on_the_list(resident, sandbox):
    done = await reset(await resident(), "unit", UNIT)
    dropping = [device for device in UNIT.devices if device.auth_type != "MACREG"]
    assert len(dropping) < len(UNIT.devices)
    assert done.section(f"0 of {len(dropping)} devices are back")
    assert sum("Unknown device" in row for row in rows(done)) == sum(
        not device.type for device in dropping
    )


async def test_the_list_of_a_person_leads_back_to_the_person(resident):
    browser = await resident()
    await reset(browser, "linked", RILEY)
    view = await browser.get(at("linked", RILEY))
    assert view.link("Riley Example") == at("linked", RILEY, "")
    assert (await browser.submit(view, "I’m done")).location == at("linked", RILEY, "")


async def test_a_chosen_passphrase_has_a_list_too(resident, sandbox):
    sandbox.profile(HOME).tenant_set_dpsk = True
    browser = await resident()
    asked = await browser.get(at("guest", GUEST, "choose/"))
    done = await browser.submit(asked, "Save passphrase", passphrase="one of my own")
    assert (await browser.follow(done)).section("0 of 3 devices are back")


async def test_it_is_found_again_on_another_phone(resident, sandbox):
    browser, other = await resident(), await resident()
    await reset(browser)
    joins(sandbox.user(HOME, "GUEST").devices[0])
    page = await other.get(at("guest", GUEST, ""))
    assert page.link("0 of 3 devices are back") == at("guest", GUEST)
    devices = await other.get("/devices/")
    assert "The passphrase was changed. 1 of 3 devices are back." in devices.words
    found = await other.get(devices.link("Reconnect your devices"))
    await tick(other, found, ticks(found)[0])
    # And what was done there shows here.
    assert (await browser.get(at("guest", GUEST))).section("2 of 3 devices are back")
    alone = await other.get(at("guest", GUEST, "devices/"))
    assert alone.link("Reconnect your devices") == at("guest", GUEST)


async def test_a_list_that_is_complete_is_mentioned_no_more(resident, sandbox):
    browser = await resident()
    await reset(browser)
    for device in sandbox.user(HOME, "GUEST").devices:
        joins(device)
    assert "Everything is back." in (await browser.get(at("guest", GUEST))).words
    for path in ("/devices/", at("guest", GUEST, "")):
        assert "devices are back" not in (await browser.get(path)).words


async def test_names_stand_in_the_list_and_are_not_stored_with_it(resident, sandbox):
    browser = await resident()
    device = GUEST.devices[0]
    asked = await browser.get(f"{at('guest', GUEST, 'devices/')}{device.mac}/name/")
    await browser.submit(asked, "Save name", name="Robin’s <tablet>")
    done = await reset(browser)
    named = next(words for words in ticks(done) if "Robin" in words)
    assert named.startswith("It’s back: Robin’s <tablet>")
    again = await tick(browser, done, named, **PART)
    assert "Robin’s <tablet>" in again.words
    asked = await browser.get("/privacy/delete/")
    await browser.submit(asked, "Delete names and diary")
    assert "Robin" not in (await browser.get(at("guest", GUEST))).text


# Under htmx ---------------------------------------------------------------------------------------


async def test_a_tick_swaps_the_list_alone_and_asks_ruckus_nothing(resident, sandbox):
    browser = await resident()
    done = await reset(browser)
    sandbox.forget_calls()
    part = await tick(browser, done, ticks(done)[0], **PART)
    assert part.status == 200
    assert part.section("1 of 3 devices are back")
    assert sandbox.calls() == []


async def test_the_page_that_waits_is_told_when_to_fetch_the_list(resident, sandbox):
    sandbox.state.switches.accepted = True
    sandbox.state.switches.accepted_delay = 3600
    browser = await resident()
    waiting = await reset(browser)
    assert WAITING in waiting.words
    place = waiting.root.one("div", id="checklist").children[0]
    assert place.attrs["data-hx-get"] == at("guest", GUEST)
    # Nothing is ticked, nor shown, before the new passphrase shows.
    assert NONE in (await browser.get(at("guest", GUEST))).words
    look = await browser.htmx(f"{at('guest', GUEST, '')}?look=2", f"wifi-{GUEST.id}")
    assert "HX-Trigger" not in look.headers
    sandbox.state.settle(everything=True)
    look = await browser.htmx(f"{at('guest', GUEST, '')}?look=3", f"wifi-{GUEST.id}")
    assert look.headers["HX-Trigger"] == "passphrase-changed"
    part = await browser.htmx(at("guest", GUEST), "checklist")
    assert part.section("0 of 3 devices are back")


async def test_a_confirmed_passphrase_without_a_list_triggers_nothing(resident, sandbox):
    sandbox.user(HOME, "GUEST").devices = []
    browser = await resident()
    asked = await browser.get(at("guest", GUEST, "reset/"))
    await browser.submit(asked, "Reset passphrase")
    look = await browser.htmx(at("guest", GUEST, ""), f"wifi-{GUEST.id}")
    assert "Your passphrase is changed." in look.words
    assert "HX-Trigger" not in look.headers


async def test_a_list_that_somebody_closed_meanwhile_is_gone(resident):
    browser, other = await resident(), await resident()
    done = await reset(browser)
    await other.submit(await other.get(at("guest", GUEST)), "I’m done")
    part = await tick(browser, done, ticks(done)[0], **PART)
    assert NONE in part.words
    plain = await browser.follow(await tick(browser, done, ticks(done)[0]))
    assert NONE in plain.words
    assert (await browser.submit(done, "I’m done")).location == "/"


async def test_a_list_closed_at_the_very_moment_of_a_tick_is_gone(resident, monkeypatch):
    browser = await resident()
    done = await reset(browser)
    known = await checklists.read(await the_home(browser))
    await Checklist.objects.all().adelete()

    async def read(home: object) -> object:
        return known

    monkeypatch.setattr(checklists, "read", read)
    assert NONE in (await tick(browser, done, ticks(done)[0], **PART)).words


async def the_home(browser: Browser) -> checklists.Home:
    from common.sessions import SessionStore
    from ruckus.authorization import UnitToken

    data = await SessionStore(browser.cookie).aload()
    token = UnitToken(data["token"])
    return checklists.Home(data["property"], data["unit"], data["home"], token, data["link"])


# When it starts, and how long it lasts ------------------------------------------------------------


async def test_a_reset_that_was_refused_leaves_the_list_as_it_was(resident, sandbox):
    sandbox.profile(HOME).tenant_set_dpsk = True
    browser = await resident()
    done = await reset(browser)
    await tick(browser, done, ticks(done)[0])
    asked = await browser.get(at("guest", GUEST, "choose/"))
    sandbox.fault(operation="updateUnitUser", status=400, count=1)
    refused = await browser.submit(asked, "Save passphrase", passphrase="not liked")
    assert refused.status == 422
    assert (await browser.get(at("guest", GUEST))).section("1 of 3 devices are back")
    # Sent once more, it is a new list.
    taken = await browser.submit(refused, "Save passphrase", passphrase="liked better")
    assert (await browser.follow(taken)).section("0 of 3 devices are back")


async def test_a_passphrase_that_changed_elsewhere_ends_the_list(resident, sandbox):
    sandbox.profile(HOME).tenant_set_dpsk = True
    browser = await resident()
    asked = await browser.get(at("guest", GUEST, "choose/"))
    await browser.submit(asked, "Save passphrase", passphrase="one of my own")
    sandbox.user(HOME, "GUEST").passphrase = "something else"
    assert NONE in (await browser.get(at("guest", GUEST))).words
    assert "are back" not in (await browser.get("/devices/")).words


async def test_a_question_about_another_passphrase_starts_no_list(resident):
    browser = await resident()
    guest = await browser.get(at("guest", GUEST, "reset/"))
    await browser.get(at("unit", UNIT, "reset/"))
    await browser.submit(guest, "Reset passphrase")
    assert not await Checklist.objects.aexists()


async def test_devices_that_could_not_be_read_start_no_list(resident, sandbox):
    browser = await resident()
    await browser.get(at("guest", GUEST, "reset/"))
    sandbox.fault(operation="residentFetchUnitDevices", status=500)
    asked = await browser.get(at("guest", GUEST, "reset/"))
    sandbox.mended()
    await browser.submit(asked, "Reset passphrase")
    assert not await Checklist.objects.aexists()


async def test_it_ends_by_itself(resident):
    browser = await resident()
    await reset(browser)
    assert "14 days at most" in (await browser.get(at("guest", GUEST))).words
    row = await Checklist.objects.aget()
    left = row.ends - datetime.now(UTC)
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
    await Checklist.objects.aupdate(ends=datetime.now(UTC))
    assert NONE in (await browser.get(at("guest", GUEST))).words
    await reset(browser, "unit", UNIT)
    assert (await Checklist.objects.aget()).user != row.user


async def test_a_list_has_so_many_devices(resident, monkeypatch):
    monkeypatch.setattr(checklists, "MOST", 2)
    assert (await reset(await resident())).section("0 of 2 devices are back")


# Whose it is --------------------------------------------------------------------------------------


async def test_another_access_code_of_the_home_shows_no_list(resident, sandbox):
    await reset(await resident())
    sandbox.state.units[HOME.unit_guid].access_code = "another-code"
    newcomer = Browser()
    page = await newcomer.get(f"/p/{HOME.property_id}/another-code/")
    await newcomer.submit(page, "Open my Wi-Fi")
    assert NONE in (await newcomer.get(at("guest", GUEST))).words


async def test_an_address_of_another_kind_changes_nothing(resident):
    browser = await resident()
    done = await reset(browser)
    form = done.form(ticks(done)[0])
    form.attrs["action"] = at("unit", GUEST, "back/tick/")
    assert (await browser.submit(done, ticks(done)[0])).location == at("unit", GUEST)
    assert (await browser.get(at("unit", GUEST))).status == 404
    assert (await browser.get(at("guest", GUEST))).section("0 of 3 devices are back")


async def test_what_is_stored_tells_neither_devices_nor_home(resident):
    await reset(await resident())
    row = await Checklist.objects.aget()
    stored = " ".join(map(str, vars(row).values())).lower()
    for device in GUEST.devices:
        assert device.mac.lower() not in stored
        assert (device.type or "unknown").lower() not in stored
    assert GUEST.id not in stored
    assert str(row) == row.user


async def test_a_list_that_was_moved_to_another_user_is_none(resident):
    browser = await resident()
    await reset(browser)
    await reset(browser, "unit", UNIT)
    first, second = [row async for row in Checklist.objects.order_by("pk")]
    second.encrypted = first.encrypted
    await second.asave()
    first.encrypted = "gAAAAA"
    await first.asave()
    for kind, user in (("guest", GUEST), ("unit", UNIT)):
        assert NONE in (await browser.get(at(kind, user))).words


async def test_lists_are_encrypted_anew_with_all_else(resident, settings):
    settings.ENCRYPTION_KEYS = ["one"]
    browser = await resident()
    await reset(browser)
    await reset(browser, "unit", UNIT)
    last = await Checklist.objects.order_by("pk").alast()
    assert last is not None
    last.encrypted = "gAAAAA"
    await last.asave()
    settings.ENCRYPTION_KEYS = ["two", "one"]
    out = io.StringIO()
    await sync_to_async(call_command)("rekey", stdout=out)
    assert ", 1 checklists," in out.getvalue()
    settings.ENCRYPTION_KEYS = ["two"]
    assert (await browser.get(at("guest", GUEST))).section("0 of 3 devices are back")


async def test_a_fresh_start_leaves_no_list(resident):
    await reset(await resident())
    await sync_to_async(call_command)("rekey", "--anew", stdout=io.StringIO())
    assert not await Checklist.objects.aexists()


# When something fails -----------------------------------------------------------------------------


async def test_the_list_stays_as_it_is_while_devices_cannot_be_read(resident, sandbox):
    browser = await resident()
    await reset(browser)
    sandbox.fault(operation="residentFetchUnitDevices", status=500)
    assert (await browser.get(at("guest", GUEST))).section("0 of 3 devices are back")


async def test_a_token_that_ends_meanwhile_ends_the_session(resident, monkeypatch):
    browser = await resident()
    await reset(browser)

    async def over(api: ResidentApi, kind: str) -> None:
        raise NotSignedIn("residentFetchUnitDevices")

    monkeypatch.setattr(ResidentApi, "fetch_unit_devices", over)
    assert (await browser.get(at("guest", GUEST))).status == 401


@pytest.mark.parametrize("name", ["store", "stored_lists"])
async def test_a_reset_goes_on_without_its_list_while_the_database_is_down(
    resident, sandbox, monkeypatch, name
):
    def down(*args: object) -> None:
        raise OperationalError("down")

    monkeypatch.setattr(checklists, name, down)
    browser = await resident()
    before = sandbox.user(HOME, "GUEST").passphrase
    done = await reset(browser)
    assert "Your passphrase is changed." in done.words
    assert "are back" not in done.words
    assert sandbox.user(HOME, "GUEST").passphrase != before
    assert "are back" not in (await browser.get("/devices/")).words


async def test_a_session_from_before_there_were_links_has_no_list(resident):
    from common.sessions import SessionStore

    browser = await resident()
    session = SessionStore(browser.cookie)
    await session.aload()
    del (await session._aget_session())["link"]
    await session.asave()
    done = await reset(browser)
    assert "Your passphrase is changed." in done.words
    assert NONE in (await browser.get(at("guest", GUEST))).words
    assert await DiaryEntry.objects.acount() == 1
