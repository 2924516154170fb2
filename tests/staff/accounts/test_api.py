"""Clients that speak for a connected account."""

import pytest
from django.test import override_settings

from common.property.ids import bare_id
from ruckus.errors import NotFound, NotSignedIn
from ruckus.regions import REGIONS
from staff.accounts import api
from staff.models import RuckusAccount

EUROPE = override_settings(RUCKUS_REGION="eu", RUCKUS_API_URL="https://api.eu.ruckus.cloud")


async def test_an_account_shares_its_token_and_its_pace(building):
    first = api.management_api(building.account)
    again = await RuckusAccount.objects.aget(pk=building.account.pk)
    second = api.management_api(again, bulk=True)
    assert first._account is second._account
    await first.query_properties()
    await second.query_properties()
    assert building.sandbox.calls("createToken") == ["createToken"]


async def test_an_account_that_has_changed_is_another_one(building):
    account = building.account
    before = api.account_of(account)
    account.delegated_tenant_id = "another"
    assert api.account_of(account) is not before
    assert api.account_of(account).credentials.delegated_tenant_id == "another"


async def test_an_account_that_is_forgotten_begins_anew(building):
    before = api.account_of(building.account)
    api.forget(building.account)
    api.forget(building.account)
    assert api.account_of(building.account) is not before


async def test_what_no_key_opens_is_an_account_that_is_not_accepted(building):
    building.account.encrypted = "of another key"
    with pytest.raises(NotSignedIn) as raised:
        api.management_api(building.account)
    assert raised.value.operation == "createToken"


def test_the_stored_form_tells_nothing():
    sealed = api.seal("a client", "a secret")
    assert "secret" not in sealed
    assert api.seal("a client", "a secret") != sealed


@override_settings(RUCKUS_REGION="", RUCKUS_API_URL="")
def test_where_only_a_file_of_properties_names_regions_an_account_has_its_own() -> None:
    assert api.address_of("eu") == REGIONS["eu"]
    assert api.address_of("asia") == REGIONS["asia"]


async def test_an_address_of_the_settings_is_every_regions(building):
    assert api.address_of("na") == api.address_of("eu") == "http://127.0.0.1:9"


async def test_an_account_is_asked_for_at_its_own_region(building, sandbox):
    with EUROPE:
        building.account.region = "asia"
        client = api.management_api(building.account)
        await client.query_properties()
    assert {each.base_url for each in sandbox.upstreams} == {
        "https://api.asia.ruckus.cloud",
        "https://asia.ruckus.cloud",
    }


async def test_how_links_look_is_kept(building):
    account, unit = building.account, building.unit("102")
    assert account.shape is None
    links = api.unit_links(account)
    await api.save_shape(account, links)
    managed = await api.management_api(account).fetch_unit(building.property.venue_id, unit.guid)
    link = await links.prove(building.property.venue_id, managed)
    assert (link.code, link.proved) == (unit.access_code, True)

    await api.save_shape(account, links)
    stored = await RuckusAccount.objects.aget(pk=account.pk)
    assert stored.shape["parameter"] == "auth"
    assert unit.access_code not in str(stored.shape)
    assert api.unit_links(stored).shape == links.shape
    await RuckusAccount.objects.filter(pk=account.pk).aupdate(shape=None)
    await api.save_shape(account, links)
    await stored.arefresh_from_db()
    assert stored.shape is None, "what is known already was written again"


async def test_a_sign_in_as_a_resident_would(building):
    unit = building.unit("102")
    login = await api.sign_in_to(building.property.venue_id, unit.access_code)
    assert bare_id(login.unit_id) == bare_id(unit.guid)


async def test_a_property_of_no_account_is_not_signed_in_to(building):
    with pytest.raises(NotFound):
        await api.sign_in_to("0" * 32, "a code")
    assert building.sandbox.calls("residentLogin") == []
