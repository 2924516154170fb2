"""Run by `manage.py shell`: connects an account of the sandbox, reads a building, signs a member in.

It prints the member's cookie. SEED has what is to be stored, as JSON.
"""

import asyncio
import json
import os
import sys

from asgiref.sync import sync_to_async
from django.contrib.auth import alogin
from django.contrib.auth.models import Group, User
from django.test import AsyncRequestFactory

from common import keys
from common.property.ids import bare_id
from staff.accounts.api import seal
from staff.homes.reading import read_homes
from staff.models import Property, RuckusAccount
from staff.session import StaffSessionStore


@sync_to_async
def store(seed: dict[str, str]) -> tuple[User, Property]:
    account = RuckusAccount.objects.create(
        name="Sample Homes",
        region="na",
        tenant_id=seed["tenant_id"],
        encrypted=seal(seed["client_id"], seed["client_secret"]),
    )
    place = Property.objects.create(
        id=bare_id(seed["property_id"]),
        account=account,
        venue_id=bare_id(seed["property_id"]),
        name="Thistle Gardens",
    )
    user = User.objects.create_user("dana@example.com", "dana@example.com", first_name="Dana")
    user.groups.add(Group.objects.get(name="owner"))
    return user, place


async def sign_in(user: User) -> str:
    request = AsyncRequestFactory().get("/staff/")
    request.session = StaffSessionStore()
    await alogin(request, user)
    await request.session.aset("second_factor", True)
    await request.session.asave()
    return str(request.session.cookie_value)


async def main() -> None:
    await keys.ready()
    user, place = await store(json.loads(os.environ["SEED"]))
    await read_homes(place)
    sys.stdout.write(await sign_in(user))


asyncio.run(main())
