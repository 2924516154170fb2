"""Showing, copying and scanning a passphrase, and choosing one."""

import io
import re

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.modes import on_a_phone, once, with_script
from tests.browser.resident import DEVON, FULL, GUEST, HOMES, PLAIN, RILEY, UNIT, Resident
from tests.servers import SandboxProcess

SECTIONS = {
    "Home Wi-Fi": UNIT,
    "Guest Wi-Fi": GUEST,
    "Devon Example": DEVON,
    "Riley Example": RILEY,
}
ODD = HOMES["markup and emoji and right-to-left text"]


def test_a_passphrase_is_hidden_until_asked_for(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    for title, user_id in SECTIONS.items():
        section = resident.visit(title)
        expect(resident.passphrase(title)).to_be_hidden()
        resident.press("Show passphrase", section)
        expect(resident.passphrase(title)).to_be_visible()
        assert resident.passphrase(title).text_content() == sandbox.user(user_id)["passphrase"]
        resident.press("Hide passphrase", section)
        expect(resident.passphrase(title)).to_be_hidden()


@with_script
def test_copying_puts_the_exact_passphrase_on_the_clipboard(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.context.grant_permissions(["clipboard-read", "clipboard-write"])
    resident.sign_in(FULL)
    for title, user_id in SECTIONS.items():
        section = resident.visit(title)
        resident.press("Copy passphrase", section)
        expect(section.get_by_role("button", name="Copied")).to_be_visible()
        expect(resident.said()).to_have_text("Copied")
        copied = resident.page.evaluate("navigator.clipboard.readText()")
        assert copied == sandbox.user(user_id)["passphrase"]


@once
def test_copying_works_in_a_browser_without_the_clipboard_interface(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.context.grant_permissions(["clipboard-read", "clipboard-write"])
    resident.page.add_init_script(
        "navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))"
    )
    resident.sign_in(FULL)
    resident.press("Copy passphrase", resident.section("Home Wi-Fi"))
    expect(resident.said()).to_have_text("Copied")
    copied = resident.page.evaluate("navigator.clipboard.readText()")
    assert copied == sandbox.user(UNIT)["passphrase"]


def test_without_a_script_there_is_no_button_that_does_nothing(resident: Resident) -> None:
    resident.sign_in(FULL)
    copy = resident.page.get_by_role("button", name="Copy passphrase")
    expect(copy).to_have_count(2 if resident.script else 0)


def scanned(code: Locator) -> str:
    """What a phone's camera would read from what is on the screen."""
    image = Image.open(io.BytesIO(code.screenshot(caret="initial"))).convert("L")
    pixels = memoryview(image.tobytes()).cast("B", (image.height, image.width))
    (found,) = zxingcpp.read_barcodes(pixels)
    return found.text


def network(payload: str) -> dict[str, str]:
    """The fields of a Wi-Fi code, unescaped as the format says."""
    assert payload.startswith("WIFI:")
    assert payload.endswith(";;")
    parts = re.findall(r"([A-Z]):((?:\\.|[^\\;])*);", payload.removeprefix("WIFI:"))
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in parts}


def shown_codes(resident: Resident, title: str, ssids: tuple[str, ...]) -> list[dict[str, str]]:
    """What the codes of these networks say; each is on a page of its own, and whole at once."""
    found = []
    resident.press("QR code", resident.visit(title))
    for ssid in ssids:
        resident.press(ssid)
        expect(resident.page.locator(".htmx-request, .htmx-settling")).to_have_count(0)
        expect(resident.heading(f"Join {ssid}")).to_be_visible()
        code = resident.page.locator("svg.qr")
        resident.page.evaluate("window.scrollTo(0, 0)")
        expect(code).to_be_in_viewport(ratio=1)
        found.append(network(scanned(code)))
    return found


def test_the_code_on_the_screen_joins_each_network(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    for title, user_id in (("Home Wi-Fi", UNIT), ("Riley Example", RILEY)):
        passphrase = sandbox.user(user_id)["passphrase"]
        ssids = ("Larkspur Home", "Larkspur Guest")
        assert shown_codes(resident, title, ssids) == [
            {"T": "WPA", "S": ssid, "P": passphrase} for ssid in ssids
        ]


@on_a_phone
def test_the_code_carries_an_odd_network_name_exactly(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(ODD)
    passphrase = sandbox.user(ODD.unit.users[0].id)["passphrase"]
    ssids = ('Lofts; "5G", a\\b: <fast> 🚀', "Lofts (slow)")
    assert shown_codes(resident, "Home Wi-Fi", ssids) == [
        {"T": "WPA", "S": ssid, "P": passphrase} for ssid in ssids
    ]


def test_a_passphrase_can_be_chosen_where_the_property_allows_it(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.change("Guest Wi-Fi", "Choose a passphrase")
    expect(resident.heading("Choose a passphrase")).to_be_visible()
    chosen = 'tea & "cake", 5 <o\'clock>; \\ 100%'
    resident.fill("New passphrase", chosen)
    resident.press("Save passphrase")
    resident.reads("Your passphrase is changed.")
    expect(resident.passphrase("Guest Wi-Fi")).to_be_visible()
    assert resident.passphrase("Guest Wi-Fi").text_content() == chosen
    assert sandbox.user(GUEST)["passphrase"] == chosen


def test_a_passphrase_that_is_too_short_is_refused_and_kept(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(422)
    resident.sign_in(FULL)
    before = sandbox.user(UNIT)["passphrase"]
    resident.change("Home Wi-Fi", "Choose a passphrase")
    field = resident.page.get_by_label("New passphrase")
    resident.fill("New passphrase", "seven-7")
    resident.press("Save passphrase")
    expect(resident.summary()).to_contain_text("Passphrase must be 8 to 63 characters long")
    expect(field).to_have_value("seven-7")
    expect(resident.page).to_have_title(re.compile("^Error: "))
    assert sandbox.user(UNIT)["passphrase"] == before
    assert sandbox.calls("updateUnitUser") == []


@on_a_phone
def test_a_passphrase_below_the_propertys_own_minimum_is_refused_and_kept(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.expect_status(422)
    resident.sign_in(ODD)
    user_id = ODD.unit.users[0].id
    before = sandbox.user(user_id)["passphrase"]
    resident.change("Home Wi-Fi", "Choose a passphrase")
    field = resident.page.get_by_label("New passphrase")
    resident.fill("New passphrase", "ten-chars!")
    resident.press("Save passphrase")
    expect(resident.summary()).to_contain_text("Your building may ask for a longer one")
    expect(field).to_have_value("ten-chars!")
    assert sandbox.user(user_id)["passphrase"] == before
    resident.fill("New passphrase", "thirteen-char")
    resident.press("Save passphrase")
    resident.reads("Your passphrase is changed.")
    assert sandbox.user(user_id)["passphrase"] == "thirteen-char"


@on_a_phone
def test_a_passphrase_that_is_easy_to_type_is_offered(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.change("Guest Wi-Fi", "Choose a passphrase")
    field = resident.page.get_by_label("New passphrase")
    if resident.script:
        offered = resident.page.locator(".note .code").inner_text()
        resident.press("Use this one")
        expect(field).to_have_value(offered)
    else:
        resident.press("Suggest another")
        expect(field).to_have_value(re.compile(r"^[a-z]+(-[a-z]+){4}$"))
    offered = field.input_value()
    resident.press("Save passphrase")
    resident.reads("Your passphrase is changed.")
    assert sandbox.user(GUEST)["passphrase"] == offered


@once
def test_where_it_is_not_allowed_no_passphrase_can_be_chosen(resident: Resident) -> None:
    resident.expect_status(404)
    resident.sign_in(PLAIN)
    expect(resident.page.get_by_role("link", name="Choose a passphrase")).to_have_count(0)
    assert resident.go(f"/wifi/unit/{PLAIN.unit.users[0].id}/choose/").status == 404
