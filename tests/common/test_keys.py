"""Keys: each for one purpose, all of them replaced one day, and what must outlive that."""

import io
import os
import subprocess
import sys
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command

from common import keys
from common.homes import home_mark
from common.models import Key, Session
from tests.residents.conftest import seeded

HOME = seeded("full branding")
REKEYED = (
    "Encrypted with the first key: 1 sessions, 0 names of devices, 1 diary entries, 0 checklists, "
    "0 authenticators of staff, 0 secrets of RUCKUS One accounts."
)


@pytest.fixture
def restart(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Does what a new process does: it knows nothing yet of what lies in the database."""

    def forget() -> None:
        monkeypatch.setattr(keys, "digest_secret", "")

    forget()
    return forget


def rekey(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rekey", *arguments, stdout=out)
    return out.getvalue().strip()


def test_keys_for_different_purposes_have_nothing_in_common():
    assert len(keys.derive("one", "secret")) == 32
    assert keys.derive("one", "secret") != keys.derive("two", "secret")
    assert keys.derive("one", "secret") != keys.derive("one", "another")
    with pytest.raises(InvalidToken):
        keys.ring(keys.SESSIONS).decrypt(keys.ring(keys.KEYS).encrypt(b"text"))


def test_a_digest_is_of_its_parts_and_its_purpose():
    digest = keys.digest("passphrase", "a", "bc")
    assert len(digest) == 40
    assert digest == keys.digest("passphrase", "a", "bc")
    for other in (("passphrase", "ab", "c"), ("passphrase", "abc"), ("home", "a", "bc")):
        assert digest != keys.digest(*other)


def test_the_first_key_encrypts_and_all_decrypt(settings):
    settings.ENCRYPTION_KEYS = ["old"]
    written = keys.ring("one").encrypt(b"text")
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert keys.ring("one").decrypt(written) == b"text"
    newer = keys.ring("one").encrypt(b"text")
    settings.ENCRYPTION_KEYS = ["new"]
    assert keys.ring("one").decrypt(newer) == b"text"
    with pytest.raises(InvalidToken):
        keys.ring("one").decrypt(written)


def test_keys_of_ones_own_can_be_set_later(settings):
    settings.SECRET_KEY = "first"
    written = keys.ring("one").encrypt(b"text")
    settings.ENCRYPTION_KEYS = ["new"]
    settings.SECRET_KEY = "second"
    settings.SECRET_KEY_FALLBACKS = ["first"]
    assert keys.ring("one").decrypt(written) == b"text"


# The key that is made once ------------------------------------------------------------------------


def test_two_installations_have_different_digests_from_the_same_secret_key(restart):
    first = keys.digest("home", "a")
    restart()
    assert keys.digest("home", "a") == first
    Key.objects.all().delete()
    restart()
    assert keys.digest("home", "a") != first


def test_the_key_is_stored_encrypted(restart):
    keys.digest("home", "a")
    key = Key.objects.get()
    assert str(key) == "digests"
    assert keys.digest_secret not in key.encrypted
    assert len(keys.digest_secret) > 40


async def test_the_event_loop_waits_for_no_database(restart):
    await keys.ready()
    first = keys.digest("home", "a")
    await sync_to_async(Key.objects.all().delete)()
    await keys.ready()
    assert keys.digest("home", "a") == first


def test_processes_that_start_at_once_agree_on_the_key(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": "no secret at all, but as long as a good one has to be",
        "RUCKUS_REGION": "eu",
        "DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3",
    }
    assert agreed_digest(environment)


def agreed_digest(environment: dict[str, str]) -> str:
    """The digest of several processes that start at the same moment with an empty database."""

    def run(*command: str, **more: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *command], env=environment, text=True, stdout=subprocess.PIPE, **more
        )

    with run("manage.py", "migrate", "-v0") as migration:
        assert migration.wait(60) == 0
    # Each says that it is there, and goes on when all are.
    script = (
        "import django; django.setup()\n"
        "from common import keys\n"
        "print('ready', flush=True); input(); print(keys.digest('home', 'a'))"
    )
    processes = [run("-c", script, stdin=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    digests = {process.communicate(timeout=60)[0].strip() for process in processes}
    [digest] = digests
    return digest


# Rotation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [True, False], ids=["keys of their own", "the secret key alone"])
async def test_all_keys_can_be_replaced_and_nobody_is_signed_out(resident, restart, settings, own):
    settings.SECRET_KEY = "first"
    settings.ENCRYPTION_KEYS = ["one"] if own else []
    await keys.ready()
    mark = home_mark(HOME.property_id, HOME.unit_guid)
    browser = await resident()

    settings.SECRET_KEY = "second"
    settings.SECRET_KEY_FALLBACKS = ["first"]
    settings.ENCRYPTION_KEYS = ["two", "one"] if own else []
    restart()
    assert (await browser.get("/")).heading == "Unit 2338"
    assert await sync_to_async(rekey)() == REKEYED

    settings.SECRET_KEY_FALLBACKS = []
    settings.ENCRYPTION_KEYS = ["two"] if own else []
    restart()
    assert (await browser.get("/")).heading == "Unit 2338"
    assert home_mark(HOME.property_id, HOME.unit_guid) == mark
    assert (await Session.objects.aget()).home == mark


async def test_a_key_that_is_dropped_too_early_is_told_and_can_be_put_back(
    resident, restart, settings
):
    settings.ENCRYPTION_KEYS = ["one"]
    browser = await resident()
    settings.ENCRYPTION_KEYS = ["two"]
    restart()
    with pytest.raises(keys.LostKey, match=r"`manage\.py rekey`"):
        await keys.ready()
    with pytest.raises(CommandError, match="no longer set"):
        await sync_to_async(rekey)()
    settings.ENCRYPTION_KEYS = ["two", "one"]
    assert (await browser.get("/")).heading == "Unit 2338"


async def test_a_key_that_is_lost_ends_all_sessions_and_no_more(resident, restart, settings):
    settings.ENCRYPTION_KEYS = ["one"]
    browser = await resident()
    settings.ENCRYPTION_KEYS = ["two"]
    restart()
    assert await sync_to_async(rekey)("--anew") == (
        "Everybody is signed out. Deleted: sessions, names of devices, diary entries, checklists, "
        "authenticators of staff, secrets of RUCKUS One accounts. Restart the portal now."
    )
    assert (await browser.get("/contact/")).status == 401
    assert (await browser.sign_in(HOME)).heading == "Unit 2338"


async def test_a_session_that_no_key_decrypts_has_ended(resident, restart):
    browser, other = await resident(), await resident("45 users")
    await Session.objects.filter(home=home_mark(HOME.property_id, HOME.unit_guid)).aupdate(
        session_data="gAAAAA"
    )
    assert await sync_to_async(rekey)() == REKEYED.replace("1 diary", "2 diary")
    assert (await browser.get("/contact/")).status == 401
    assert (await other.get("/")).heading == "Unit 4500"


async def test_a_session_of_the_first_release_is_signed_out_quietly(
    resident, restart, settings, monkeypatch
):
    # Its home was marked with a key that came from the secret key.
    monkeypatch.setattr(keys, "digest_secret", settings.SECRET_KEY)
    browser = await resident()
    restart()
    view = await browser.get("/contact/")
    assert view.status == 401
    assert not browser.cookie
    assert not await Session.objects.aexists()
