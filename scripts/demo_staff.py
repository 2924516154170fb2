"""Run by `manage.py shell` of `make demo`: a made-up owner who can sign in, and a connected sandbox.

It prints how to sign in. What is there already stays, so each start of the demo may run it. The
password and the authenticator's key are made of the demo's own secret key: nobody else's are alike.
"""

import asyncio
import base64
import json
import os
import shlex
import sys
import urllib.request

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.crypto import salted_hmac

from common import keys, redis
from common.keys import STAFF, ring
from common.upstream import close_upstream
from ruckus.account import Credentials
from staff import audit
from staff.accounts import connecting
from staff.accounts.trial import try_out
from staff.door import addresses, passwords, people
from staff.door.signed_in import OWNER
from staff.homes.reading import read_homes
from staff.models import Person, Property, RuckusAccount

EMAIL, NAME = "dana@example.com", "Dana Sample"
PASSWORD = f"demo-{salted_hmac('the password of the demo', EMAIL).hexdigest()[:12]}"
KEY = base64.b32encode(salted_hmac("the authenticator of the demo", EMAIL).digest()).decode()


async def owner() -> User:
    """Return the owner, whose password and authenticator are those that are printed."""
    user = await User.objects.filter(username=EMAIL).afirst()
    if user is None:
        user, token = await people.add(None, EMAIL, NAME, OWNER)
    elif await passwords.is_right(user, PASSWORD, passwords.KNOWN) and await has_key(user):
        return user
    else:
        token = await people.reset(None, user)
    # No code was taken yet.
    await people.set_up(token, PASSWORD, KEY, 0)
    return user


async def has_key(user: User) -> bool:
    person = await Person.objects.filter(user=user).afirst()
    return person is not None and ring(STAFF).decrypt(person.encrypted_key).decode() == KEY


def token_of(sandbox: str) -> dict[str, str]:
    """Return the application token of the sandbox's first account, an administrator's."""
    # A proxy that the environment names leads elsewhere.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{sandbox}/_sandbox/management/accounts") as answer:
        first: dict[str, str] = json.load(answer)[0]
    return first


async def connect(user: User, token: dict[str, str]) -> None:
    """Connect the account, unless it is, and read the homes of its properties."""
    account = RuckusAccount(name="Sample Homes", region="na", tenant_id=token["tenant_id"])
    if not await connecting.is_connected(account):
        credentials = Credentials(token["tenant_id"], token["client_id"], token["client_secret"])
        trial = await try_out(account.region, credentials)
        if trial.failed:
            raise SystemExit(f"The sandbox's account can't be connected: {trial.tried}")
        await audit.note(user, audit.What.ACCOUNT_CONNECTED, detail=account.name)
        await connecting.keep(account, credentials, trial)
    unread = Property.objects.filter(account__tenant_id=token["tenant_id"], homes_read=None)
    async for each in unread.select_related("account"):
        await read_homes(each)


async def main(token: dict[str, str] | None) -> None:
    """Make what is missing, and print how to sign in."""
    await keys.ready()
    try:
        user = await owner()
        if token:
            await connect(user, token)
    finally:
        await close_upstream()
        await redis.close()
    print(f"{NAME} (staff, email {EMAIL}, password {PASSWORD}):", end=" ")
    print(addresses.absolute(reverse("staff:home")))
    program = f'import pyotp; print(pyotp.TOTP("{KEY}").now())'
    print(f"6-digit code of {NAME}: {shlex.join([sys.executable, '-c', program])}")


sandbox = os.environ["DEMO_SANDBOX"]
asyncio.run(main(token_of(sandbox) if sandbox else None))
