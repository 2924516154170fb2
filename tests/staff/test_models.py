"""What staff's tables hold is called in logs by what tells nothing."""

import pytest
from django.apps import apps

NAMED = {"RuckusAccount": "name", "Property": "name", "Home": "name", "AuditEntry": "what"}


@pytest.mark.parametrize("model", list(apps.get_app_config("staff").get_models()))
def test_a_row_says_what_it_is(model):
    row = model()
    if field := NAMED.get(model.__name__):
        setattr(row, field, "Sample")
        assert str(row) == "Sample"
    else:
        assert isinstance(str(row), str)


async def test_a_member_without_a_role_or_an_account_that_is_off_gets_in_nowhere(staff):
    browser = await staff()
    assert (await browser.get("/staff/me/")).status == 200
    users = apps.get_model("auth", "User").objects
    await users.aupdate(is_active=False)
    assert (await browser.get("/staff/me/")).location.startswith("/staff/sign-in/")
