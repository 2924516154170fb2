"""The portal of several properties: each on its own hosts, in its own zone and words."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

from portal import asgi, start
from sandbox import seeds
from tests.residents.browser import Browser
from tests.residents.conftest import Sandbox, seeded
from tests.residents.views.test_devices import list_of

HOME = seeded("full branding")
PLAIN = seeded("no portal profile")
MAPLE, OAK = "wifi.maple.example", "wifi.oak.example"
FILE = f"""
[{HOME.property_id}]
hosts = ["{MAPLE}"]
region = "eu"
time_zone = "Asia/Tokyo"
phone_region = "GB"
link_reset = true

[{HOME.property_id}.contact]
name = "Never shown: RUCKUS One names another"

[{PLAIN.property_id}]
hosts = ["{OAK}"]
region = "asia"
languages = ["de", "en"]

[{PLAIN.property_id}.contact]
name = "Oak office"
phone = "+1 202 555 0177"
email = "office@oak.example"
"""


@pytest.fixture
def file(settings: Any, tmp_path: Path, sandbox: Sandbox) -> Path:
    path = tmp_path / "properties.toml"
    path.write_text(FILE)
    settings.PROPERTIES_FILE = str(path)
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.LINK_RESET = False
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    return path


@pytest.fixture
def anywhere(file: Path, settings: Any) -> None:
    """Django's own test client asks nobody but ALLOWED_HOSTS which hosts there are."""
    settings.ALLOWED_HOSTS = ["*"]


class HostBrowser(Browser):
    """A browser that opens pages of one host."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host
        request = self.client.request

        async def elsewhere(**scope: Any) -> Any:
            _, *headers = scope.pop("headers")
            return await request(**scope, headers=[(b"host", self.host.encode()), *headers])

        self.client.request = elsewhere  # type: ignore[method-assign]


async def signed_in(host: str, home: seeds.Home) -> HostBrowser:
    browser = HostBrowser(host)
    assert (await browser.sign_in(home)).status == 200
    return browser


async def ask(host: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(asgi.Portal(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        return await client.get(path)


def without_ids(answer: httpx.Response) -> str:
    """The page without what is random in every page."""
    return re.sub(r'(csrfmiddlewaretoken" value=")\w+', "", answer.text).replace(
        answer.headers["x-request-id"], ""
    )


@pytest.mark.parametrize("host", [MAPLE, MAPLE.upper(), f"{MAPLE}:8443", "testserver"])
async def test_hosts_of_the_file_are_allowed_beside_those_of_the_settings(file, host):
    assert (await ask(host, "/healthz/")).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", f"x.{MAPLE}", f"{MAPLE}.evil.example"])
async def test_any_other_host_is_refused(file, host):
    assert (await ask(host, "/")).status_code == 400


async def test_a_property_can_not_be_told_on_another_s_host_from_one_that_does_not_exist(file):
    path = f"/p/{HOME.property_id}/"
    assert (await ask(MAPLE, path)).status_code == 200
    for host in (OAK, "testserver"):
        unknown = await ask(host, "/p/00000000-0000-4000-8000-000000000000/")
        assert unknown.status_code == 404
        answer = await ask(host, path)
        assert answer.status_code == 404
        assert without_ids(answer) == without_ids(unknown)


async def test_the_start_page_of_a_host_is_the_welcome_page_of_its_property(file):
    assert f"/p/{HOME.property_id}/" in (await ask(MAPLE, "/")).text
    assert f"/p/{PLAIN.property_id}/" in (await ask(OAK, "/")).text
    assert 'action="/p/"' in (await ask("testserver", "/")).text


async def test_a_session_opens_nothing_on_the_host_of_another_property(anywhere):
    browser = await signed_in(MAPLE, HOME)
    assert (await browser.get("/")).heading == f"Unit {HOME.unit.number}"
    browser.host = OAK
    assert (await browser.get("/contact/")).status == 401


async def test_a_link_of_another_host_s_property_signs_nobody_in(anywhere, sandbox: Sandbox):
    browser = HostBrowser(OAK)
    page = await browser.get("/")
    sandbox.forget_calls()
    link = f"https://{MAPLE}/p/{HOME.property_id}/{HOME.secret}/"
    sent = await browser.submit(page, "Open my Wi-Fi", secret=link)
    assert sent.status == 401
    assert sandbox.calls() == []


# What differs -------------------------------------------------------------------------------------


async def test_exact_times_are_in_the_property_s_zone_and_nobody_else_s(
    anywhere, sandbox, settings
):
    settings.TIME_ZONE = "UTC"
    browser = await signed_in(MAPLE, HOME)
    view = await browser.get(list_of("unit", sandbox.user(HOME)))
    assert {node.attrs["title"][-3:] for node in view.root.all("time")} == {"JST"}
    await HostBrowser(OAK).get("/")
    assert timezone.get_current_timezone_name() == "UTC"


async def test_national_phone_numbers_are_the_property_s(anywhere, sandbox):
    browser = await signed_in(MAPLE, HOME)
    page = await browser.get("/contact/")
    await browser.submit(page, "Save contact details", phone_number="020 7946 0018")
    assert sandbox.state.units[HOME.unit_guid].contact.phone == "+442079460018"


async def test_residents_may_replace_their_link_where_the_property_lets_them(anywhere):
    browser = await signed_in(MAPLE, HOME)
    assert "Replace it yourself" in (await browser.get("/help/link/")).words
    other = await signed_in(OAK, PLAIN)
    assert "Replace it yourself" not in (await other.get("/help/link/")).words


async def test_the_contact_of_the_file_is_shown_where_ruckus_one_names_nobody(anywhere, sandbox):
    plain = sandbox.state.properties[PLAIN.property_id]
    plain.management_name = plain.management_phone = plain.management_email = None
    other = await signed_in(OAK, PLAIN)
    shown = (await other.get("/help/")).words
    for words in ("Oak office", "+1 202 555 0177", "office@oak.example"):
        assert words in shown
    browser = await signed_in(MAPLE, HOME)
    assert "Never shown" not in (await browser.get("/help/")).text


async def test_pages_are_in_a_language_of_the_property(file):
    file.write_text(FILE.replace('["de", "en"]', '["de"]'))
    assert '<html lang="de"' in (await ask(OAK, "/")).text
    assert '<html lang="en"' in (await ask(MAPLE, "/")).text


def test_a_server_needs_no_other_hosts_than_those_of_the_file(file, settings):
    settings.ALLOWED_HOSTS = []
    start.check()
