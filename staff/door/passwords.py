"""Passwords: hashed away from the event loop, and from the thread in which the database is asked."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User

# One hash takes most of a second of a core, and Django's own async functions would compute it on
# the event loop, or in the one thread that all pages share. Here strangers who try many passwords
# at once wait for each other, and for nobody else does a page take longer.
thread = ThreadPoolExecutor(1, thread_name_prefix="passwords")
# Whoever waits holds one of the portal's places for clients, which residents need.
MOST_ASKED = 8
asked = 0
BUSY_SECONDS = 5


class Busy(Exception):
    """So many passwords are being looked at that one more would wait for long."""


async def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return str(await _in_thread(make_password, password))


async def is_right(user: User | None, password: str) -> bool:
    """Return whether it is the user's password. Where there is no user, that takes as long.

    Raise Busy.
    """
    global asked  # noqa: PLW0603  (one thread, one count, per process)
    if asked >= MOST_ASKED:
        raise Busy
    outdated: list[str] = []
    # Django hashes something where nothing is stored.
    stored = user.password if user else ""
    asked += 1
    try:
        right: bool = await _in_thread(check_password, password, stored, outdated.append)
    finally:
        asked -= 1
    if user and outdated:
        # Written when a hash was thought strong enough that is not any more.
        user.password = await hashed(password)
        await user.asave(update_fields=["password"])
    return right


async def _in_thread(function: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(thread, function, *args)
