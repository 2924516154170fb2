"""What a script adds: focus, announcements, addresses and the way back stay right."""

from playwright.sync_api import Route, expect

from tests.browser.modes import once, with_script
from tests.browser.resident import FULL, UNIT, Resident, written
from tests.servers import SandboxProcess


@with_script
def test_following_a_link_moves_the_focus_to_the_new_heading(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.page.evaluate("window.sameDocument = true")
    resident.press("Edit contact details", resident.section("Contact details"))
    resident.is_at("/contact/")
    expect(resident.heading("Edit contact details")).to_be_focused()
    expect(resident.page).to_have_title("Edit contact details")
    # Only the main part was exchanged.
    assert resident.page.evaluate("window.sameDocument") is True
    assert resident.page.evaluate("window.scrollY") == 0


@with_script
def test_the_back_and_forward_buttons_show_the_right_page(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.press("Edit contact details", resident.section("Contact details"))
    expect(resident.heading("Edit contact details")).to_be_visible()
    resident.press("Help")
    expect(resident.heading("Help")).to_be_visible()
    steps = [
        (resident.page.go_back, "/contact/", "Edit contact details"),
        (resident.page.go_back, "/", "Unit 2338"),
        (resident.page.go_forward, "/contact/", "Edit contact details"),
        (resident.page.go_forward, "/help/", "Help"),
    ]
    for move, path, words in steps:
        move()
        resident.is_at(path)
        expect(resident.heading(words)).to_be_visible()
        expect(resident.page).to_have_title(words)
        expect(resident.page.locator("main")).to_have_count(1)
        expect(resident.page.get_by_role("banner")).to_have_count(1)
    # A page that came back this way still works.
    resident.page.go_back()
    expect(resident.heading("Edit contact details")).to_be_visible()
    resident.fill("Name", "Casey Returned")
    resident.press("Save contact details")
    resident.reads("Contact details saved.")


@once
def test_going_back_from_a_confirmed_reset_sends_nothing_again(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.change("Home Wi-Fi", "Reset passphrase")
    resident.press("Reset passphrase", resident.page.locator("main form"))
    resident.reads("Your passphrase is changed.")
    resident.is_at(f"/wifi/unit/{UNIT}/")
    resident.page.go_back()
    expect(resident.heading("Reset the passphrase?")).to_be_visible()
    resident.page.go_forward()
    expect(resident.heading("Wi-Fi passphrase")).to_be_visible()
    assert len(sandbox.calls("updateUnitUser")) == 1


@with_script
def test_what_was_opened_closes_by_its_own_row_and_by_escape(resident: Resident) -> None:
    resident.sign_in(FULL)
    row = resident.section("Guest Wi-Fi").locator("summary", has_text="Change passphrase")
    reset = resident.section("Guest Wi-Fi").get_by_role("link", name="Reset passphrase")
    row.click()
    expect(reset).to_be_visible()
    row.click()
    expect(reset).to_be_hidden()
    row.click()
    reset.focus()
    resident.page.keyboard.press("Escape")
    expect(reset).to_be_hidden()
    expect(row).to_be_focused()


@with_script
def test_the_current_place_is_marked_wherever_one_goes(resident: Resident) -> None:
    resident.sign_in(FULL)
    tabs = resident.page.get_by_role("navigation", name="Portal")
    for name, path in (("Devices", "/devices/"), ("Help", "/help/"), ("Wi-Fi", "/")):
        resident.press(name, tabs)
        resident.is_at(path)
        expect(tabs.locator("[aria-current]")).to_have_text(written(name))
    resident.page.go_back()
    expect(tabs.locator("[aria-current]")).to_have_text("Help")


@with_script
def test_offline_is_said_at_once_and_what_only_reads_is_asked_again(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    resident.go_offline()
    resident.reads("You’re offline.")
    expect(resident.page.get_by_text("You’re offline.")).to_be_in_viewport()
    resident.press("Help")
    expect(resident.heading("Unit 2338")).to_be_visible()
    resident.go_online()
    expect(resident.heading("Help")).to_be_visible()
    expect(resident.page.get_by_text("You’re offline.")).to_be_hidden()


@with_script
def test_what_was_lost_although_the_network_is_back_is_asked_again(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.offline = True
    lost: list[str] = []

    def lose(route: Route) -> None:
        lost.append(route.request.url)
        if len(lost) > 2:
            route.continue_()
        else:
            route.abort("internetdisconnected")

    resident.page.route("**/help/", lose)
    resident.press("Help")
    resident.reads("You’re offline.")
    expect(resident.heading("Help")).to_be_visible()
    expect(resident.page.get_by_text("You’re offline.")).to_be_hidden()
    assert len(lost) == 3


@with_script
def test_who_types_is_not_taken_away_by_what_was_lost(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.press("Edit contact details", resident.section("Contact details"))
    resident.offline = True
    asked: list[str] = []

    def lose(route: Route) -> None:
        asked.append(route.request.url)
        route.abort("internetdisconnected")

    resident.page.route("**/help/", lose)
    resident.press("Help")
    resident.reads("You’re offline.")
    resident.fill("Name", "Casey Typing")
    # Longer than until it would be asked again.
    resident.page.wait_for_timeout(3_000)
    assert len(asked) == 1
    expect(resident.page.get_by_label("Name")).to_have_value("Casey Typing")


@with_script
def test_a_form_is_kept_while_offline_and_never_sent_by_itself(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.press("Edit contact details", resident.section("Contact details"))
    resident.fill("Name", "Casey Offline")
    resident.go_offline()
    resident.press("Save contact details")
    resident.reads("You’re offline.")
    resident.go_online()
    expect(resident.page.get_by_text("You’re offline.")).to_be_hidden()
    expect(resident.page.get_by_label("Name")).to_have_value("Casey Offline")
    assert sandbox.calls("residentEditUnit") == []
    resident.press("Save contact details")
    resident.reads("Contact details saved.")
    assert len(sandbox.calls("residentEditUnit")) == 1


@with_script
def test_nothing_can_be_pressed_twice_and_what_takes_long_says_so(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    resident.press("Edit contact details", resident.section("Contact details"))
    resident.fill("Name", "Casey Twice")
    # Three calls, one after the other: more than three seconds, each in time.
    sandbox.switches(latency=1.2)
    button = resident.page.get_by_role("button", name="Save contact details")
    button.evaluate("(button) => { button.click(); button.click(); button.form.requestSubmit(); }")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(resident.page.locator("main p.fine", has_text="This is taking longer")).to_be_visible()
    resident.reads("Contact details saved.")
    expect(resident.page.get_by_text("This is taking longer")).to_have_count(0)
    assert len(sandbox.calls("residentEditUnit")) == 1


@with_script
def test_a_row_that_takes_long_turns_and_says_so(resident: Resident) -> None:
    resident.sign_in(FULL)
    network = resident.context.new_cdp_session(resident.page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 3600, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", slow)
    row = resident.section("Home Wi-Fi").get_by_role("link", name="Devices")
    row.evaluate("(row) => row.click()")
    # At once, and for as long as it takes.
    assert row.evaluate("(row) => getComputedStyle(row).opacity") == "0.75"
    turning = "(row) => getComputedStyle(row, '::after').opacity"
    assert row.evaluate(turning) == "0"
    resident.page.wait_for_timeout(400)
    assert row.evaluate(turning) == "1"
    expect(resident.page.locator("p.slow")).to_have_text("This is taking longer than usual…")
    expect(resident.page.locator("p.slow")).to_be_in_viewport()
    expect(resident.heading("Devices")).to_be_visible()
    expect(resident.page.locator("p.slow")).to_have_count(0)


@with_script
def test_what_happened_is_said_and_has_the_focus(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.press("Edit contact details", resident.section("Contact details"))
    resident.press("Save contact details")
    messages = resident.page.locator(".messages")
    expect(messages).to_have_text("Contact details saved.")
    expect(messages).to_be_focused()
    expect(messages).to_have_attribute("role", "status")


@with_script
def test_a_passphrase_that_is_confirmed_later_is_announced(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.switches(accepted=True, accepted_delay=3600)
    resident.sign_in(FULL)
    resident.change("Home Wi-Fi", "Reset passphrase")
    resident.press("Reset passphrase", resident.page.locator("main form"))
    resident.reads("Setting your new passphrase…")
    expect(resident.heading("Wi-Fi passphrase")).to_be_focused()
    sandbox.settle()
    expect(resident.said()).to_contain_text("Your passphrase is changed.")
    # Somebody may be reading elsewhere: the focus is not taken away.
    expect(resident.heading("Wi-Fi passphrase")).to_be_focused()


@once
def test_showing_a_passphrase_keeps_the_focus_on_its_button(resident: Resident) -> None:
    resident.sign_in(FULL)
    section = resident.section("Home Wi-Fi")
    resident.press("Show passphrase", section)
    expect(section.get_by_role("button", name="Hide passphrase")).to_be_focused()
    resident.press("Hide passphrase", section)
    expect(section.get_by_role("button", name="Show passphrase")).to_be_focused()


@once
def test_a_second_tab_signed_out_leaves_the_first_with_a_way_back(resident: Resident) -> None:
    resident.expect_status(401)
    resident.sign_in(FULL)
    tab = resident.context.new_page()
    tab.goto(resident.url + "/")
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("heading", name="You’re signed out")).to_be_visible()
    resident.press("Devices", resident.section("Home Wi-Fi"))
    expect(resident.page.get_by_text("Riley Example")).to_have_count(0)
    expect(resident.heading("Use the link from your building")).to_be_visible()
