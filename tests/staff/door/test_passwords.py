"""Hashing keeps nobody else waiting, and takes as long for nobody as for somebody."""

import asyncio
import time
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, identify_hasher
from django.contrib.auth.models import User

from staff.door import passwords


class Hasher(PBKDF2PasswordHasher):
    """Django's own with a fifth of its rounds."""

    iterations = 200_000


REAL = [f"{__name__}.Hasher"]


async def test_the_event_loop_goes_on_while_a_password_is_hashed(settings):
    settings.PASSWORD_HASHERS = REAL
    hashing = asyncio.create_task(passwords.hashed("four plain words together"))
    rounds = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        rounds += 1
    await hashing
    # A loop that stood still would come round once or twice.
    assert rounds > 2


async def test_the_thread_of_the_database_is_free_meanwhile(settings):
    """Many passwords at once are hashed one after the other, in a thread of their own."""
    settings.PASSWORD_HASHERS = REAL
    hashing = asyncio.gather(*(passwords.hashed(f"password {number}") for number in range(3)))
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    await loop.run_in_executor(None, time.sleep, 0)
    assert not hashing.done()
    waited = time.perf_counter() - start
    await hashing
    assert waited < (time.perf_counter() - start) / 2
    assert passwords.KNOWN.thread._max_workers == 1


async def test_where_there_is_nobody_as_much_is_hashed(settings, monkeypatch):
    settings.PASSWORD_HASHERS = REAL
    somebody = User(password=await passwords.hashed("four plain words together"))
    invited = User()
    invited.set_unusable_password()
    rounds: list[int] = []
    encode = PBKDF2PasswordHasher.encode

    def counted(self: Any, password: str, salt: str, iterations: int | None = None) -> str:
        rounds.append(iterations or self.iterations)
        return encode(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
    for user in (somebody, None, invited):
        assert not await passwords.is_right(user, "wrong", passwords.STRANGERS)
    assert rounds == [Hasher.iterations] * 3


@pytest.mark.django_db
async def test_an_outdated_hash_is_replaced_when_the_password_is_right(settings):
    user = await User.objects.acreate_user("dana@example.com", password="four plain words together")
    old = user.password
    settings.PASSWORD_HASHERS = [*REAL, *settings.PASSWORD_HASHERS]
    assert not await passwords.is_right(user, "wrong", passwords.STRANGERS)
    assert user.password == old
    assert await passwords.is_right(user, "four plain words together", passwords.STRANGERS)
    await user.arefresh_from_db()
    assert identify_hasher(user.password).algorithm == "pbkdf2_sha256"
