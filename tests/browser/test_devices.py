"""Seeing the devices of a passphrase, naming and removing one."""

from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, two_of_four
from tests.browser.resident import FULL, UNIT, Resident
from tests.servers import SandboxProcess

LAPTOP = "A4:83:E7:11:22:33"


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


def test_a_device_gets_a_name_and_loses_it(resident: Resident) -> None:
    resident.sign_in(FULL)
    devices = resident.open_devices("Home Wi-Fi")
    resident.press(f"Rename Laptop {LAPTOP}", devices)
    expect(resident.heading("Rename this device")).to_be_visible()
    resident.fill("Name", "Robin’s laptop")
    resident.press("Save name")
    resident.reads("Name saved.")
    resident.is_at("/devices/")
    resident.press(f"Rename Robin’s laptop {LAPTOP}")
    expect(resident.page.get_by_label("Name")).to_have_value("Robin’s laptop")
    resident.fill("Name", "")
    resident.press("Save name")
    resident.reads("Name removed.")
    expect(resident.page.get_by_text("Robin’s laptop")).to_have_count(0)
