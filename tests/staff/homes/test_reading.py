"""The homes of a property are read and kept."""

import pytest

from ruckus.errors import Unavailable
from ruckus.management_types import ManagedUnit
from ruckus.resident_types import Listed
from staff.homes.reading import keep, read_homes, sort_key
from staff.models import Home


async def names(place):
    return [home.name async for home in place.homes.all()]


def test_two_is_before_ten_whatever_stands_around_it():
    wanted = ["", "2", "10", "A-2", "a-10", "B 1.2", "b 1.10", "B 2"]
    assert sorted(set(wanted), key=sort_key) == wanted
    assert len(sort_key("1 " * 127)) == 400


async def test_a_building_is_read_at_100_homes_a_call(building):
    await building.property.homes.all().adelete()
    await read_homes(building.property)
    assert building.sandbox.calls("queryUnits") == ["queryUnits"] * 3
    found = await names(building.property)
    assert found == [f"{floor}{flat:02}" for floor in range(1, 26) for flat in range(1, 13)]
    suspended = building.property.homes.filter(status=Home.Status.SUSPENDED)
    assert await suspended.acount() == 3
    await building.property.arefresh_from_db()
    assert building.property.homes_read
    assert building.property.homes_complete


async def test_what_staff_did_with_a_home_outlives_another_reading(building):
    home = await building.home("102")
    await building.property.homes.filter(pk=home.pk).aupdate(
        handed_out_how=Home.Way.LETTER, link=Home.Link.READY
    )
    building.unit("102").number = "102 A"
    building.unit("102 A").status = "DISABLED"
    await read_homes(building.property)
    await home.arefresh_from_db()
    assert (home.name, home.status, home.handed_out_how, home.link) == (
        "102 A",
        "suspended",
        "letter",
        "ready",
    )


async def test_a_home_goes_with_a_whole_list_alone(building):
    gone = building.unit("103")
    del building.sandbox.state.units[gone.guid]
    await read_homes(building.property)
    assert "103" not in await names(building.property)
    assert await building.property.homes.acount() == 299


async def test_nothing_goes_while_reading_fails(building):
    building.sandbox.fault(operation="queryUnits")
    with pytest.raises(Unavailable):
        await read_homes(building.property)
    assert await building.property.homes.acount() == 300


@pytest.mark.parametrize(
    "units", [Listed([ManagedUnit("new", "1")], complete=False), Listed([])], ids=["part", "none"]
)
def test_a_list_that_may_lack_some_removes_nothing(building, units):
    keep(building.property, units)
    assert building.property.homes.count() == 300 + len(units)
    assert not building.property.homes_complete


def test_a_property_without_homes_is_whole(building):
    building.property.homes.all().delete()
    keep(building.property, Listed([]))
    assert building.property.homes_complete
