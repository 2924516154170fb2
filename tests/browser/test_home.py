"""What each kind of home shows."""

import re

from playwright.sync_api import expect

from tests.browser.modes import once, with_script
from tests.browser.resident import FULL, HOMES, Resident
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
