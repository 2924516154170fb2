"""What a home calls its devices."""

import io
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import OperationalError, connection

from common.keys import NAMES, ring
from common.models import DeviceName, Session
from common.sessions import SessionStore, hashed
from residents.home import device_names
from sandbox import seeds
from tests.residents.browser import HTMX, Browser, View
from tests.residents.conftest import seeded

HOME = seeded("full branding")
UNIT = HOME.unit.users[0]
GUEST = next(user for user in HOME.unit.users if user.type == "GUEST")
RILEY = next(user for user in HOME.unit.users if user.name == "Riley Example")
PHONE = UNIT.devices[0]
RENAME = f"Rename {PHONE.type} {PHONE.mac}"
HOSTILE = [
    "<script>alert(1)</script> & \"'{{ x }}",
    "📱👩‍👩‍👧‍👦",
    "\u202eטלפון של אבא",
    "x" * 40,
    "👾" * 40,
]


def list_of(kind: str, user: seeds.User) -> str:
    return f"/wifi/{kind}/{user.id}/devices/"


async def name_it(browser: Browser, name: str, called: str = RENAME) -> View:
    """Rename a device of the home's list, starting there; the list afterwards."""
    asked = await browser.submit(await browser.get("/devices/"), called)
    return await browser.follow(await browser.submit(asked, "Save name", name=name))


async def test_a_device_is_renamed_and_gets_its_kind_back(resident, sandbox):
    browser = await resident()
    asked = await browser.submit(await browser.get("/devices/"), RENAME)
    assert asked.heading == "Rename this device"
    assert "Everybody in your home sees it." in asked.words
    named = await browser.submit(asked, "Save name", name="  Robin’s   phone ")
    assert named.location == "/devices/"
    view = await browser.follow(named)
    assert "Name saved." in view.words
    row = view.devices[f"Robin’s phone {PHONE.mac}"]
    assert row.one("strong").one("bdi").words == "Robin’s phone"
    assert row.all("span", class_="fine")[0].words.startswith(f"{PHONE.type} · Apple · ")
    # The buttons call it by its name, too, and the form has it.
    asked = await browser.submit(view, f"Rename Robin’s phone {PHONE.mac}")
    assert asked.root.one("input", name="name").attrs["value"] == "Robin’s phone"
    view = await browser.follow(await browser.submit(asked, "Save name", name=" "))
    assert "Name removed." in view.words
    assert f"{PHONE.type} {PHONE.mac}" in view.devices
    assert not await DeviceName.objects.aexists()
    assert not [
        call
        for call in sandbox.calls()
        if not call.startswith(("residentFetch", "query")) and not call.startswith("get")
    ]


async def test_the_name_stands_wherever_the_device_does(resident):
    browser = await resident()
    await name_it(browser, "Robin’s phone")
    label = f"Robin’s phone {PHONE.mac}"
    assert label in (await browser.get(list_of("unit", UNIT))).devices
    assert label in (await browser.get(f"/wifi/unit/{UNIT.id}/reset/")).devices
    asked = await browser.submit(await browser.get("/devices/"), f"Remove {label}")
    assert label in asked.devices


async def test_devices_of_guests_and_people_have_names(resident):
    browser = await resident()
    guest = GUEST.devices[0]
    view = await name_it(browser, "Visitor", f"Rename {guest.type} {guest.mac}")
    assert f"Visitor {guest.mac}" in view.devices
    device = RILEY.devices[0]
    people = list_of("linked", RILEY)
    asked = await browser.submit(await browser.get(people), f"Rename {device.type} {device.mac}")
    assert asked.link("Cancel") == people
    saved = await browser.submit(asked, "Save name", name="Riley’s own")
    assert saved.location == people
    assert f"Riley’s own {device.mac}" in (await browser.follow(saved)).devices


@pytest.mark.parametrize("name", HOSTILE)
async def test_any_name_is_only_text(resident, name):
    browser = await resident()
    view = await name_it(browser, name)
    row = next(row for label, row in view.devices.items() if PHONE.mac in label)
    assert row.one("strong").one("bdi").words == name
    assert not row.all("script")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
async def test_a_name_that_is_too_long_is_shown_again(resident, headers):
    browser = await resident()
    asked = await browser.submit(await browser.get("/devices/"), RENAME)
    view = await browser.submit_with(asked, "Save name", {"name": "y" * 41}, headers)
    assert view.status == 422
    assert "Name must be 40 characters or fewer" in view.words
    assert view.root.one("input", name="name").attrs["value"] == "y" * 41
    assert not await DeviceName.objects.aexists()


async def test_a_name_that_nobody_could_see_is_none(resident):
    browser = await resident()
    assert "Name removed." in (await name_it(browser, "\u200b \u202e")).words


async def test_what_was_typed_stays_while_the_list_cannot_be_read(resident, sandbox):
    browser = await resident()
    asked = await browser.submit(await browser.get("/devices/"), RENAME)
    sandbox.fault(operation="residentFetchUnitDevices", status=500)
    view = await browser.submit(asked, "Save name", name="Robin’s phone")
    assert view.status == 503
    assert view.root.one("input", name="name").attrs["value"] == "Robin’s phone"
    sandbox.mended()
    assert "Name saved." in (await browser.follow(await browser.submit(view, "Save name"))).words


async def test_only_what_was_listed_here_has_a_name(resident, sandbox):
    browser, other = await resident(), await resident("45 users")
    asked = await browser.submit(await browser.get("/devices/"), RENAME)
    theirs = asked.form("Save name").attrs["action"]
    field = (await other.get("/contact/")).root.one("form", action="/contact/")
    sent = {each.attrs["name"]: each.attrs["value"] for each in field.all("input")}
    for address in (theirs, f"{list_of('unit', UNIT)}00:00:00:00:00:99/name/"):
        assert (await other.get(address)).status == 404
        assert (await other.send("POST", address, sent)).status == 404
    unknown = f"{list_of('unit', UNIT)}00:00:00:00:00:99/name/"
    assert (await browser.get(unknown)).status == 404
    assert not await DeviceName.objects.aexists()


async def test_a_device_that_is_not_listed_any_more_leads_to_the_list(resident, sandbox):
    browser = await resident()
    asked = await browser.submit(await browser.get("/devices/"), RENAME)
    user = sandbox.user(HOME)
    user.devices = user.devices[1:]
    view = await browser.follow(await browser.submit(asked, "Save name", name="Robin’s phone"))
    assert "so its name stays as it was" in view.words
    again = await browser.get(asked.form("Save name").attrs["action"])
    assert (again.status, again.location) == (302, "/devices/")
    assert not await DeviceName.objects.aexists()


async def test_a_device_without_an_address_goes_by_its_id(resident, sandbox):
    user = sandbox.user(HOME, "LINKED", "Riley Example")
    user.devices = [seeds.Device("guid-1", "", "Phone"), seeds.Device("guid-2", "", "Phone")]
    browser = await resident()
    path = list_of("linked", user)
    asked = await browser.get(f"{path}guid-1/name/")
    view = await browser.follow(await browser.submit(asked, "Save name", name="Mine"))
    assert sorted(node.words for node in view.root.all("strong")) == ["Mine", "Phone"]


async def test_a_home_that_is_suspended_names_its_devices(resident, sandbox):
    browser = await resident()
    sandbox.state.units[HOME.unit_guid].status = "DISABLED"
    assert "Name saved." in (await name_it(browser, "Robin’s phone")).words


# Whose they are -----------------------------------------------------------------------------------


async def test_everybody_in_the_home_sees_the_name(resident):
    browser, other = await resident(), await resident()
    await name_it(browser, "Robin’s phone")
    assert f"Robin’s phone {PHONE.mac}" in (await other.get("/devices/")).devices


async def test_another_home_shows_no_name(resident, sandbox):
    neighbour = next(
        home
        for home in seeds.homes()
        if home.property_id == HOME.property_id and home.unit_guid != HOME.unit_guid
    )
    browser, other = await resident(), await resident(neighbour.shows)
    await name_it(browser, "Robin’s phone")
    # The same device, in the list of both.
    sandbox.user(neighbour).devices = [PHONE]
    view = await other.get("/devices/")
    assert f"{PHONE.type} {PHONE.mac}" in view.devices
    assert "Robin" not in view.text


async def test_another_access_code_of_the_home_shows_no_name(resident, sandbox):
    browser = await resident()
    await name_it(browser, "Robin’s phone")
    sandbox.state.units[HOME.unit_guid].access_code = "another-code"
    newcomer = Browser()
    page = await newcomer.get(f"/p/{HOME.property_id}/another-code/")
    assert (await newcomer.follow(await newcomer.submit(page, "Open my Wi-Fi"))).status == 200
    view = await newcomer.get("/devices/")
    assert f"{PHONE.type} {PHONE.mac}" in view.devices
    assert "Robin" not in view.text


async def test_a_session_from_before_there_were_names_goes_on_without(resident):
    browser = await resident()
    asked = await browser.submit(await browser.get("/devices/"), RENAME)
    session = SessionStore(browser.cookie)
    await session.aload()
    del (await session._aget_session())["link"]
    await session.asave()
    view = await browser.get("/devices/")
    assert f"Remove {PHONE.type} {PHONE.mac}" in view.words
    assert "Rename" not in view.words
    assert (await browser.submit(asked, "Save name", name="x")).status == 404
    privacy = await browser.get("/privacy/")
    assert "Delete names and diary" not in privacy.words
    assert "Diary" not in (await browser.get("/help/")).words
    assert (await browser.get("/privacy/delete/")).status == 404
    assert (await browser.get("/diary/")).status == 404


async def test_what_is_stored_tells_neither_name_nor_device_nor_code(resident):
    browser = await resident()
    await name_it(browser, "Robin’s phone")
    row = await DeviceName.objects.aget()
    session = await Session.objects.aget(session_key=hashed(browser.cookie))
    stored = " ".join(map(str, vars(row).values())).lower()
    bare = PHONE.mac.replace(":", "").lower()
    for told in ("robin", bare, PHONE.mac.lower(), HOME.secret.lower(), session.home):
        assert told not in stored
    data = await SessionStore(browser.cookie).aload()
    assert HOME.secret not in str(data)
    assert str(row) == row.device


# How long, and how many ---------------------------------------------------------------------------


async def test_a_sign_in_keeps_the_names_of_its_link_for_another_year(resident):
    browser = await resident()
    await name_it(browser, "Robin’s phone")
    await DeviceName.objects.aupdate(seen=device_names.today() - timedelta(days=300))
    await resident("45 users")
    row = await DeviceName.objects.aget()
    assert row.seen == device_names.today() - timedelta(days=300)
    await resident()
    assert (await DeviceName.objects.aget()).seen == device_names.today()


@pytest.mark.parametrize("shows", ["full branding", "45 users"])
async def test_names_end_a_year_after_the_last_sign_in(resident, shows):
    browser = await resident()
    await name_it(browser, "Robin’s phone")
    await DeviceName.objects.aupdate(seen=device_names.today() - timedelta(days=366))
    await resident(shows)
    assert not await DeviceName.objects.aexists()


async def test_a_home_has_so_many_names_and_the_first_make_room(resident, monkeypatch):
    monkeypatch.setattr(device_names, "MOST", 2)
    browser = await resident()
    first, second, third = UNIT.devices[:3]
    for number, device in enumerate((first, second, third)):
        await name_it(browser, f"Number {number}", f"Rename {device.type} {device.mac}")
    # Renaming is no further name.
    view = await name_it(browser, "Number 9", f"Rename Number 1 {second.mac}")
    assert {f"Number 9 {second.mac}", f"Number 2 {third.mac}"} < set(view.devices)
    assert f"{first.type} {first.mac}" in view.devices
    assert await DeviceName.objects.acount() == 2


async def test_the_names_are_deleted_after_a_question(resident):
    browser, other = await resident(), await resident("45 users")
    await name_it(browser, "Robin’s phone")
    theirs = seeded("45 users").unit.users[0].devices[0]
    await name_it(other, "Theirs", f"Rename {theirs.type} {theirs.mac}")
    privacy = await browser.get("/privacy/")
    assert "The names you give your devices" in privacy.words
    asked = await browser.get(privacy.link("Delete names and diary"))
    assert await DeviceName.objects.acount() == 2
    done = await browser.submit(asked, "Delete names and diary")
    assert done.location == "/diary/"
    assert "Names and diary deleted." in (await browser.follow(done)).words
    assert f"{PHONE.type} {PHONE.mac}" in (await browser.get("/devices/")).devices
    assert f"Theirs {theirs.mac}" in (await other.get("/devices/")).devices


# Reading them -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/", 0),
        ("/help/", 0),
        ("/privacy/", 0),
        ("/diary/", 0),
        (f"/wifi/unit/{UNIT.id}/", 0),
        ("/devices/", 1),
        (list_of("unit", UNIT), 1),
        (f"/wifi/unit/{UNIT.id}/reset/", 1),
        (f"/wifi/unit/{UNIT.id}/choose/", 1),
    ],
)
async def test_names_are_read_once_and_only_where_devices_are(resident, sandbox, path, queries):
    sandbox.profile(HOME).tenant_set_dpsk = True
    browser = await resident()
    await name_it(browser, "Robin’s phone")

    read: list[str] = []

    def watch(execute: Any, sql: str, *args: Any) -> Any:
        if DeviceName._meta.db_table in sql:
            read.append(sql)
        return execute(sql, *args)

    # In the thread whose connection the portal uses.
    await sync_to_async(lambda: connection.execute_wrappers.append(watch))()
    try:
        assert (await browser.get(path)).status == 200
    finally:
        await sync_to_async(lambda: connection.execute_wrappers.remove(watch))()
    assert len(read) == queries


async def test_a_name_that_was_moved_to_another_device_is_none(resident):
    browser = await resident()
    second = UNIT.devices[1]
    await name_it(browser, "Robin’s phone")
    await name_it(browser, "Laptop", f"Rename {second.type} {second.mac}")
    first_row, second_row = [row async for row in DeviceName.objects.order_by("pk")]
    second_row.encrypted = first_row.encrypted
    await second_row.asave()
    first_row.encrypted = "gAAAAA"
    await first_row.asave()
    view = await browser.get("/devices/")
    assert {f"{each.type} {each.mac}" for each in (PHONE, second)} < set(view.devices)


async def test_names_are_encrypted_anew_with_all_else(resident, settings):
    settings.ENCRYPTION_KEYS = ["one"]
    browser = await resident()
    await name_it(browser, "Robin’s phone")
    second = UNIT.devices[1]
    await name_it(browser, "Lost", f"Rename {second.type} {second.mac}")
    last = await DeviceName.objects.order_by("pk").alast()
    assert last is not None
    last.encrypted = "gAAAAA"
    await last.asave()
    settings.ENCRYPTION_KEYS = ["two", "one"]
    out = io.StringIO()
    await sync_to_async(call_command)("rekey", stdout=out)
    assert "1 sessions, 1 names of devices, 3 diary entries, 0 checklists," in out.getvalue()
    settings.ENCRYPTION_KEYS = ["two"]
    row = await DeviceName.objects.aget()
    assert ring(NAMES).decrypt(row.encrypted).decode() == f"{row.device}Robin’s phone"
    assert f"Robin’s phone {PHONE.mac}" in (await browser.get("/devices/")).devices


async def test_a_fresh_start_leaves_no_name(resident):
    browser = await resident()
    await name_it(browser, "Robin’s phone")
    await sync_to_async(call_command)("rekey", "--anew", stdout=io.StringIO())
    assert not await DeviceName.objects.aexists()


async def test_devices_are_listed_without_names_while_the_database_is_down(resident, monkeypatch):
    browser = await resident()
    await name_it(browser, "Robin’s phone")

    def down(link: str) -> None:
        raise OperationalError("down")

    monkeypatch.setattr(device_names, "stored", down)
    view = await browser.get("/devices/")
    assert view.status == 200
    assert f"{PHONE.type} {PHONE.mac}" in view.devices
