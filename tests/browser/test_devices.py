"""Seeing the devices of a passphrase, and removing one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, once, two_of_four
from tests.browser.resident import FULL, RILEY, UNIT, Resident
from tests.servers import SandboxProcess

LAPTOP = "A4:83:E7:11:22:33"


def test_the_devices_are_listed_newest_first(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.sign_in(FULL)
    devices = resident.open_devices("Home Wi-Fi")
    rows = devices.locator("li.row")
    expect(rows).to_have_count(12)
    # Five of them at once.
    expect(devices.locator("li.row:visible")).to_have_count(5)
    devices.locator("summary", has_text="Show 7 more").click()
    expect(devices.locator("li.row:visible")).to_have_count(12)
    stored = sandbox.devices(UNIT)
    newest = sorted(stored, key=lambda device: device["lastConnectedDate"] or "", reverse=True)
    for row, device in zip(rows.all(), newest, strict=True):
        expect(row).to_contain_text(device["macAddress"])
    expect(rows.first).to_contain_text(re.compile(r"Smartphone \d+.minutes? ago F0:18:98:3A:5C:01"))
    expect(rows.nth(2)).to_contain_text("Added by its hardware address")
    expect(rows.last).to_contain_text("We don’t know when it was last here")


def test_removing_a_device_asks_first(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.sign_in(FULL)
    devices = resident.open_devices("Home Wi-Fi")
    resident.press(f"Remove Laptop {LAPTOP}", devices)
    expect(resident.heading("Remove this device?")).to_be_visible()
    resident.reads("Laptop")
    resident.reads(LAPTOP)
    assert len(sandbox.devices(UNIT)) == 12
    resident.press("Remove device")
    resident.reads("Device removed.")
    expect(resident.page.get_by_role("heading", name="11 devices")).to_be_visible()
    expect(resident.page.get_by_text(LAPTOP)).to_have_count(0)
    assert LAPTOP not in [device["macAddress"] for device in sandbox.devices(UNIT)]
    assert len(sandbox.devices(UNIT)) == 11


@two_of_four
def test_after_a_removal_back_leads_to_the_list(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.go("/devices/")
    resident.press("Remove Smartphone F0:18:98:3A:5C:01")
    expect(resident.heading("Remove this device?")).to_be_visible()
    resident.press("Remove device")
    resident.reads("Device removed.")
    resident.is_at("/devices/")
    resident.page.go_back()
    expect(resident.heading("Devices")).to_be_visible()
    expect(resident.page.get_by_text("11 devices")).to_be_visible()
    resident.is_at("/devices/")
    # Nor does going forward again ask about what is gone.
    resident.page.go_forward()
    expect(resident.heading("Devices")).to_be_visible()


@on_a_phone
def test_cancelling_a_removal_keeps_the_device(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.sign_in(FULL)
    devices = resident.open_devices("Home Wi-Fi")
    resident.press(f"Remove Laptop {LAPTOP}", devices)
    expect(resident.heading("Remove this device?")).to_be_visible()
    resident.press("Cancel")
    expect(resident.page.get_by_role("heading", name="12 devices")).to_be_visible()
    assert len(sandbox.devices(UNIT)) == 12


@pytest.mark.parametrize("taken", ["guid", "mac"])
@two_of_four
def test_a_linked_persons_device_goes_whichever_identifier_is_taken(
    resident: Resident, sandbox: SandboxProcess, taken: str
) -> None:
    sandbox.switches(device_id=taken)
    resident.sign_in(FULL)
    gone = sandbox.devices(RILEY)[0]
    devices = resident.open_devices("Riley Example")
    resident.press(f"Remove {gone['type']} {gone['macAddress']}", devices)
    expect(resident.heading("Remove this device?")).to_be_visible()
    resident.press("Remove device")
    resident.reads("Device removed.")
    expect(resident.page.get_by_role("heading", name="3 devices")).to_be_visible()
    assert gone["guid"] not in [device["guid"] for device in sandbox.devices(RILEY)]
    assert len(sandbox.devices(RILEY)) == 3


@on_a_phone
def test_a_device_that_stays_on_the_list_is_not_called_removed(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.switches(sticky_devices=True)
    resident.sign_in(FULL)
    devices = resident.open_devices("Home Wi-Fi")
    resident.press(f"Remove Laptop {LAPTOP}", devices)
    resident.press("Remove device")
    resident.reads("The device is being removed. This can take a minute.")
    expect(resident.page.get_by_text("Device removed.")).to_have_count(0)


@on_a_phone
def test_a_removal_whose_answer_was_lost_ends_with_the_truth(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    devices = resident.open_devices("Home Wi-Fi")
    resident.press(f"Remove Laptop {LAPTOP}", devices)
    expect(resident.heading("Remove this device?")).to_be_visible()
    sandbox.fault("reset_after", operation="residentRemoveDevice")
    resident.press("Remove device")
    resident.reads("Device removed.")
    assert len(sandbox.calls("residentRemoveDevice")) == 1


@on_a_phone
def test_a_removal_that_the_vendor_never_knows_is_said_to_have_failed(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    gone = sandbox.devices(RILEY)[0]
    devices = resident.open_devices("Riley Example")
    resident.press(f"Remove {gone['type']} {gone['macAddress']}", devices)
    expect(resident.heading("Remove this device?")).to_be_visible()
    sandbox.fault(status=404, operation="removeUnitUserDevice", count=2)
    resident.press("Remove device")
    resident.reads("We couldn’t remove the device.")
    assert len(sandbox.devices(RILEY)) == 4


@once
def test_a_list_without_devices_says_so(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.sign_in(FULL)
    for device in sandbox.devices(RILEY):
        resident.go(f"/wifi/linked/{RILEY}/devices/{device['guid']}/remove/")
        resident.press("Remove device")
        resident.reads("Device removed.")
    resident.reads("No device has used this passphrase yet.")
