"""Whether the API can be reached, and what is said where it can't."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ruckus.doctor.finding import Level
from ruckus.doctor.region import check_region
from tests.ruckus.test_wire import certificate
from tests.ruckus.vendor import hangs_up_after, reply, says, silence, vendor

from .conftest import about, real


def dated(**off: float) -> dict[str, str]:
    return {"Date": format_datetime(datetime.now(UTC) + timedelta(**off), usegmt=True)}


async def region_at(address, **options):
    async with real(**options) as connect:
        return await check_region(connect, address)


@pytest.mark.parametrize("answer", [(404, b""), (404, {"message": "no"}), (200, {}), (500, {})])
async def test_an_api_that_answers_is_well_whatever_it_says_of_a_property_that_is_none(answer):
    async with vendor(says(reply(*answer, **dated()))) as it:
        region = await region_at(it.url)

    assert region.usable
    assert not region.stop
    assert [finding.level for finding in region.findings] == [Level.OK, Level.OK]
    [seen] = it.seen
    assert seen.method == "GET"
    assert seen.path == "/residents/properties/00000000-0000-0000-0000-000000000000/access"
    assert "authorization" not in seen.headers


@pytest.mark.parametrize(
    ("off", "words"),
    [
        ({"seconds": -90}, "90 seconds ahead of"),
        ({"seconds": 90}, "90 seconds behind"),
        ({"minutes": 20}, "20 minutes behind"),
        ({"hours": -5}, "5 hours ahead of"),
        ({"days": 3}, "3 days behind"),
    ],
)
async def test_a_clock_that_is_off_by_more_than_a_minute_is_to_be_set(off, words):
    async with vendor(says(reply(404, **dated(**off)))) as it:
        region = await region_at(it.url)

    clock = about(region.findings, "Clock")
    assert clock.level is Level.TO_DO
    # The odd second may pass in between.
    assert words.split()[-1] in clock.what
    assert words.split()[1] in clock.what
    assert "NTP" in clock.advice
    assert region.usable


async def test_half_a_minute_is_no_matter():
    async with vendor(says(reply(404, **dated(seconds=30)))) as it:
        region = await region_at(it.url)

    assert about(region.findings, "Clock").level is Level.OK


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
async def test_an_answer_without_a_time_leaves_the_clock_open(headers):
    async with vendor(says(reply(404, **headers))) as it:
        region = await region_at(it.url)

    assert about(region.findings, "Clock").level is Level.UNKNOWN


@pytest.mark.parametrize(
    "answer", [(200, b"\n<!doctype html>"), (404, b"<html>"), (302, b""), (500, b"<html>")]
)
async def test_a_web_page_is_not_the_api(answer):
    async with vendor(says(reply(*answer))) as it:
        region = await region_at(it.url)

    [finding] = region.findings
    assert finding.level is Level.TO_DO
    assert "web page" in finding.what
    assert not region.usable


async def test_a_gateway_s_error_is_the_vendor_s_own_problem():
    async with vendor(says(reply(502, b"<html>", **dated()))) as it:
        region = await region_at(it.url)

    [ill, _] = region.findings
    assert ill.level is Level.UNKNOWN
    assert "status 502" in ill.what
    assert region.usable


async def test_who_is_asked_to_wait_asks_nothing_more():
    async with vendor(says(reply(429, Retry_After="1"))) as it:
        region = await region_at(it.url)

    assert region.stop
    assert len(it.seen) == 1
    assert region.findings[0].level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (silence, "no answer in time"),
        (hangs_up_after(), "connection broken off"),
        (says(b"SMTP ready\r\n\r\n"), "that is not the API's"),
    ],
)
async def test_a_server_that_does_not_speak_is_named(script, words):
    async with vendor(script) as it:
        region = await region_at(it.url, deadline=0.5)

    [finding] = region.findings
    assert finding.level is Level.TO_DO
    assert words in finding.what
    assert finding.advice
    assert not region.usable


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9", "connection refused"),
        ("https://nowhere.invalid", "name not found"),
    ],
)
async def test_an_address_that_leads_nowhere_is_named(address, words):
    region = await region_at(address)

    [finding] = region.findings
    assert finding.level is Level.TO_DO
    assert words in finding.what
    assert not region.stop


async def test_a_certificate_that_nobody_signed_is_named(tmp_path):
    _, context = certificate(tmp_path)
    async with vendor(says(reply()), host="localhost", ssl=context) as it:
        region = await region_at(it.url)

    [finding] = region.findings
    assert "certificate not trusted" in finding.what
    assert "SSL_CERT_FILE" in finding.advice
    assert it.seen == []


async def test_a_list_of_certificates_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    region = await region_at("https://localhost:9")

    [finding] = region.findings
    assert "SSL_CERT_FILE" in finding.advice
    assert region.stop


@pytest.mark.parametrize("address", ["api.ruckus.cloud", "ftp://api.ruckus.cloud", "https://"])
async def test_what_is_no_address_is_not_asked(address):
    region = await region_at(address)

    [finding] = region.findings
    assert "RUCKUS_API_URL is not an address" in finding.what
    assert region.stop


async def test_access_codes_go_nowhere_without_encryption():
    region = await region_at("http://someone:hush@api.example")

    [finding] = region.findings
    assert finding.what.startswith("api.example ")
    assert "without encryption" in finding.what
    assert region.stop


async def test_this_machine_may_be_asked_by_name_without_encryption():
    async with vendor(says(reply(404, **dated())), host="localhost") as it:
        region = await region_at(it.url)

    assert region.usable
