"""The devices of an identity, and removing one."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from residents.home import removals
from residents.home.devices import ShownDevice, find, shown_devices, was_listed
from residents.home.kind import Kind
from ruckus.errors import TooBusy, Unavailable
from ruckus.resident import ResidentApi
from ruckus.resident_types import Device
from sandbox import seeds
from tests.residents import html
from tests.residents.browser import HTMX
from tests.residents.conftest import seeded

HOME = seeded("full branding")
ODD = seeded("markup and emoji and right-to-left text")
UNIT = HOME.unit.users[0]
RILEY = next(user for user in HOME.unit.users if user.name == "Riley Example")
REMOVED = "Device removed."


def list_of(kind: str, user: seeds.User) -> str:
    return f"/wifi/{kind}/{user.id}/devices/"


def removals_in(part: html.Node) -> list[str]:
    """What the buttons for removing something are called."""
    buttons = [button.words for button in part.all("button")]
    return [words for words in buttons if words.startswith("Remove ")]


# Looking --------------------------------------------------------------------------------------


async def test_devices_come_newest_first_and_those_without_a_date_last(resident, sandbox):
    browser = await resident()
    sandbox.forget_calls()
    view = await browser.get(list_of("unit", UNIT))
    assert sorted(sandbox.calls()) == ["getUnitUser", "residentFetchUnitDevices"]
    assert "12 devices" in view.words
    labels = list(view.devices)
    newest_first = sorted(
        UNIT.devices, key=lambda device: device.seen.total_seconds() if device.seen else 1e12
    )
    assert labels == [f"{device.type or 'Device'} {device.mac}" for device in newest_first]
    assert labels[-1] == "Smart TV A8:23:FE:27:18:28"
    assert "We don’t know when it was last here" in view.words
    for words in (
        "minutes ago",
        "hours ago",
        "Added by its hardware address",
        "Private address",
        "Apple",
    ):
        assert words in view.words
    for moment in view.root.all("time"):
        datetime.fromisoformat(moment.attrs["datetime"])
        assert moment.attrs["title"].endswith("UTC")


async def test_the_exact_time_is_told_in_the_portal_s_time_zone(resident, settings):
    browser = await resident()
    settings.TIME_ZONE = "Asia/Tokyo"
    view = await browser.get(list_of("unit", UNIT))
    assert all(node.attrs["title"].endswith("JST") for node in view.root.all("time"))
    assert all("+09:00" in node.attrs["datetime"] for node in view.root.all("time"))


async def test_each_identity_has_its_own_devices(resident, sandbox):
    browser = await resident()
    for kind, name in (("unit", None), ("guest", None), ("linked", "Riley Example")):
        user = sandbox.user(HOME, kind.upper(), name)
        view = await browser.get(list_of(kind, user))
        for other in HOME.unit.users:
            for device in other.devices:
                assert (device.mac in view.text) == (other.id == user.id)


async def test_the_home_s_and_the_guests_devices_stand_on_one_page(resident, sandbox):
    browser = await resident()
    gates = [sandbox.wire.hold_back(end) for end in ("/users/query", "/units/devices")]
    page = asyncio.ensure_future(browser.get("/devices/"))
    async with asyncio.timeout(10):
        await asyncio.gather(*(gate.reached.wait() for gate in gates))
    for gate in gates:
        gate.open.set()
    view = await page
    assert sorted(sandbox.calls()) == [
        "queryUnitUsers",
        "residentFetchUnitDevices",
        "residentFetchUnitDevices",
    ]
    assert "12 devices" in view.section("Home Wi-Fi 12 devices").words
    guest = view.section("Guest Wi-Fi 3 devices")
    assert len(removals_in(guest)) == 3
    # Those of a person are asked for when they are looked at.
    assert view.people == ["Devices of Devon Example", "Devices of Riley Example"]
    riley = await browser.get(view.link("RDevices of Riley Example"))
    assert riley.heading == "Devices: Riley Example"


async def test_after_five_devices_the_rest_is_folded_away(resident):
    view = await (await resident()).get("/devices/")
    home, guest = view.section("Home Wi-Fi 12 devices"), view.section("Guest Wi-Fi 3 devices")
    rest = home.one("details")
    assert rest.one("summary").words == "Show 7 more"
    assert (len(removals_in(rest)), len(removals_in(home))) == (7, 12)
    assert not guest.all("details")


@pytest.mark.parametrize(("status", "shown"), [(500, 200), (401, 401), (403, 403)])
async def test_a_list_that_cannot_be_read_leaves_the_other(resident, sandbox, status, shown):
    browser = await resident()
    sandbox.fault(operation="residentFetchUnitDevices", status=status, count=3)
    view = await browser.get("/devices/")
    assert view.status == shown
    assert ("We can’t read this list right now." in view.words) == (shown == 200)


async def test_a_home_without_a_guest_network_has_one_list(resident):
    view = await (await resident("a profile without content")).get("/devices/")
    assert [node.attrs["id"] for node in view.root.all("section", id=True)] == ["devices-unit"]


async def test_an_identity_without_devices_says_so(resident, sandbox):
    user = sandbox.user(HOME, "LINKED", "Devon Example")
    user.devices = []
    view = await (await resident()).get(list_of("linked", user))
    assert "No device has used this passphrase yet." in view.words


async def test_odd_devices_are_text_and_have_a_button_only_where_one_can_work(resident, sandbox):
    user = sandbox.user(ODD, "LINKED", "<script>alert(1)</script>")
    user.devices += [
        seeds.Device("g1", "not/a mac?", "Toaster"),
        seeds.Device("../../units", "../..", "Burglar"),
        seeds.Device("", "", "Ghost"),
        seeds.Device("", ".02:00", "Dotted"),
        seeds.Device("..", "x" * 300, "Long"),
    ]
    browser = await resident(ODD.shows)
    view = await browser.get(list_of("linked", user))
    assert view.status == 200
    rows = view.devices
    assert "<img src=x onerror=alert(1)> 02-ab-cd-ef-00-01" in rows
    assert rows["Toaster not/a mac?"].all("form")
    assert not any("Ghost" in label for label in rows)
    for label, row in rows.items():
        if label.startswith(("Burglar", "Long")):
            assert not row.all("form"), label
        else:
            asked = await browser.submit_with(view, removals_in(row)[0], {})
            assert asked.heading == "Remove this device?", label


async def test_odd_macs_of_the_home_s_own_devices_break_nothing(resident, sandbox):
    user = sandbox.user(HOME, "UNIT")
    user.devices = [
        seeds.Device("g1", "no/mac at all", None),
        seeds.Device("g2", "", "Bare"),
        seeds.Device("g3", "..", None),
    ]
    view = await (await resident()).get(list_of("unit", user))
    assert view.status == 200
    rows = {name: bool(row.all("form")) for name, row in view.devices.items()}
    # By its id, where it has one that can be sent.
    assert rows == {"Device no/mac at all": True, "Bare": True, "Device ..": True}
    assert view.form("Remove Bare g2")
    user.devices = [seeds.Device("g/1", "no/mac at all", None)]
    view = await (await resident()).get(list_of("unit", user))
    assert not view.devices["Device no/mac at all"].all("form")


# Removing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["unit", "guest", "linked"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
async def test_removing_a_device_asks_first(resident, sandbox, kind, headers):
    browser = await resident()
    user = sandbox.user(HOME, kind.upper(), "Riley Example" if kind == "linked" else None)
    device = user.devices[0]
    name = f"{device.type} {device.mac}"
    devices = await browser.get(list_of(kind, user))
    asked = await browser.submit(devices, f"Remove {name}")
    assert asked.heading == "Remove this device?"
    assert list(asked.devices) == [name]
    assert device in user.devices
    sandbox.forget_calls()
    sent = await browser.submit_with(asked, "Remove device", {}, headers)
    after = await browser.follow(sent)
    assert REMOVED in after.words
    assert name not in after.devices
    assert device not in user.devices
    # The list it is in, whose it is and the unit, the removal, the list that proves it, and the page of which
    # each list is one.
    assert len(sandbox.calls()) == 5 + (2 if kind == "linked" else 3)


async def test_a_removal_that_does_not_show_is_not_under_way_for_ever(
    resident, sandbox, monkeypatch
):
    sandbox.state.switches.sticky_devices = True
    browser = await resident()
    devices = await browser.get(list_of("unit", UNIT))
    name = f"{UNIT.devices[0].type} {UNIT.devices[0].mac}"
    asked = await browser.submit(devices, f"Remove {name}")
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert "The device is being removed. This can take a minute." in after.words
    assert REMOVED not in after.words
    assert sandbox.calls("residentRemoveDevice") == ["residentRemoveDevice"]
    # A minute later the list says so by itself,
    overdue = f"We asked the Wi-Fi system to remove {name}, but it’s still here."
    assert overdue not in after.words
    for seconds, told in ((61, True), (3601, False)):
        with monkeypatch.context() as patch:
            later = SimpleNamespace(time=lambda seconds=seconds: time.time() + seconds)
            patch.setattr(removals, "time", later)
            assert (overdue in (await browser.get(list_of("unit", UNIT))).words) is told
    # and a second attempt that is taken and removes nothing is no news either.
    again = await browser.follow(await browser.submit(asked, "Remove device"))
    assert "The device is still here. It may have rejoined" in again.words
    assert "being removed" not in again.words
    # Once it is gone, that is forgotten: who comes back later has joined again.
    sandbox.state.switches.sticky_devices = False
    assert REMOVED in (await browser.follow(await browser.submit(asked, "Remove device"))).words
    sandbox.user(HOME, "UNIT").devices.append(UNIT.devices[0])
    monkeypatch.setattr(removals, "time", SimpleNamespace(time=lambda: time.time() + 61))
    assert "still here" not in (await browser.get(list_of("unit", UNIT))).words


async def test_only_the_last_removals_that_do_not_show_are_remembered(
    resident, sandbox, monkeypatch
):
    monkeypatch.setattr(removals, "MOST", 2)
    sandbox.state.switches.sticky_devices = True
    browser = await resident()
    for device in UNIT.devices[:3]:
        asked = await browser.get(f"{list_of('unit', UNIT)}{device.mac}/remove/")
        await browser.follow(await browser.submit(asked, "Remove device"))
    monkeypatch.setattr(removals, "time", SimpleNamespace(time=lambda: time.time() + 61))
    view = await browser.get(list_of("unit", UNIT))
    told = [node.words for node in view.root.all("div", class_="note warning")]
    assert len(told) == 2
    assert not any(UNIT.devices[0].mac in words for words in told)


async def test_rows_with_one_guid_are_two_devices(resident, sandbox):
    sandbox.state.switches.device_id = "mac"
    user = sandbox.user(HOME, "LINKED", "Riley Example")
    first = seeds.Device("twin", "02:00:00:00:00:01", "Phone")
    second = seeds.Device("twin", "02:00:00:00:00:02", "Laptop")
    user.devices = [first, second, seeds.Device("twin", "02:00:00:00:00:02", "Laptop")]
    browser = await resident()
    view = await browser.get(list_of("linked", user))
    # One that is listed twice is one.
    assert "2 devices" in view.words
    asked = await browser.submit(view, "Remove Laptop 02:00:00:00:00:02")
    assert "02:00:00:00:00:02" in asked.words
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert REMOVED in after.words
    assert user.devices == [first]
    # Their guid says nothing of which of them goes, and an address with it leads nowhere.
    user.devices = [first, second]
    assert (await browser.get(f"{list_of('linked', user)}twin/remove/")).status == 404
    sandbox.state.switches.device_id = "guid"
    asked = await browser.submit(
        await browser.get(list_of("linked", user)), "Remove Laptop 02:00:00:00:00:02"
    )
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert "We couldn’t remove the device" in after.words
    assert user.devices == [first, second]


@pytest.mark.parametrize("status", [400, 404, 409, 422])
async def test_a_guid_that_is_refused_is_a_reason_to_try_the_address(resident, sandbox, status):
    sandbox.state.switches.device_id = "mac"
    user = sandbox.user(HOME, "LINKED", "Riley Example")
    device = user.devices[0]
    browser = await resident()
    asked = await browser.get(f"{list_of('linked', user)}{device.guid}/remove/")
    sandbox.fault(operation="removeUnitUserDevice", status=status, count=1)
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert REMOVED in after.words
    assert device not in user.devices


async def test_a_guid_that_is_taken_and_removes_nothing_is_no_removal(resident, sandbox):
    sandbox.state.switches.device_id = "mac"
    user = sandbox.user(HOME, "LINKED", "Riley Example")
    device = user.devices[0]
    browser = await resident()
    asked = await browser.get(f"{list_of('linked', user)}{device.guid}/remove/")
    sandbox.fault(operation="removeUnitUserDevice", status=200, count=1)
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert REMOVED in after.words
    assert device not in user.devices
    assert len(sandbox.calls("removeUnitUserDevice")) == 2


@pytest.mark.parametrize("answer", [500, 200, 404])
@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"contents": null}', b'{"contents": [null]}', b'{"contents": [{"type": "x"}]}'],
)
async def test_a_list_that_makes_no_sense_proves_no_removal(resident, sandbox, answer, body):
    browser = await resident()
    user = sandbox.user(HOME, "UNIT")
    asked = await browser.get(f"{list_of('unit', user)}{user.devices[0].mac}/remove/")
    gate = sandbox.wire.hold_back(user.devices[0].mac, "DELETE")
    sending = asyncio.ensure_future(browser.submit(asked, "Remove device"))
    await gate.reached.wait()
    sandbox.fault(operation="residentRemoveDevice", status=answer)
    sandbox.fault(operation="residentFetchUnitDevices", status=200, body=body)
    gate.open.set()
    sent = await sending
    sandbox.mended()
    after = await browser.follow(sent)
    assert "We don’t know yet if the device was removed." in after.words
    assert REMOVED not in after.words


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
async def test_back_from_the_list_after_a_removal_leads_to_the_list(resident, sandbox, headers):
    browser = await resident()
    devices = await browser.get(list_of("unit", UNIT))
    asked = await browser.submit(devices, f"Remove {UNIT.devices[0].type} {UNIT.devices[0].mac}")
    # With scripts the question is not kept in the history,
    assert asked.form("Remove device").attrs["data-hx-replace-url"] == "true"
    address = asked.form("Remove device").attrs["action"]
    await browser.follow(await browser.submit_with(asked, "Remove device", {}, headers))
    # without, its address leads to the list once there is nothing to ask.
    back = await browser.get(address, **headers)
    assert (back.status, back.location) == (302, "/devices/")
    # Sent once more, it is as true as it was.
    assert REMOVED in (await browser.follow(await browser.submit(asked, "Remove device"))).words


async def test_a_device_that_was_never_listed_here_is_not_called_removed(resident, sandbox):
    browser, other = await resident(), await resident("45 users")
    devices = await browser.get(list_of("unit", UNIT))
    asked = await browser.submit(devices, f"Remove {UNIT.devices[0].type} {UNIT.devices[0].mac}")
    theirs = asked.form("Remove device").attrs["action"]
    token = (await other.get("/")).root.all("form", method="post")[0]
    sent = {field.attrs["name"]: field.attrs["value"] for field in token.all("input")}
    sent["home"] = (await other.get("/contact/")).root.one("input", name="home").attrs["value"]
    for address in (theirs, f"{list_of('unit', UNIT)}00:00:00:00:00:99/remove/"):
        assert (await other.get(address)).status == 404
        assert (await other.send("POST", address, sent)).status == 404
    assert not sandbox.calls("residentRemoveDevice")


async def test_a_list_that_was_cut_says_so(resident, sandbox):
    browser = await resident()
    body = b'{"contents": [{"guid": "d1", "macAddress": "02:00", "type": "Phone"}, null]}'
    sandbox.fault(operation="residentFetchUnitDevices", status=200, body=body)
    view = await browser.get(list_of("unit", UNIT))
    assert "Some devices may be missing from this list." in view.words
    assert "02:00" in view.words
    assert "1 device" not in view.words
    # Nobody knows how many will have to join again, nor what is not in it.
    asked = await browser.get(f"/wifi/unit/{UNIT.id}/reset/")
    assert "Every device that uses this passphrase will be disconnected." in asked.words
    sandbox.mended()
    for none in (b"{}", b'{"contents": null}', b'{"contents": [7]}'):
        sandbox.fault(operation="residentFetchUnitDevices", status=200, body=none, count=1)
        view = await browser.get(list_of("unit", UNIT))
        assert "We can’t read this list right now." in view.words
        assert "No device has used" not in view.words


@pytest.mark.parametrize("takes", ["guid", "mac"])
@pytest.mark.parametrize("named", ["guid", "mac"])
async def test_whichever_identifier_ruckus_takes_for_a_person_s_device_is_found(
    resident, sandbox, takes, named
):
    sandbox.state.switches.device_id = takes
    browser = await resident()
    user = sandbox.user(HOME, "LINKED", "Riley Example")
    device = user.devices[0]
    asked = await browser.get(f"{list_of('linked', user)}{getattr(device, named)}/remove/")
    assert asked.status == 200
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert REMOVED in after.words
    assert device not in user.devices
    # However the page was called, the guid is tried first.
    assert len(sandbox.calls("removeUnitUserDevice")) == (1 if takes == "guid" else 2)


async def test_a_device_that_ruckus_knows_by_neither_identifier_is_told(resident, sandbox):
    browser = await resident()
    asked = await browser.get(f"{list_of('linked', RILEY)}{RILEY.devices[0].guid}/remove/")
    sandbox.fault(operation="removeUnitUserDevice", status=404)
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert "We couldn’t remove the device. Ask the building’s office." in after.words
    assert len(sandbox.calls("removeUnitUserDevice")) == 2


async def test_a_device_with_one_identifier_alone_is_tried_once(resident, sandbox):
    user = sandbox.user(HOME, "LINKED", "Riley Example")
    user.devices = [seeds.Device("", "02:00:00:00:00:01", "Phone")]
    browser = await resident()
    asked = await browser.get(f"{list_of('linked', user)}02:00:00:00:00:01/remove/")
    sandbox.fault(operation="removeUnitUserDevice", status=404)
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert "We couldn’t remove the device." in after.words
    assert len(sandbox.calls("removeUnitUserDevice")) == 1


async def test_a_device_that_is_gone_already_is_removed(resident, sandbox):
    browser = await resident()
    user = sandbox.user(HOME, "UNIT")
    asked = await browser.get(f"{list_of('unit', user)}{user.devices[0].mac}/remove/")
    user.devices = user.devices[1:]
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert REMOVED in after.words
    # Under a name that no list gave it, it never was.
    gone = await browser.get(f"{list_of('unit', user)}{UNIT.devices[0].mac}/remove/")
    assert gone.status == 404
    sandbox.fault(operation="residentFetchUnitDevices", status=200, body=b"{}", count=1)
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert "We don’t know yet" in after.words


async def test_a_lost_answer_is_followed_by_the_truth(resident, sandbox):
    browser = await resident()
    user = sandbox.user(HOME, "UNIT")
    first, second = user.devices[:2]
    asked = await browser.get(f"{list_of('unit', user)}{first.mac}/remove/")
    sandbox.fault("reset_after", operation="residentRemoveDevice", count=1)
    assert REMOVED in (await browser.follow(await browser.submit(asked, "Remove device"))).words
    asked = await browser.get(f"{list_of('unit', user)}{second.mac}/remove/")
    sandbox.fault("reset", operation="residentRemoveDevice", count=1)
    after = await browser.follow(await browser.submit(asked, "Remove device"))
    assert "We can’t reach the Wi-Fi system. The device is still there." in after.words
    assert second in user.devices


@pytest.mark.parametrize("status", [500, 401, 403])
async def test_when_the_list_cannot_be_read_again_nobody_says_removed(resident, sandbox, status):
    browser = await resident()
    user = sandbox.user(HOME, "UNIT")
    asked = await browser.get(f"{list_of('unit', user)}{user.devices[0].mac}/remove/")
    gate = sandbox.wire.hold_back(user.devices[0].mac, "DELETE")
    sending = asyncio.ensure_future(browser.submit(asked, "Remove device"))
    await gate.reached.wait()
    sandbox.fault(operation="residentFetchUnitDevices", status=status)
    gate.open.set()
    sent = await sending
    sandbox.mended()
    after = await browser.follow(sent)
    assert "We don’t know yet if the device was removed." in after.words


@pytest.mark.parametrize("kind", ["busy", "refused"])
async def test_a_removal_that_was_never_sent_is_an_outage(resident, sandbox, monkeypatch, kind):
    browser = await resident()
    asked = await browser.get(f"{list_of('unit', UNIT)}{UNIT.devices[0].mac}/remove/")
    error = {
        "busy": TooBusy("residentRemoveDevice", retry_after=60),
        "refused": Unavailable("residentRemoveDevice", "refused"),
    }[kind]

    async def not_sent(*ids: object) -> None:
        raise error

    monkeypatch.setattr(ResidentApi, "remove_unit_device", not_sent)
    sent = await browser.submit(asked, "Remove device")
    assert sent.status == 503
    assert sent.form("Remove device")
    assert not sandbox.calls("residentRemoveDevice")


async def test_an_unknown_device_and_no_list_is_an_outage(resident, sandbox):
    browser = await resident()
    asked = await browser.get(f"{list_of('unit', UNIT)}{UNIT.devices[0].mac}/remove/")
    gate = sandbox.wire.hold_back(UNIT.devices[0].mac, "DELETE")
    sending = asyncio.ensure_future(browser.submit(asked, "Remove device"))
    await gate.reached.wait()
    sandbox.fault(operation="residentRemoveDevice", status=404)
    sandbox.fault(operation="residentFetchUnitDevices", status=500)
    gate.open.set()
    sent = await sending
    assert sent.status == 503
    assert sent.form("Remove device")


# Identifiers ----------------------------------------------------------------------------------


def shown(guid: str | None, mac: str | None, kind: Kind = Kind.UNIT) -> ShownDevice:
    return ShownDevice(Device(id=guid, mac_address=mac, type=" Phone "), kind, "a home")


def test_the_home_s_devices_go_by_their_address_and_a_person_s_by_their_id():
    assert shown("g", "m").vendor_ids == ["m", "g"]
    assert shown("g", "m", Kind.LINKED).vendor_ids == ["g", "m"]
    assert shown("g", None).vendor_ids == ["g"]
    assert shown(None, "m", Kind.LINKED).vendor_ids == ["m"]
    assert shown("g", "m/..").vendor_ids == ["g"]
    assert shown(None, "m/..").removal_id is None
    assert shown("g", "m").label == "Phone m"
    assert shown("g", None).label == "Phone g"


def test_a_removal_page_is_called_by_both_identifiers_and_says_neither():
    page = shown("guid-1", "02:AB").removal_id
    assert page == shown("GUID1", "02-ab").removal_id
    assert page not in (shown("guid-1", "02:AC").removal_id, shown("guid-2", "02:AB").removal_id)
    assert "guid1" not in page
    assert was_listed("a home", page)
    assert not was_listed("another home", page)
    assert not was_listed("a home", page[:-1])
    assert not was_listed("a home", "02:AB")


def test_an_identifier_is_known_in_any_notation():
    device = shown("0A-0b", "02:AB:cd:00:00:01")
    for written in ("02-ab-cd-00-00-01", "02abCD000001", "0a0b", "0A:0B"):
        assert device.is_called(written)
        assert find([shown("c", "d"), device], written) is device
    assert not device.is_called("02")


def test_an_identifier_of_two_devices_finds_neither():
    one, other = shown("g", "m1"), shown("g", "m2")
    assert find([one, other], "g") is None
    assert find([one, other], "m2") is other
    assert find([one, other], one.removal_id) is one
    assert find([shown(None, "m/..")], "m/..") is None


def test_a_device_is_known_again_without_one_of_its_identifiers():
    device = shown("g", "m")
    for same in (shown("G", "M"), shown("g", None), shown(None, "m")):
        assert device.may_be(same)
        assert same.may_be(device)
    for other in (shown("g", "n"), shown("h", "m"), shown("h", None), shown(None, None)):
        assert not device.may_be(other)


@pytest.mark.parametrize("nothing", ["-", ":", "...", ""])
def test_nothing_but_notation_is_no_device(nothing):
    assert not shown(None, "02:00").is_called(nothing)
    assert not shown("g", None).is_called(nothing)


def test_a_private_address_that_a_device_may_have_left_is_pointed_out():
    now = datetime.now(UTC)

    def phone(mac: str, days: float | None, kind: str = "Phone") -> Device:
        seen = None if days is None else now - timedelta(days=days)
        return Device(id=mac, mac_address=mac, type=kind, last_connected=seen)

    devices = [
        phone("0A:00:00:00:00:01", 0),
        phone("0A:00:00:00:00:02", 6),
        phone("0A:00:00:00:00:03", 8),
        phone("0A:00:00:00:00:04", 30, "Tablet"),
        phone("0A:00:00:00:00:05", None),
        # Its own address is no private one.
        phone("F0:18:98:00:00:06", 30),
    ]
    shown = shown_devices(devices, Kind.UNIT, "a home")
    left = [each.device.mac_address for each in shown if each.looks_left]
    assert left == ["0A:00:00:00:00:03"]
    [text] = [each.facts for each in shown if each.looks_left]
    assert "Perhaps an older address of another device" in text


def test_devices_seen_at_the_same_moment_keep_their_order():
    now = datetime.now(UTC)
    devices = [Device(id=name, last_connected=now) for name in "abc"]
    shown = shown_devices(devices, Kind.UNIT, "a home")
    assert [each.device.id for each in shown] == ["a", "b", "c"]


@pytest.mark.parametrize("closed", ["home", "user"])
async def test_what_is_closed_loses_no_device(resident, sandbox, closed):
    browser = await resident()
    user = sandbox.user(HOME, "LINKED")
    path = f"/wifi/linked/{user.id}/devices/{user.devices[0].guid}/remove/"
    form = await browser.get(path)
    if closed == "home":
        sandbox.state.units[HOME.unit_guid].status = "DISABLED"
    else:
        user.status = "BLOCKED"
    sent = await browser.submit(form, "Remove device")
    assert sent.status == 403
    assert ("is suspended" if closed == "home" else "is blocked") in sent.words
    assert "removeUnitUserDevice" not in sandbox.calls()
    assert (await browser.get(path)).status == 403
