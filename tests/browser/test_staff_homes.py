"""An account is connected and a building looked at in a real browser, by axe and on narrow screens, too."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from sandbox.management.accounts import ADMINISTRATOR
from tests.browser.portal import ROOT, PortalProcess
from tests.browser.test_accessibility import RULES
from tests.servers import SandboxProcess

# Run by `manage.py shell`: an owner who is signed in with both factors; prints the cookie.
OWNER = """
import asyncio
import time
from django.contrib.auth import alogin
from django.contrib.auth.models import Group, User
from django.test import AsyncRequestFactory
from staff.session import StaffSessionStore

async def sign_in():
    user = await User.objects.acreate_user("dana@example.com", first_name="Dana")
    await user.groups.aadd(await Group.objects.aget(name="owner"))
    request = AsyncRequestFactory().get("/staff/")
    request.session = StaffSessionStore()
    await alogin(request, user)
    await request.session.aset("second_factor", True)
    await request.session.aset("typed", time.time())
    await request.session.asave()
    print(request.session.cookie_value)

asyncio.run(sign_in())
"""


@dataclass
class Office:
    """A portal whose sandbox has a building of 60 homes, and the cookie of an owner."""

    portal: PortalProcess
    cookie: str

    def at(self, path: str = "") -> str:
        return f"{self.portal.url}/staff/{path}"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with SandboxProcess() as sandbox:
        plan = {"homes": 60, "without_link": 3, "suspended": 2}
        sandbox.management("POST", "building", json=plan)
        portal = PortalProcess(tmp_path_factory.mktemp("staff"), sandbox.url)
        portal.environment["STAFF"] = "on"
        with portal:
            made = subprocess.run(
                [sys.executable, "manage.py", "shell", "--no-imports", "-v0", "-c", OWNER],
                cwd=ROOT,
                env=portal.environment,
                capture_output=True,
                text=True,
                check=True,
            )
            yield Office(portal, made.stdout.strip())


def opened(browser: Browser, office: Office, **options: object) -> Iterator[Page]:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.add_cookies([{"name": "staff", "value": office.cookie, "url": office.portal.url}])
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    # A page that refuses what was typed is no problem of the script's.
    assert [said for said in problems if "status of 422" not in said] == []
    context.close()


@pytest.fixture
def page(browser: Browser, office: Office) -> Iterator[Page]:
    yield from opened(browser, office)


@pytest.fixture
def plain(browser: Browser, office: Office) -> Iterator[Page]:
    """A page in a browser that runs no scripts."""
    yield from opened(browser, office, java_script_enabled=False)


def well(page: Page) -> None:
    """Axe finds nothing, and no screen down to 320 pixels is too narrow."""
    results = Axe().run(
        page,
        options={"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]},
    )
    found = [
        f"{page.url}: {each['id']}: {[node['target'] for node in each['nodes']]}"
        for each in results.response["violations"]
    ]
    assert found == []
    size = page.viewport_size
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    page.set_viewport_size(size)


def test_a_building_goes_live(office: Office, page: Page, plain: Page) -> None:
    # Nothing is connected: the page says what to do.
    page.goto(office.at())
    well(page)
    page.get_by_role("link", name="Connect RUCKUS One").click()
    page.get_by_label("Name").fill("Sample Homes")
    page.get_by_label("North America").check()
    page.get_by_label("Tenant ID", exact=True).fill(ADMINISTRATOR.tenant_id)
    page.get_by_label("Client ID").fill(ADMINISTRATOR.client_id)
    page.get_by_label("Client secret").fill("wrong")
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_role("alert").filter(has=page.get_by_role("heading"))).to_contain_text(
        "Nothing was saved."
    )
    expect(page.get_by_label("Client secret")).to_have_value("")
    well(page)
    page.get_by_label("Client secret").fill(ADMINISTRATOR.client_secret)
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sample Homes")
    well(page)

    # Its homes are read in the background, where somebody waits at the page.
    page.get_by_role("link", name="Thistle Gardens").click()
    expect(page.get_by_text("Reading the homes")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("0 of 60 homes have opened their portal.")).to_be_visible()
    building = page.url
    well(page)

    # Names come by themselves, and on request where no script runs.
    expect(page.get_by_text("Resident 101 Sample")).to_be_visible()
    plain.goto(building)
    expect(plain.get_by_text("Resident 101 Sample")).to_have_count(0)
    plain.get_by_role("link", name="Show residents’ names").click()
    expect(plain.get_by_text("Resident 101 Sample")).to_be_visible()

    # What is ticked is counted; all can be, on this page or of all pages.
    page.get_by_role("checkbox", name="Select 102").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(page.get_by_text("50 selected")).to_be_visible()
    page.get_by_role("checkbox", name="Select 103").uncheck()
    expect(page.get_by_role("checkbox", name="Select all on this page")).not_to_be_checked()
    page.get_by_role("link", name="Select all 60").click()
    expect(page.get_by_text("All 60 homes selected")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Select 102")).to_be_disabled()
    page.get_by_role("link", name="Select none").click()
    expect(page.get_by_role("checkbox", name="Select 102")).to_be_enabled()

    # A check moves on by itself, can be stopped, and goes on without anybody.
    page.get_by_role("button", name="Check all links").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    well(page)
    expect(page.get_by_role("heading", name=re.compile("Checking links: [1-9]"))).to_be_visible()
    page.get_by_role("button", name="Stop checking").click()
    expect(page.get_by_text("Stopped after")).to_be_visible()
    plain.goto(building)
    plain.get_by_role("button", name="Check all links").click()
    plain.get_by_role("link", name="Look again").click()
    expect(plain.get_by_role("heading", name=re.compile("Checking links"))).to_be_visible()
    page.reload()
    expect(page.get_by_text("57 ready, 3 missing")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Show it in the list").click()
    expect(page.get_by_role("link", name="No link 3")).to_be_visible()
    well(page)

    # The set-up check says what works.
    page.get_by_role("link", name="Set-up check").click()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("Use Your Own Portal is on.")).to_be_visible()
    well(page)
    for path in (
        "",
        "accounts/",
        "accounts/1/token/",
        "accounts/1/disconnect/",
        "set-up/?portal=1",
    ):
        page.goto(office.at(path))
        well(page)
    kept = office.portal.kept()
    for secret in (ADMINISTRATOR.client_secret, "eyJhbGciOiJSUzI1NiJ9"):
        assert [place for place, data in kept.items() if secret.encode() in data] == []
