"""The property's looks, which a resident's sign-in opens."""

from dataclasses import replace

from common.property.brand import NO_BRAND, brands
from ruckus.links import property_id
from staff.links.branding import brand_for
from staff.links.reading import link_of


async def test_the_looks_are_asked_for_once(building):
    link = await link_of(building.property, await building.home("103"))
    assert (await brand_for(building.property, [link])).title == "Thistle Gardens Wi-Fi"
    building.sandbox.forget_calls()
    assert (await brand_for(building.property, [link])).title == "Thistle Gardens Wi-Fi"
    assert building.sandbox.calls() == []


async def test_a_link_that_opens_nothing_shows_nothing(building):
    link = await link_of(building.property, await building.home("103"))
    assert property_id(building.property.venue_id) not in brands.values
    assert await brand_for(building.property, [replace(link, code="wrong")]) == NO_BRAND
    assert await brand_for(building.property, []) == NO_BRAND
