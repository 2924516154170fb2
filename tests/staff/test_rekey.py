"""What staff's app keeps encrypted gets other keys with everything else."""

import io

from asgiref.sync import sync_to_async
from django.apps import apps
from django.core.management import call_command

from common import encrypted, keys
from common.keys import STAFF, ring
from common.models import OpenedHome, Session
from staff.door import people, second_factor
from staff.models import Invitation, Person, RecoveryCode, RuckusAccount
from tests.residents.conftest import seeded
from tests.staff.conftest import KEY

HOME = seeded("full branding")


@sync_to_async
def rekey(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rekey", *arguments, stdout=out)
    return out.getvalue()


async def connect() -> RuckusAccount:
    return await RuckusAccount.objects.acreate(
        name="Harbor", region="na", tenant_id="t", encrypted=ring(STAFF).encrypt(b"id").decode()
    )


async def test_staff_stay_signed_in_and_their_keys_stay_what_they_are(staff, resident, settings):
    settings.ENCRYPTION_KEYS = ["one"]
    browser, home = await staff(), await resident()
    account = await connect()
    settings.ENCRYPTION_KEYS = ["two", "one"]
    said = await rekey()
    for counted in ("2 sessions", "1 authenticators of staff", "1 secrets of RUCKUS One accounts"):
        assert counted in said
    settings.ENCRYPTION_KEYS = ["two"]
    assert (await browser.get("/staff/me/")).status == 200
    assert (await home.get("/")).heading == "Unit 2338"
    person = await Person.objects.aget()
    assert ring(STAFF).decrypt(person.encrypted_key).decode() == KEY
    await account.arefresh_from_db()
    assert ring(STAFF).decrypt(account.encrypted) == b"id"


async def test_what_no_key_decrypts_is_empty_and_its_row_stays(staff, settings):
    settings.ENCRYPTION_KEYS = ["one"]
    await staff()
    await connect()
    settings.ENCRYPTION_KEYS = ["two"]
    said = await rekey()
    assert "0 sessions" in said
    assert "0 authenticators of staff, 0 secrets of RUCKUS One accounts" in said
    assert (await Person.objects.aget()).encrypted_key == ""
    assert (await RuckusAccount.objects.aget()).encrypted == ""
    assert not await Session.objects.aexists()
    # What is empty is no key that got lost.
    assert "0 authenticators of staff" in await rekey()


async def test_a_fresh_start_leaves_nobody_a_way_in_but_a_new_link(staff, stranger):
    browser = await staff()
    await connect()
    person = await Person.objects.select_related("user").aget()
    await sync_to_async(second_factor.new_recovery_codes)(person.user)
    await people.add(None, "nina@example.com", "Nina", "manager")
    await OpenedHome.objects.acreate(home="a mark that nothing leads to any more")
    await rekey("--anew")
    assert (await browser.get("/staff/me/")).status == 302
    assert (await Person.objects.aget()).encrypted_key == ""
    assert (await RuckusAccount.objects.aget()).encrypted == ""
    assert not await RecoveryCode.objects.aexists()
    assert not await Invitation.objects.aexists()
    assert not await OpenedHome.objects.aexists()
    token = await people.reset(None, person.user)
    assert (await stranger.get(f"/staff/welcome/{token}/")).status == 200


def test_what_is_registered_twice_is_done_once():
    before = {key: list(field.purposes) for key, field in encrypted.fields.items()}
    hashed = list(encrypted.hashed)
    apps.get_app_config("staff").ready()
    assert {key: field.purposes for key, field in encrypted.fields.items()} == before
    assert encrypted.hashed == hashed
    assert before[Session, "session_data"] == [keys.SESSIONS, keys.STAFF_SESSIONS]
