"""Passwords: hashed away from the event loop, and from the thread in which the database is asked."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User

# Whoever waits holds one of the portal's places for clients, which residents need.
MOST_ASKED = 8
BUSY_SECONDS = 5


class Busy(Exception):
    """So many passwords are being looked at that one more would wait for long."""


class Queue:
    """Passwords that are looked at one after the other, in a thread of their own.

    One hash takes most of a second of a core, and Django's own async functions would compute it on
    the event loop, or in the one thread that all pages share. Here strangers who try many passwords
    at once wait for each other, and for nobody else does a page take longer.
    """

    def __init__(self, name: str) -> None:
        self.thread = ThreadPoolExecutor(1, thread_name_prefix=f"passwords of {name}")
        self.asked = 0

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.thread, function, *args)


STRANGERS, KNOWN = Queue("strangers"), Queue("known browsers")


async def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return str(await KNOWN.run(make_password, password))


async def is_right(user: User | None, password: str, queue: Queue) -> bool:
    """Return whether it is the user's password. Where there is no user, that takes as long.

    Raise Busy.
    """
    if queue.asked >= MOST_ASKED:
        raise Busy
    outdated: list[str] = []
    # Django hashes something where nothing is stored.
    stored = user.password if user else ""
    queue.asked += 1
    try:
        right: bool = await queue.run(check_password, password, stored, outdated.append)
    finally:
        queue.asked -= 1
    if user and outdated:
        # Written when a hash was thought strong enough that is not any more.
        user.password = await hashed(password)
        await user.asave(update_fields=["password"])
    return right
