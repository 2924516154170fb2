"""A manager of one property reaches nothing of another."""

import pytest
from django.urls import reverse

from staff.models import AuditEntry, Home, JobItem, Property
from staff.urls import links
from tests.staff.views.selecting import ask


@pytest.mark.parametrize("name", [pattern.name for pattern in links])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_address_of_another_property_is_open(staff, building, name, method):
    browser = await staff("manager")
    await browser.get("/staff/")
    home = await building.home("102")
    known = {"property_id": building.property.id, "unit_id": home.unit_id, "name": "abc"}
    pattern = next(pattern for pattern in links if pattern.name == name)
    kwargs = {key: known[key] for key in pattern.pattern.converters}
    browser.client.handler.enforce_csrf_checks = False
    page = await browser.send(
        method,
        reverse(f"staff:{name}", kwargs=kwargs),
        {"do": "show"} if method == "POST" else None,
    )
    assert page.status in (404, 405)
    assert not await AuditEntry.objects.aexists()


async def test_a_form_reaches_no_home_of_another_property(staff, building):
    other = await Property.objects.acreate(
        id="0" * 32, account=building.account, venue_id="0" * 32, name="Other"
    )
    theirs = await Home.objects.acreate(
        property=other, unit_id="other", mark="x", name="9", sort_key="9"
    )
    browser = await staff("manager", building.property)
    page = await ask(browser, building, "letters", "102")
    refused = await browser.press(page, "Make 1 letter", homes=str(theirs.pk))
    assert refused.status == 400


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("letters", "homes"),
        ("cards", "homes"),
        ("email", "homes"),
        ("ruckus-message", "homes"),
        *(("selection", f"unit {do}") for do in ("letters", "cards", "email", "ruckus")),
    ],
)
async def test_no_form_names_a_home_of_another_property(staff, building, settings, name, field):
    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    other = await Property.objects.acreate(
        id="0" * 32, account=building.account, venue_id="0" * 32, name="Other"
    )
    theirs = await Home.objects.acreate(
        property=other, unit_id="other", mark="x", name="Nine", sort_key="9"
    )
    browser = await staff("manager", building.property)
    browser.client.handler.enforce_csrf_checks = False
    field, _, do = field.partition(" ")
    data = {field: theirs.unit_id if field == "unit" else str(theirs.pk), "do": do}
    address = reverse(f"staff:{name}", args=[building.property.id])
    page = await browser.send("POST", address, data)
    assert page.status in (302, 400, 409)
    assert "Nine" not in page.text
    assert not await AuditEntry.objects.aexists()
    assert not await JobItem.objects.aexists()
