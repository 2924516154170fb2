"""After a reset: what has to join again is ticked to the end, and the diary tells of all of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import Seen
from tests.browser.modes import two_of_four, with_script
from tests.browser.portal import PortalProcess
from tests.browser.resident import FULL, GUEST, MODES, UNIT, Mode, Resident
from tests.servers import SandboxProcess


@pytest.fixture
def neighbor_in_the_home(
    browser: Browser, portal: PortalProcess, resident: Resident, mode: Mode, seen: Seen
) -> Iterator[Resident]:
    """Somebody else of the same home, with the other kind of screen."""
    screen = "desktop" if mode.width < 500 else "phone"
    other = MODES[screen if mode.script else f"{screen}-without-script"]
    context = browser.new_context(**other.options)
    try:
        found = Resident(context, context.new_page(), portal.url, other, [])
        yield found
        for answer in found.traffic:
            seen.note_answer(answer)
        assert found.unexpected() == []
    finally:
        context.close()


def tick(resident: Resident, device: str) -> None:
    resident.page.get_by_role("button", name=re.compile(f"^It’s back ?: {device}")).first.click()


def lines(resident: Resident) -> list[str]:
    return resident.page.locator("main li.row strong").all_inner_texts()


@two_of_four
def test_devices_come_back_one_by_one_after_a_reset(
    resident: Resident, neighbor_in_the_home: Resident, sandbox: SandboxProcess
) -> None:
    other = neighbor_in_the_home
    devices = next(user for user in FULL.unit.users if user.id == GUEST).devices
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.sign_in(FULL)
    resident.change("Guest Wi-Fi", "Reset passphrase")
    resident.reads("3 devices will be disconnected")
    resident.press("Reset passphrase")
    resident.reads("Setting your new passphrase…")
    expect(resident.page.get_by_text("devices are back")).to_have_count(0)
    sandbox.settle()
    resident.reads("Your passphrase is changed.")
    resident.reads("0 of 3 devices are back")

    # One joins by itself.
    soon = datetime.now(UTC) + timedelta(seconds=5)
    sandbox.add_device(GUEST, devices[0].mac, last_connected=soon.isoformat())
    resident.press("Check again")
    resident.reads("1 of 3 devices are back")

    # Another phone of the home finds the list, and ticks what the Wi-Fi system doesn't see.
    other.sign_in(FULL)
    other.go(f"/wifi/guest/{GUEST}/")
    other.press("1 of 3 devices are back")
    expect(other.heading("Reconnect your devices")).to_be_visible()
    tick(other, str(devices[1].type))
    other.reads("2 of 3 devices are back")
    if other.script:
        expect(other.focused()).to_have_text("2 of 3 devices are back")
    other.go("/devices/")
    other.reads("The passphrase was changed. 2 of 3 devices are back.")

    # The first phone sees that, and comes to the end.
    resident.press("Check again")
    resident.reads("2 of 3 devices are back")
    tick(resident, str(devices[2].type))
    resident.reads("Everything is back.")
    resident.press("I’m done")
    resident.is_at("/")
    other.go(f"/wifi/guest/{GUEST}/back/")
    other.reads("No devices are on the list.")
    assert len(sandbox.calls("updateUnitUser")) == 1


@with_script
def test_a_tick_shows_though_an_older_list_comes_late(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    devices = next(user for user in FULL.unit.users if user.id == GUEST).devices
    resident.sign_in(FULL)
    resident.change("Guest Wi-Fi", "Reset passphrase")
    resident.press("Reset passphrase")
    resident.reads("0 of 3 devices are back")
    # Asked for before the tick, answered after it.
    sandbox.switches(latency=1)
    with resident.page.expect_response("**/back/") as late:
        resident.press("Check again")
        tick(resident, str(devices[0].type))
        resident.reads("1 of 3 devices are back")
    late.value.finished()
    resident.reads("1 of 3 devices are back")

    # Asked for before the tick, and there before it is answered.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    resident.page.route("**/tick/", hold)
    with resident.page.expect_response("**/back/") as early:
        resident.press("Check again")
        tick(resident, str(devices[1].type))
    early.value.finished()
    sandbox.switches(latency=0)
    expect(resident.page.get_by_role("button", name="It’s back")).to_have_count(2)
    held.pop().continue_()
    resident.reads("2 of 3 devices are back")
    expect(resident.focused()).to_have_text("2 of 3 devices are back")


@two_of_four
def test_the_diary_tells_and_its_deletion_leaves_what_matters(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.change("Home Wi-Fi", "Reset passphrase")
    resident.press("Reset passphrase")
    resident.reads("Your passphrase is changed.")
    resident.go(f"/wifi/unit/{UNIT}/devices/")
    resident.page.get_by_role("button", name=re.compile("^Rename")).first.click()
    resident.fill("Name", "Robin’s phone")
    resident.press("Save name")
    resident.reads("Name saved.")

    resident.go("/help/")
    resident.press("Diary")
    expect(resident.heading("Diary")).to_be_visible()
    assert lines(resident)[:2] == ["Device renamed", "Home Wi‑Fi passphrase reset"]
    assert lines(resident)[2].startswith("Signed in")
    # With a script times are the browser's own, else those of the server, which the page says.
    expect(resident.page.get_by_text("Times are in UTC.")).to_be_visible(
        visible=not resident.script
    )
    if resident.script:
        now = datetime.now(ZoneInfo("America/New_York"))
        shown = resident.page.locator("main time").first.inner_text()
        hours = (f"{moment:%-I}:" for moment in (now, now - timedelta(minutes=1)))
        assert shown.startswith(tuple(hours))
    resident.press("Delete names and diary")
    resident.reads("Delete names and diary?")
    resident.press("Delete the diary only")
    resident.reads("Diary deleted.")
    assert lines(resident)[:2] == ["Diary deleted", "Home Wi‑Fi passphrase reset"]
    resident.go("/devices/")
    expect(resident.page.get_by_text("Robin’s phone").first).to_be_visible()
