"""Sign homes in with the portal's own code, without a browser for each.

`python -m bench.seed` reads `{"homes": [...], "properties": n, "past": n}` from standard input and
writes the cookies, a list of `[home, header]`, to standard output.
"""

import asyncio
import json
import secrets
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import django

django.setup()

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DjangoStore
from django.utils import timezone
from django.utils.crypto import get_random_string

from bench import data


async def portal_session(home: int, properties: int) -> str:
    from common import keys
    from common.sessions import SessionStore
    from residents.door import session
    from ruckus.authorization import TokenStyle
    from ruckus.resident_types import Login

    await keys.ready()
    request: Any = SimpleNamespace(session=SessionStore())
    login = Login(unit_id=data.unit_id(home), token=data.token(home))
    place = data.property_id(home % properties)
    signed_in = await session.sign_in(request, place, login, "a code")
    # As after the first page: it is known how the token is to be sent.
    signed_in.token.style = TokenStyle.BEARER
    await session.remember_token_style(request, signed_in)
    await request.session.asave()
    return str(request.session.cookie_value)


def plain_session(home: int, properties: int) -> str:
    store = DjangoStore()
    store["token"], store["property"] = data.token(home), data.property_id(home % properties)
    store.create()
    return str(store.session_key)


def add_past(count: int) -> None:
    """Add sessions of the portal that have ended."""
    from common.models import Session

    ended = timezone.now() - timedelta(days=1)
    rows = [
        Session(
            session_key=secrets.token_hex(20),
            session_data="x" * 600,
            expire_date=ended,
            home=f"{number:040d}",
        )
        for number in range(count)
    ]
    Session.objects.bulk_create(rows, batch_size=500)


async def portal_sessions(homes: list[int], properties: int) -> list[str]:
    return [await portal_session(home, properties) for home in homes]


def main() -> None:
    job = json.load(sys.stdin)
    homes, properties = job["homes"], job["properties"]
    if settings.SESSION_ENGINE == "common.sessions":
        keys = asyncio.run(portal_sessions(homes, properties))
        # Last, for each sign-in sweeps some of them away.
        add_past(job.get("past", 0))
    else:
        keys = [plain_session(home, properties) for home in homes]
    rows = []
    for home, key in zip(homes, keys, strict=True):
        # A browser that has signed in has both.
        csrf = f"{settings.CSRF_COOKIE_NAME}={get_random_string(32)}"
        rows.append([home, f"Cookie: {settings.SESSION_COOKIE_NAME}={key}; {csrf}"])
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main()
