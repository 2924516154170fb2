"""How far a new passphrase has come that was asked for.

What all browsers of the home must know is an awaited write. The session keeps besides which new
passphrase this very browser has asked for, so that it is told, once, when that has come.
"""

from enum import StrEnum

from django.contrib.sessions.backends.base import UpdateError

from common.models import AwaitedWrite
from common.property.ids import bare_id
from common.request import ResidentRequest
from residents.home.awaited_writes import shows
from ruckus.errors import NotSignedIn
from ruckus.resident_types import UnitUser


class State(StrEnum):
    """How far a change of a passphrase has come."""

    SETTLED = "settled"
    WAITING = "waiting"
    CONFIRMED = "confirmed"


async def remember(request: ResidentRequest, user_id: str, write: AwaitedWrite) -> None:
    """Remember, before the write is sent, what this browser asked for.

    Raise NotSignedIn when its session has been ended in the meantime.
    """
    asked = dict(await request.session.aget("asked", {}))
    asked[bare_id(user_id)] = [write.expects, write.mark]
    await request.session.aset("asked", asked)
    # Saved at once: the worker may be gone before this request ends, and the write not undone.
    try:
        await request.session.asave()
    except UpdateError:
        raise NotSignedIn("session") from None


async def forget(request: ResidentRequest, user_id: str) -> tuple[str, str] | None:
    """Return what this browser asked for of a user, and ask for it no longer."""
    asked = dict(await request.session.aget("asked", {}))
    mine = asked.pop(bare_id(user_id), None)
    if mine is None:
        return None
    await request.session.aset("asked", asked)
    expects, mark = mine
    return expects, mark


async def state_of(request: ResidentRequest, user: UnitUser, awaited: AwaitedWrite | None) -> State:
    """Return how far a change has come: CONFIRMED only once, when it is first read back.

    `awaited` is what is still awaited of this user. Whatever shows meanwhile will be replaced.
    """
    if awaited is not None and awaited.is_of_passphrase:
        return State.WAITING
    mine = await forget(request, user.id)
    if mine is not None and shows(request.home, user, *mine):
        return State.CONFIRMED
    return State.SETTLED
