"""Getting a device or a guest onto the Wi-Fi: few taps, nothing to scroll, nothing mistyped."""

import re

from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, once, with_script
from tests.browser.resident import FULL, GUEST, UNIT, Resident, written
from tests.servers import SandboxProcess


@on_a_phone
def test_a_guest_s_code_is_two_taps_away_and_whole_on_the_screen(resident: Resident) -> None:
    resident.sign_in(FULL)
    first = resident.section("Home Wi-Fi").get_by_role("link", name="QR code")
    expect(first).to_be_in_viewport(ratio=1)
    first.click()
    expect(resident.heading("Join Larkspur Home")).to_be_visible()
    second = resident.page.get_by_role("link", name=written("Guest Wi-Fi"))
    expect(second).to_be_in_viewport(ratio=1)
    second.click()
    resident.is_at(f"/wifi/guest/{GUEST}/qr/")
    # What a camera reads, and what can be typed instead.
    for part in (resident.page.locator("svg.qr"), resident.page.locator("code.code")):
        expect(part).to_be_in_viewport(ratio=1)


@with_script
def test_what_was_typed_on_a_television_can_be_checked(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.change_user(UNIT, passphrase="K7m: z(x")
    resident.sign_in(FULL)
    resident.press("Large letters", resident.section("Home Wi-Fi"))
    expect(resident.heading("Large letters")).to_be_visible()
    field = resident.page.get_by_label("Check what you typed")
    asked = len(resident.traffic)
    for typed, says in (
        ("K7m:", "Right so far."),
        ("K7M: z(x", "Look at character 3: it should be small m."),
        ("K7m:-z(x", "Look at character 5: it should be space."),
        ("K7m: z)x", "Look at character 7: it should be left parenthesis."),
        ("K7m: z(x", "That’s all of it, and it’s right."),
        ("K7m: z(x1", "There are more characters than the passphrase has."),
    ):
        field.fill(typed)
        expect(resident.page.locator("#typed-result")).to_have_text(says)
        expect(field).to_have_attribute("aria-invalid", str("right" not in says.lower()).lower())
    field.press("Enter")
    # Nothing of it was sent anywhere.
    assert len(resident.traffic) == asked
    resident.is_at(f"/wifi/unit/{UNIT}/letters/")


@once
def test_a_page_that_is_printed_shows_the_passphrase_and_no_buttons(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.page.emulate_media(media="print")
    shown = resident.passphrase("Home Wi-Fi")
    expect(shown).to_be_visible()
    expect(shown).to_have_text(sandbox.user(UNIT)["passphrase"])
    for gone in (".masked", "nav", ".button", ".go", "footer"):
        assert not [part for part in resident.page.locator(gone).all() if part.is_visible()]


@once
def test_eight_cards_fit_on_one_page_of_paper_of_either_size(resident: Resident) -> None:
    resident.sign_in(FULL)
    for query, size in (("", "A4"), ("", "Letter"), ("?count=1&clear=no", "A4")):
        resident.go(f"/wifi/guest/{GUEST}/cards/{query}")
        pdf = resident.page.pdf(format=size, prefer_css_page_size=False)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, (query, size)


@once
def test_a_card_without_the_passphrase_has_the_code_alone(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.press("Share or print", resident.section("Guest Wi-Fi"))
    resident.page.get_by_label("Code only").check()
    resident.page.get_by_label("One card").check()
    resident.press("Update cards")
    expect(resident.page.locator(".cut li")).to_have_count(1)
    expect(resident.page.locator(".cut .code")).to_have_count(0)
    expect(resident.page.locator(".cut svg.qr")).to_be_visible()
    resident.context.grant_permissions(["clipboard-read", "clipboard-write"])
    resident.press("Copy as text")
    expect(resident.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = resident.page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(f"Passphrase: {sandbox.user(GUEST)['passphrase']}")


@once
def test_a_profile_is_downloaded_as_a_file(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.press("Connect a device", resident.section("Home Wi-Fi"))
    resident.page.locator("summary", has_text="iPhone or iPad").click()
    with resident.page.expect_download() as download:
        resident.page.locator("#iphone").get_by_role("link", name="Download profile").click()
    assert download.value.suggested_filename == "wifi.mobileconfig"
    # The page is still there.
    expect(resident.heading("Connect a device")).to_be_visible()
