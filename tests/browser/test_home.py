"""What each kind of home shows."""

import re

from playwright.sync_api import expect

from tests.browser.modes import on_a_phone, once, with_script
from tests.browser.resident import FULL, HOMES, PLAIN, Resident
from tests.servers import SandboxProcess


def titles(resident: Resident) -> list[str]:
    found = resident.page.locator("section.wifi h2").all_inner_texts()
    return [title.replace("\N{NON-BREAKING HYPHEN}", "-") for title in found]


def people(resident: Resident) -> list[str]:
    return resident.page.locator("#people .who").all_text_contents()


def test_the_home_page_shows_the_unit_and_each_wifi_in_order(resident: Resident) -> None:
    resident.sign_in(FULL)
    expect(resident.heading("Unit 2338")).to_be_visible()
    assert titles(resident) == ["Home Wi-Fi", "Guest Wi-Fi"]
    assert people(resident) == ["Devon Example", "Riley Example"]
    for words in (
        "Your home network, your way",
        "The Wi-Fi in the courtyard is being renewed",
        "Casey Example",
        "casey@example.com",
        "+12025550138",
        "Two bedrooms, third floor",
    ):
        resident.reads(words)
    for title in titles(resident):
        expect(resident.section(title)).to_contain_text("Larkspur Home, Larkspur Guest")
    # News are no reason to look for one's own Wi-Fi.
    news = resident.page.get_by_role("complementary").bounding_box()
    home, guest = (resident.section(title).bounding_box() for title in titles(resident))
    assert news
    assert home
    assert guest
    assert home["y"] < news["y"] < guest["y"]
    page = resident.page
    expect(page.get_by_role("link", name="+12025550100")).to_have_attribute(
        "href", "tel:+12025550100"
    )
    expect(page.get_by_role("link", name="office@larkspur.example.com").last).to_have_attribute(
        "href", "mailto:office@larkspur.example.com"
    )
    expect(page.get_by_role("link", name="https://larkspur.example.com/news")).to_be_visible()


@once
def test_a_property_shows_its_colours_and_its_logo(resident: Resident) -> None:
    resident.sign_in(FULL)
    expect(resident.page.locator(".key").first).to_have_css("background-color", "rgb(35, 79, 104)")
    # What has no color of its own is no copy of it.
    expect(resident.page.locator(".key.second")).to_have_css(
        "background-color", "rgb(255, 255, 255)"
    )
    logo = resident.page.locator("img.logo")
    expect(logo).to_be_visible()
    assert logo.evaluate("image => image.complete && image.naturalWidth") > 0


def test_a_property_without_a_profile_looks_finished(resident: Resident) -> None:
    resident.sign_in(PLAIN)
    expect(resident.heading("Unit 12B")).to_be_visible()
    assert titles(resident) == ["Home Wi-Fi", "Guest Wi-Fi"]
    assert people(resident) == ["Jamie Sample"]
    expect(resident.page.get_by_role("banner")).to_contain_text("Quince Court")
    resident.reads("Quince Court Lettings")
    expect(resident.page.get_by_role("heading", name="Announcements")).to_have_count(0)
    expect(resident.page.get_by_role("link", name="Choose a passphrase")).to_have_count(0)
    expect(resident.page.locator("img")).to_have_count(0)


@on_a_phone
def test_a_home_of_45_shows_all_of_them_by_name(resident: Resident) -> None:
    resident.sign_in(HOMES["45 users"])
    assert people(resident) == [f"Tenant {n:02} Placeholder" for n in range(1, 44)]
    last = resident.page.get_by_role("link", name="Tenant 43 Placeholder")
    expect(last).to_be_hidden()
    resident.page.get_by_label("Find a person").fill("43 place")
    if not resident.script:
        resident.press("Find")
    expect(last).to_be_visible()
    expect(resident.page.locator("#people .who:visible")).to_have_count(1)
    if resident.script:
        resident.page.get_by_label("Find a person").fill("")
        expect(resident.page.locator("#people .who:visible")).to_have_count(8)


@on_a_phone
def test_a_home_without_users_says_whom_to_ask(resident: Resident) -> None:
    resident.sign_in(HOMES["no users at all"])
    expect(resident.heading("Unit 7A")).to_be_visible()
    assert titles(resident) == []
    resident.reads("We can’t show a passphrase for your home.")


@on_a_phone
def test_hidden_system_identities_stay_hidden(resident: Resident, sandbox: SandboxProcess) -> None:
    home = HOMES["system identities hidden"]
    resident.sign_in(home)
    assert titles(resident) == []
    assert people(resident) == ["Lee Specimen", "Morgan Specimen"]
    text = resident.page.content()
    for user in home.unit.users[:2]:
        assert user.id not in text
        assert sandbox.user(user.id)["passphrase"] not in text


@on_a_phone
def test_a_suspended_home_says_so_and_offers_no_change(resident: Resident) -> None:
    resident.sign_in(HOMES["a suspended unit"])
    resident.reads("Your home’s Wi-Fi is suspended.")
    expect(resident.page.get_by_role("link", name="Reset passphrase")).to_have_count(0)
    expect(resident.page.get_by_role("link", name="Edit contact details")).to_have_count(0)


@on_a_phone
def test_a_blocked_person_is_told_apart_from_the_others(resident: Resident) -> None:
    resident.sign_in(HOMES["a blocked user"])
    expect(resident.section("Home Wi-Fi")).not_to_contain_text("Blocked")
    expect(resident.section("Home Wi-Fi")).to_contain_text("Change passphrase")
    expect(resident.section("Guest Wi-Fi")).to_contain_text("Blocked by your building")
    expect(resident.section("Guest Wi-Fi")).not_to_contain_text("Change passphrase")
    resident.press("Sam Mockup Blocked")
    expect(resident.section("Sam Mockup")).to_contain_text("Blocked by your building")
    expect(resident.section("Sam Mockup")).not_to_contain_text("Change passphrase")


def test_markup_emoji_and_right_to_left_text_are_only_text(resident: Resident) -> None:
    resident.sign_in(HOMES["markup and emoji and right-to-left text"])
    expect(resident.heading("Unit Loft <1> & ½ 🚪")).to_be_visible()
    for words in (
        "<script>alert('no')</script>",
        "{{ resident }}",
        "Max <b>Madeup</b>",
    ):
        resident.reads(words)
    expect(resident.page.get_by_alt_text("<b>Lofts</b> & friends 🏡")).to_be_visible()
    assert people(resident) == [
        "Household member",
        "<script>alert(1)</script>",
        'Zoë "Zee" O\'Sample & Co; DROP, TABLE',
        "ليلى مثال 🎈",
    ]
    expect(resident.section("Home Wi-Fi")).to_contain_text('Lofts; "5G", a\\b: <fast> 🚀')
    # Neither a script nor an element of theirs came to life.
    assert resident.page.locator("main script, main img, main b, main i").count() == 0
    resident.press("Help")
    resident.reads('Call <a href="tel:+12025550133">us</a>; {% now "Y" %} is only text.')
    devices = resident.open_devices("<script>alert(1)</script>")
    expect(devices).to_contain_text("<img src=x onerror=alert(1)>")
    assert devices.locator("img").count() == 0


@once
def test_guests_who_share_the_homes_passphrase_are_told_so(resident: Resident) -> None:
    resident.sign_in(HOMES["markup and emoji and right-to-left text"])
    guest = resident.section("Guest Wi-Fi")
    expect(guest).to_contain_text("guests use the same passphrase as your home")
    expect(guest.get_by_role("link", name="Reset passphrase")).to_have_count(0)


@on_a_phone
def test_a_property_that_shut_the_portal_says_what_staff_can_do(resident: Resident) -> None:
    resident.expect_status(403)
    resident.sign_in(HOMES["portal API not allowed"])
    expect(resident.heading("This page isn’t switched on yet")).to_be_visible()
    resident.page.locator("summary", has_text="For the office").click()
    resident.reads("“Use Your Own Portal”")
    resident.reads("desk@sorrel.example.com")
    assert "Unit 5" not in resident.page.content()


@on_a_phone
def test_a_profile_without_content_is_a_normal_page(resident: Resident) -> None:
    resident.sign_in(HOMES["a profile without content"])
    expect(resident.heading("Unit 0")).to_be_visible()
    assert titles(resident) == ["Home Wi-Fi"]
    expect(resident.visit("Household member")).to_contain_text("We can’t show it here.")
    assert "None" not in resident.page.locator("body").inner_text()


@on_a_phone
def test_a_vendor_that_leaves_out_all_it_may_breaks_nothing(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    sandbox.switches(nulls=True)
    resident.sign_in(FULL)
    expect(resident.heading("Unit 2338")).to_be_visible()
    assert "None" not in resident.page.locator("body").inner_text()


@once
def test_ids_without_dashes_work_the_same(resident: Resident, sandbox: SandboxProcess) -> None:
    sandbox.switches(dashless=True)
    resident.sign_in(FULL)
    devices = resident.open_devices("Riley Example")
    expect(devices.get_by_role("heading", name="Riley Example 4 devices")).to_be_visible()


@once
def test_a_home_whose_wifi_cannot_be_read_still_shows_the_unit(
    resident: Resident, sandbox: SandboxProcess
) -> None:
    resident.sign_in(FULL)
    sandbox.fault(status=500, operation="queryUnitUsers", count=9)
    resident.go("/")
    expect(resident.heading("Unit 2338")).to_be_visible()
    resident.reads("We can’t read your passphrases right now.")
    resident.reads("casey@example.com")
    sandbox.clear_faults()
    resident.press("Try again")
    expect(resident.section("Home Wi-Fi")).to_be_visible()


@on_a_phone
def test_help_names_what_to_do_and_whom_to_call(resident: Resident) -> None:
    resident.sign_in(FULL)
    resident.press("Help")
    resident.is_at("/help/")
    expect(resident.heading("Help")).to_be_visible()
    for words in ("expired", "limited to a number of devices", "Suspended or blocked"):
        resident.reads(words)
    resident.reads("Larkspur House Office")


@with_script
def test_device_times_are_those_of_the_browser(resident: Resident, sandbox: SandboxProcess) -> None:
    guest = FULL.unit.users[1].id
    sandbox.add_device(guest, "02:00:5E:00:53:AF", last_connected="2026-01-05T03:30:00Z")
    resident.sign_in(FULL)
    devices = resident.open_devices("Guest Wi-Fi")
    row = devices.get_by_role("listitem").filter(has_text="02:00:5E:00:53:AF")
    # 3:30 UTC is the evening before in New York.
    expect(row.locator("time")).to_have_attribute("title", re.compile(r"Jan 4, 2026, 10:30.PM"))


@once
def test_a_first_visit_costs_at_most_45_kb_and_8_requests(resident: Resident) -> None:
    resident.open_link(FULL)
    resident.page.wait_for_load_state("networkidle")
    # The redirect after signing in holds nothing, and what came from the cache cost nothing.
    sizes = [
        (answer.url.removeprefix(resident.url), answer.request.sizes()["responseBodySize"])
        for answer in resident.traffic
        if answer.status != 302
    ]
    fetched = [(url, size) for url, size in sizes if size > 0]
    assert len(fetched) <= 8, fetched
    assert sum(size for _, size in fetched) <= 45_000, fetched
