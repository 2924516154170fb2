"""Server-side sessions that are of no use to whoever reads the database or Redis.

The data is encrypted, and the key under which it lies is a hash of the cookie. The database is the
truth; Redis, when there is one, holds a copy for a minute, so that a sign-out which Redis missed
lasts no longer than that. A spare copy, for a quarter of an hour, is read only while the database is
down. Process memory holds none: a sign-out in one worker would leave it alive in the next.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
from asgiref.sync import async_to_sync, sync_to_async
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.utils import timezone
from redis.asyncio import Redis

from common.database import DOWN
from common.keys import SESSIONS, ring
from common.models import AwaitedWrite, LinkHold, Session
from common.redis import call_until_done, try_call

COPY_SECONDS = 60
SPARE_SECONDS = 900
ENDED = b"ended"
ASK = b"ask the database"
SWEEP = 100
# Never over the marks of a session that has ended or is to be read anew: a request that was saving
# it meanwhile would bring it back as it was for as long as the copies live.
COPY = """
local now = redis.call('GET', KEYS[1])
if not now or (ARGV[4] == '' and now ~= ARGV[5] and now ~= ARGV[6]) then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
  redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[3])
end
"""
# What has ended is not even read anew.
MARK = """
if redis.call('GET', KEYS[1]) ~= ARGV[3] then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
redis.call('DEL', KEYS[2])
return 1
"""
ANY_AWAITED = "SELECT 1 FROM common_awaitedwrite WHERE home = %s LIMIT 1"


def hashed(cookie: str) -> str:
    """Return the key under which the session of this cookie is stored."""
    return hashlib.sha256(cookie.encode()).hexdigest()[:40]


def copy_key(session_key: str) -> str:
    return f"portal:session:{session_key}"


def spare_key(session_key: str) -> str:
    return f"portal:session:{session_key}:spare"


# What the base has beside its documented methods is not in its type stubs.
DatabaseStore: Any = db.SessionStore


class SessionStore(DatabaseStore):
    """Django's database sessions, hashed, encrypted, and copied to Redis."""

    # What the keys are derived for: sessions of one kind are nothing to those of another.
    purpose = SESSIONS
    cookie_value: str | None

    def __init__(self, session_key: str | None = None) -> None:
        self.cookie_value = session_key
        # The writes of the home that were awaited when the session was read, by their users.
        self.awaited: dict[str, AwaitedWrite] = {}
        super().__init__(hashed(session_key) if session_key else None)

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def encode(self, session_dict: dict[str, Any]) -> str:
        # With the key in it, the data means nothing under another one: who can write to the store
        # cannot put somebody's home behind a cookie of their own.
        key = (self.session_key or "").encode()
        return ring(self.purpose).encrypt(key + msgspec.json.encode(session_dict)).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        key = (self.session_key or "").encode()
        try:
            plain = ring(self.purpose).decrypt(session_data)
            if not plain.startswith(key):
                return {}
            return cast(dict[str, Any], msgspec.json.decode(plain[len(key) :]))
        except (InvalidToken, ValueError):
            # Written with a key that is no longer set, or by somebody else: signed out, not an
            # error.
            return {}

    async def _aget_new_session_key(self) -> str:
        self.cookie_value = await super()._aget_new_session_key()
        return hashed(self.cookie_value)

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        stored: Session = await super().acreate_model_instance(data)
        stored.home = data.get("home", "")
        return stored

    async def aload(self) -> dict[str, Any]:
        key = copy_key(self.session_key)
        copy = await try_call(lambda redis: redis.get(key))
        if copy == ENDED:
            self._session_key = None
            return {}
        data = self.decode(copy) if copy else {}
        if not data:
            try:
                stored = await sync_to_async(self.stored)()
            except DOWN:
                if data := await self.spare():
                    return data
                raise
            if stored is None:
                return {}
            data = self.decode(stored.session_data)
            left = int((stored.expire_date - timezone.now()).total_seconds())
            if not self.awaited:
                await self.write_copy(stored.session_data, left, only_if_absent=True)
        return data

    async def spare(self) -> dict[str, Any]:
        """Return what a session was some minutes ago, empty where Redis does not know."""
        name = spare_key(self.session_key)
        return self.decode(await try_call(lambda redis: redis.get(name)) or b"")

    def stored(self) -> Session | None:
        """Return what the database has."""
        found: Session | None = self._get_session_from_db()
        if found:
            self.awaited = awaited_writes(found.home)
        return found

    async def asave(self, must_create: bool = False) -> None:
        try:
            await super().asave(must_create)
        except UpdateError as error:
            # Django takes all that goes wrong for a session that is gone.
            if isinstance(error.__context__, DOWN):
                raise error.__context__ from None
            raise
        if self.session_key and not must_create and not self.awaited:
            await self.write_copy(
                self.encode(await self._aget_session()), await self.aget_expiry_age()
            )

    async def write_copy(self, data: str, seconds: int, only_if_absent: bool = False) -> None:
        key = self.session_key
        lives = (min(COPY_SECONDS, seconds), min(SPARE_SECONDS, seconds))
        absent = "only" if only_if_absent else ""

        async def call(redis: Redis) -> Any:
            names = (copy_key(key), spare_key(key))
            return await redis.eval(COPY, 2, *names, data, *lives, absent, ENDED, ASK)

        if seconds > 0:
            await try_call(call)

    async def adelete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            await super().adelete(key)
            await forget_copies([key])

    # The portal is async throughout; these serve Django's own tools.

    def load(self) -> dict[str, Any]:
        return async_to_sync(self.aload)()

    def save(self, must_create: bool = False) -> None:
        async_to_sync(self.asave)(must_create)

    def delete(self, session_key: str | None = None) -> None:
        async_to_sync(self.adelete)(session_key)


def awaited_writes(home: str) -> dict[str, AwaitedWrite]:
    """Return what is awaited in a home, given its keyed hash, by its users'."""
    # Hardly ever is there any, and to find that out by the model costs a tenth of a page.
    with connection.cursor() as cursor:
        cursor.execute(ANY_AWAITED, [home])
        if cursor.fetchone() is None:
            return {}
    found = AwaitedWrite.objects.filter(home=home, ends__gt=timezone.now())
    return {write.user: write for write in found}


async def read_anew(home: str) -> None:
    """Have all sessions of a home read from the database: a copy does not tell what is awaited."""
    if settings.REDIS_URL:
        sessions = Session.objects.filter(home=home)
        async for key in sessions.values_list("session_key", flat=True):
            await call_until_done(mark_copy(key, ASK), SPARE_SECONDS)


async def forget_copies(keys: list[str]) -> None:
    """Mark sessions as ended, so that a request which read one just before cannot copy it back."""
    for key in keys:
        await call_until_done(mark_copy(key, ENDED), SPARE_SECONDS)


def mark_copy(key: str, mark: bytes) -> Callable[[Redis], Awaitable[Any]]:
    async def call(redis: Redis) -> Any:
        return await redis.eval(MARK, 2, copy_key(key), spare_key(key), mark, COPY_SECONDS, ENDED)

    return call


async def end_all(home: str) -> int:
    """End every session of a unit, given its keyed hash, and return how many there were."""
    sessions = Session.objects.filter(home=home)
    keys = [key async for key in sessions.values_list("session_key", flat=True)]
    await sessions.adelete()
    await forget_copies(keys)
    return len(keys)


async def sweep() -> None:
    """Delete what has ended, of sessions some, so that the tables stay as small as their use."""
    for short_lived in (AwaitedWrite, LinkHold):
        await short_lived.objects.filter(ends__lte=timezone.now()).adelete()
    over = Session.objects.filter(expire_date__lt=timezone.now())
    keys = [key async for key in over.values_list("session_key", flat=True)[:SWEEP]]
    if keys:
        await Session.objects.filter(session_key__in=keys).adelete()
