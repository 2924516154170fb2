"""Homes by what staff look for."""

import pytest
from django.http import QueryDict

from staff.homes.found import Wanted, chosen


async def names(place, query):
    return [home.name async for home in chosen(place, QueryDict(query))]


async def test_what_was_ticked_is_chosen_in_order(building):
    first, second = building.unit("1001").guid, building.unit("902").guid
    assert await names(building.property, f"unit={first}&unit={second}&unit=none") == [
        "902",
        "1001",
    ]
    assert await names(building.property, "filter=suspended") == []


async def test_all_that_was_looked_for_is_chosen(building):
    every = await names(building.property, "all=1&filter=suspended&q=251&unit=none")
    assert every == ["2510", "2511", "2512"]
    assert len(await names(building.property, "all=1")) == 300


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("", Wanted()),
        ("q=+7%00+&filter=odd", Wanted("7", "all")),
        ("q=7&filter=no-link", Wanted("7", "no-link")),
    ],
)
def test_an_address_says_what_is_wanted(asked, wanted):
    assert Wanted.of(QueryDict(asked)) == wanted


def test_what_is_wanted_makes_an_address():
    assert Wanted().address() == "?"
    assert Wanted("a&b", "no-link").address(page=2) == "?q=a%26b&filter=no-link&page=2"
