"""Addresses with ids that are not the home's lead nowhere, and change nothing."""

import uuid

import pytest

from ruckus.resident_types import UnitUser
from tests.residents.conftest import seeded
from tests.residents.pages import user_of

HOME, OTHER = seeded("full branding"), seeded("no portal profile")
PAGES = ["", "qr/", "reset/", "choose/", "devices/", "letters/", "connect/", "cards/", "back/"]
NOT_OF_THE_HOME = [
    ("unit", str(uuid.UUID(int=7))),
    ("guest", str(uuid.UUID(int=7))),
    ("linked", str(uuid.UUID(int=7))),
    ("unit", user_of(OTHER, "unit").id),
    # The home's own, under another kind.
    ("guest", user_of(HOME, "unit").id),
    ("unit", user_of(HOME, "guest").id),
    ("linked", user_of(HOME, "unit").id),
    ("unit", user_of(HOME, "linked").id),
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("kind", "user_id"), NOT_OF_THE_HOME)
async def test_a_page_of_an_id_that_is_not_the_home_s_is_a_404(
    resident, sandbox, kind, user_id, page
):
    sandbox.profile(HOME).tenant_set_dpsk = True
    browser = await resident()
    assert (await browser.get(f"/wifi/{kind}/{user_id}/{page}")).status == 404


@pytest.mark.parametrize(("kind", "user_id"), NOT_OF_THE_HOME)
async def test_a_form_of_an_id_that_is_not_the_home_s_is_a_404(resident, sandbox, kind, user_id):
    own = user_of(HOME, "unit")
    mac = own.devices[0].mac
    browser = await resident()
    asked = await browser.get(f"/wifi/unit/{own.id}/devices/{mac}/remove/")
    reset = await browser.get(f"/wifi/unit/{own.id}/reset/")
    named = await browser.get(f"/wifi/unit/{own.id}/devices/{mac}/name/")
    before = [
        (user.id, user.passphrase, len(user.devices))
        for user in sandbox.state.units[HOME.unit_guid].users
    ]
    for page, button, path in (
        (asked, "Remove device", f"devices/{mac}/remove/"),
        (reset, "Reset passphrase", "reset/"),
        (named, "Save name", f"devices/{mac}/name/"),
    ):
        page.form(button).attrs["action"] = f"/wifi/{kind}/{user_id}/{path}"
        assert (await browser.submit(page, button)).status == 404
    users = sandbox.state.units[HOME.unit_guid].users
    assert [(user.id, user.passphrase, len(user.devices)) for user in users] == before


async def test_a_user_whose_kind_the_vendor_does_not_say_is_shown(resident, sandbox, monkeypatch):
    browser = await resident()
    own = user_of(HOME, "unit")

    async def fetch(self: object, user_id: str) -> UnitUser:
        return UnitUser("another id", passphrase="a passphrase")

    monkeypatch.setattr("ruckus.resident.ResidentApi.fetch_unit_user", fetch)
    assert "a passphrase" in (await browser.get(f"/wifi/unit/{own.id}/")).text
