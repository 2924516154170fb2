"""What is found out about a link, and what is never kept of it."""

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from ruckus.errors import TooBusy
from staff.links.reading import StaffLink, codes_in, link_from, link_of, links_of
from staff.models import Home, RuckusAccount


async def test_a_link_is_read_and_proved(building):
    home = await building.home("103")
    link = await link_of(building.property, home)
    assert (link.state, link.proved, link.is_strange) == ("ready", True, False)
    assert link.code == building.unit("103").access_code
    assert link.resident.email == "home103@example.com"


async def test_a_link_is_read_without_a_sign_in_once_the_shape_is_known(building):
    home = await building.home("103")
    await link_of(building.property, await building.home("102"), prove=False)
    building.sandbox.forget_calls()
    link = await link_of(building.property, home, prove=False)
    assert building.sandbox.calls("residentLogin") == []
    assert (link.code, link.proved) == (building.unit("103").access_code, False)
    await home.arefresh_from_db()
    assert (home.link, home.link_proved) == ("ready", False)
    stored = await RuckusAccount.objects.aget()
    assert stored.shape["parameter"] == "auth"


def test_nothing_secret_is_in_a_repr(building):
    link = StaffLink(Home(), Home.Link.READY, "S3cret", "https://wifi.example/#S3cret")
    assert "S3cret" not in repr(link)


async def test_a_link_without_a_code_is_unreadable(building, monkeypatch):
    home = await building.home("103")
    monkeypatch.setattr("sandbox.management.wire.link", lambda unit, shape: "https://x/")
    link = await link_of(building.property, home)
    assert (link.state, link.url) == ("unreadable", "")


async def test_a_property_that_is_not_served_has_no_links(building, settings):
    settings.ALLOWED_PROPERTIES = frozenset({"00000000-0000-0000-0000-000000000001"})
    link = await link_of(building.property, await building.home("103"))
    assert (link.state, link.url) == ("unreadable", "")


async def test_a_sign_in_that_opens_something_unknown_is_strange(building):
    home = await building.home("103")
    await Home.objects.filter(pk=(await building.home("102")).pk).adelete()
    building.sandbox.state.units[home.unit_id].access_code = building.unit("102").access_code
    link = await link_of(building.property, home)
    assert (bool(link.url), link.is_strange, link.other) == (True, True, None)


async def test_one_of_many_is_proved_and_until_one_is_the_next(building):
    homes = [await building.home(number) for number in ("102", "103", "104")]
    homes[0].status = Home.Status.SUSPENDED
    building.sandbox.state.units[homes[1].unit_id].access_code = ""
    await link_of(building.property, await building.home("105"))
    building.sandbox.forget_calls()
    links = await links_of(building.property, homes)
    assert [link.proved for link in links] == [False, False, True]


async def test_too_many_calls_are_no_refusal(building):
    building.sandbox.fault(operation="residentLogin", status=429)
    with pytest.raises(TooBusy):
        await link_from(building.property, await building.home("103"), ["a code"])


async def test_codes_are_found_in_whatever_is_pasted(building):
    ours = f"https://wifi.example/p/{building.property.id}/#abc"
    other = f"https://wifi.example/p/{'0' * 32}/#abc"
    assert codes_in(building.property, ours) == ("abc",)
    assert codes_in(building.property, other) == ()
    assert codes_in(building.property, building.property.venue_id) == ()


async def test_no_secret_is_in_the_database_afterwards(staff, building, capfd):
    browser = await staff()
    home = await building.home("103")
    page = await browser.get(f"/staff/p/{home.property_id}/homes/{home.unit_id}/")
    for button in ("Show the link", "QR code", "Print letter", "Test the link"):
        await browser.press(page, button)

    @sync_to_async
    def dump() -> str:
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
            rows = []
            for table in tables:
                cursor.execute(f'SELECT * FROM "{table}"')
                rows.append(repr(cursor.fetchall()))
        return "\n".join(rows)

    stored = await dump()
    said = "".join(capfd.readouterr())
    for secret in (building.unit("103").access_code, "home103@example.com", "Resident 103"):
        assert secret not in stored
        assert secret not in said
