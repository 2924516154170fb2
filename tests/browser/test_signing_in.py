"""Coming in, changing homes, going out."""

import re

import pytest
from playwright.sync_api import expect

from sandbox.links import vendor_link
from sandbox.seeds import Home
from tests.browser.modes import on_a_phone, once, once_without_script, two_of_four, with_script
from tests.browser.resident import FULL, HOMES, PLAIN, Resident, code_page, link
from tests.servers import SandboxProcess

ODD_CODE = HOMES["an access code with / + = %"]


def test_a_link_opens_the_home(resident: Resident) -> None:
    resident.go(link(FULL))
    expect(resident.heading("Your home’s Wi-Fi")).to_be_visible()
    resident.reads("Welcome home. Your Wi-Fi is one tap away.")
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    expect(resident.heading("Unit 2338")).to_be_visible()
    expect(resident.page).to_have_title(re.compile("^Unit 2338"))


@once
def test_looking_at_a_link_signs_nobody_in(resident: Resident, sandbox: SandboxProcess) -> None:
    resident.go(link(FULL))
    resident.go(link(FULL))
    assert sandbox.calls("residentLogin") == []
    resident.go("/")
    expect(resident.heading("Use the link from your building")).to_be_visible()


def test_an_access_code_can_be_typed(resident: Resident) -> None:
    resident.go(code_page(PLAIN))
    field = resident.page.get_by_label("Access code")
    expect(field).to_have_accessible_description(
        "You’ll find it in the message or letter from your building’s office."
    )
    resident.fill("Access code", PLAIN.secret)
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    expect(resident.heading("Unit 12B")).to_be_visible()


def test_an_access_code_of_odd_characters_works_as_a_link_and_typed(resident: Resident) -> None:
    resident.open_link(ODD_CODE)
    expect(resident.heading("Unit 9C")).to_be_visible()
    resident.press("Sign out")
    resident.go(code_page(ODD_CODE))
    resident.fill("Access code", ODD_CODE.secret)
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    expect(resident.heading("Unit 9C")).to_be_visible()


@pytest.mark.parametrize("home", [FULL, ODD_CODE], ids=["plain code", "odd code"])
@with_script
def test_a_link_with_the_code_behind_a_hash_never_sends_it_in_an_address(
    resident: Resident, home: Home
) -> None:
    encoded = link(home).removeprefix(code_page(home)).removesuffix("/")
    resident.go(f"{code_page(home)}#{encoded}")
    resident.is_at(code_page(home))
    expect(resident.page.get_by_label("Access code")).to_be_hidden()
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    expect(resident.heading(f"Unit {home.unit.number}")).to_be_visible()
    assert not any(encoded in answer.url for answer in resident.traffic)


@pytest.mark.parametrize("home", [FULL, ODD_CODE], ids=["plain code", "odd code"])
@two_of_four
def test_ruckus_own_link_opens_the_home_as_an_address_and_pasted(
    resident: Resident, home: Home
) -> None:
    resident.go(vendor_link(home, page=code_page(home)))
    if resident.mode.script:
        # The code has left the address bar before anything was pressed.
        resident.is_at(code_page(home))
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    expect(resident.heading(f"Unit {home.unit.number}")).to_be_visible()
    resident.press("Sign out")
    resident.go(code_page(home))
    resident.fill("Access code", vendor_link(home))
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    expect(resident.heading(f"Unit {home.unit.number}")).to_be_visible()


@two_of_four
def test_a_whole_link_can_be_pasted_on_the_start_page(resident: Resident) -> None:
    resident.go("/")
    resident.fill("Access code", f"https://wifi.example.org{link(FULL)}")
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    expect(resident.heading(f"Unit {FULL.unit.number}")).to_be_visible()


@with_script
def test_the_code_of_a_link_leaves_the_address_bar_at_once(resident: Resident) -> None:
    resident.go(link(FULL))
    resident.is_at(code_page(FULL))
    resident.press("Open my Wi-Fi")
    resident.is_at("/")
    resident.page.go_back()
    assert FULL.secret not in resident.page.url


@once_without_script
def test_without_a_script_a_link_with_a_hash_asks_for_the_code(resident: Resident) -> None:
    resident.go(f"{code_page(FULL)}#{FULL.secret}")
    resident.fill("Access code", FULL.secret)
    resident.press("Open my Wi-Fi")
    resident.is_at("/")


def test_a_wrong_code_is_refused_in_plain_words(resident: Resident) -> None:
    resident.expect_status(401)
    resident.go(code_page(FULL))
    resident.fill("Access code", "not-a-code-of-anybody")
    resident.press("Open my Wi-Fi")
    expect(resident.summary()).to_contain_text("There is a problem")
    expect(resident.summary()).to_contain_text("didn’t work")
    expect(resident.page).to_have_title(re.compile("^Error: "))
    # A code is not sent back in the page.
    expect(resident.page.get_by_label("Access code")).to_have_value("")


@once_without_script
def test_no_code_at_all_is_asked_for(resident: Resident) -> None:
    resident.expect_status(422)
    resident.go(code_page(FULL))
    resident.press("Open my Wi-Fi")
    expect(resident.summary()).to_contain_text("Enter your access code or link")


@on_a_phone
def test_a_second_link_changes_homes_and_leaves_nothing_of_the_first(resident: Resident) -> None:
    resident.open_link(FULL)
    expect(resident.page.get_by_role("link", name="Riley Example")).to_be_visible()
    first = {cookie["name"]: cookie.get("value") for cookie in resident.context.cookies()}
    resident.open_link(PLAIN)
    expect(resident.heading("Unit 12B")).to_be_visible()
    text = resident.page.content()
    for word in ("2338", "Riley", "Larkspur", "casey@example.com"):
        assert word not in text
    second = {cookie["name"]: cookie.get("value") for cookie in resident.context.cookies()}
    assert second["session"] != first["session"]
    # The first session is over on the server, too.
    resident.context.add_cookies(
        [{"name": "session", "value": first["session"] or "", "url": resident.url}]
    )
    resident.go("/")
    expect(resident.heading("Use the link from your building")).to_be_visible()


def test_sign_out_ends_the_session_on_the_server(resident: Resident) -> None:
    resident.open_link(FULL)
    cookies = resident.context.cookies()
    resident.press("Sign out")
    expect(resident.heading("You’re signed out")).to_be_visible()
    assert not [c for c in resident.context.cookies() if c["name"] == "session"]
    resident.context.add_cookies(
        [
            {"name": "session", "value": c["value"], "url": resident.url}
            for c in cookies
            if c["name"] == "session"
        ]  # type: ignore[typeddict-item]
    )
    resident.go("/")
    expect(resident.heading("Use the link from your building")).to_be_visible()


def test_going_back_after_signing_out_shows_nothing(resident: Resident) -> None:
    resident.expect_status(401)
    resident.open_link(FULL)
    resident.press("Show passphrase", resident.section("Home Wi-Fi"))
    expect(resident.passphrase("Home Wi-Fi")).to_be_visible()
    resident.press("Sign out")
    expect(resident.heading("You’re signed out")).to_be_visible()
    for _ in range(2):
        resident.page.go_back()
        expect(resident.page.locator("main")).to_be_visible()
        text = resident.page.content()
        assert "h&amp;h'i" not in text
        for word in ("Riley", "casey@example.com", "Two bedrooms"):
            assert word not in text


@on_a_phone
def test_signing_out_everywhere_ends_all_sessions_of_the_home(resident: Resident) -> None:
    other = resident.context.browser.new_context(**resident.mode.options)  # type: ignore[union-attr]
    try:
        elsewhere = Resident(other, other.new_page(), resident.url, resident.mode, [])
        elsewhere.open_link(FULL)
        resident.open_link(FULL)
        resident.press("Sign out everywhere")
        expect(resident.heading("Sign out everywhere?")).to_be_visible()
        resident.reads("The link from your building still works afterwards")
        resident.press("Sign out everywhere", resident.page.locator("main"))
        expect(resident.heading("You’re signed out")).to_be_visible()
        elsewhere.go("/")
        expect(elsewhere.heading("Use the link from your building")).to_be_visible()
        assert elsewhere.unexpected() == []
    finally:
        other.close()
