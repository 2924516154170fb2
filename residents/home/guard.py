"""What every write goes through: whether it may be sent now, and whether it took place."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from common.models import AwaitedWrite
from common.request import ResidentRequest
from residents.home import awaited_writes
from residents.home.awaited_writes import WriteAwaited
from residents.home.identity import read_user
from residents.home.kind import Kind
from ruckus.errors import ApiError, Unavailable
from ruckus.resident import ResidentApi
from ruckus.resident_types import Unit, UnitUser


class Closed(Exception):
    """Nothing can be changed here; `notice` is the name of the notice that says why."""

    def __init__(self, notice: str) -> None:
        super().__init__(notice)
        self.notice = notice


def check_open(unit: Unit, user: UnitUser | None = None) -> None:
    """Raise Closed for a home that is suspended and for a user who is blocked."""
    if unit.status == "DISABLED":
        raise Closed("suspended")
    if user is not None and user.is_blocked:
        raise Closed("blocked")


async def open_unit(api: ResidentApi) -> Unit:
    """Return the unit, read now. Raise Closed."""
    unit = await api.fetch_unit()
    check_open(unit)
    return unit


async def open_user(request: ResidentRequest, kind: Kind, user_id: str) -> UnitUser:
    """Return the user of an address, read now together with the unit. Raise Closed."""
    unit, user = await asyncio.gather(request.api.fetch_unit(), read_user(request, kind, user_id))
    check_open(unit, user)
    return user


async def user_and_write(
    request: ResidentRequest, kind: Kind, user_id: str
) -> tuple[UnitUser, AwaitedWrite | None]:
    """Return a user, read now, and the write that is still awaited. Raise Closed."""
    user = await open_user(request, kind, user_id)
    return user, await awaited_writes.still_awaited(request, user)


async def writable_user(request: ResidentRequest, kind: Kind, user_id: str) -> UnitUser:
    """Return a user of whom something may be written now. Raise Closed or WriteAwaited."""
    user, write = await user_and_write(request, kind, user_id)
    if write is not None:
        raise WriteAwaited(write)
    return user


@dataclass
class Claim:
    """The right to send one write of a user, who was read after it was given."""

    user: UnitUser
    write: AwaitedWrite

    async def expect(self, expects: str, mark: str) -> None:
        """Write down, before the write is sent, what will show that it took place."""
        await awaited_writes.change(self.write, expects, mark)

    async def promise(self) -> None:
        """Await the write for longer: it was taken."""
        await awaited_writes.promise(self.write)

    async def give_up(self) -> None:
        """Await nothing: the write was not sent, or its end is known."""
        await awaited_writes.end(self.write)


@asynccontextmanager
async def claimed_user(request: ResidentRequest, kind: Kind, user_id: str) -> AsyncIterator[Claim]:
    """Give the right to write a user, and take it back if nothing is expected in the end.

    Raise Closed or WriteAwaited.
    """
    home = request.home
    write, claimed = await awaited_writes.claim(home, user_id)
    if not claimed:
        user = await open_user(request, kind, user_id)
        # The earlier one may have taken place without anybody looking.
        if not awaited_writes.shows(home, user, write.expects, write.mark):
            raise WriteAwaited(write)
        await awaited_writes.change(write)
    try:
        if claimed:
            # Not before: what is read now nobody else changes until this write is sent.
            user = await open_user(request, kind, user_id)
        yield Claim(user, write)
    finally:
        if not write.expects:
            await awaited_writes.end(write)


async def took_place(error: ApiError, look: Callable[[], Awaitable[bool | None]]) -> bool:
    """Return whether a write that failed took place all the same, which only a look can tell.

    Raise Unavailable where it may still come: nothing can be read, or its answer was lost.
    """
    if not error.maybe_written:
        return False
    found = await look()
    if found:
        return True
    if isinstance(error, Unavailable):
        raise error
    if found is None:
        raise Unavailable(error.operation, "not known", error.status, maybe_written=True) from error
    return False
