"""Passphrases that were asked for and not yet read back.

The session keeps a keyed hash of the old passphrase, or of the one that was chosen: that is enough
to tell from what RUCKUS has stored whether the change took place, and it is no passphrase.
"""

import time
from enum import StrEnum

from django.contrib.sessions.backends.base import UpdateError

from common.keys import digest
from common.request import ResidentRequest
from ruckus.errors import NotSignedIn
from ruckus.resident_types import UnitUser

# Seconds after which a change that never showed is forgotten.
FORGET = 3600


class State(StrEnum):
    """How far a change of a passphrase has come."""

    SETTLED = "settled"
    WAITING = "waiting"
    CONFIRMED = "confirmed"


def mark_of(request: ResidentRequest, user_id: str, passphrase: str | None) -> str:
    return digest("passphrase", request.home.mark, user_id, passphrase or "")


async def expect_new(request: ResidentRequest, user: UnitUser) -> None:
    """Remember, before the write is sent, what the passphrase was."""
    await remember(request, user.id, {"not": mark_of(request, user.id, user.passphrase)})


async def expect_chosen(request: ResidentRequest, user: UnitUser, passphrase: str) -> None:
    """Remember, before the write is sent, what the passphrase shall be."""
    await remember(request, user.id, {"is": mark_of(request, user.id, passphrase)})


async def remember(request: ResidentRequest, user_id: str, mark: dict[str, str]) -> None:
    session = request.session
    waiting = dict(await session.aget("waiting", {}))
    waiting[user_id] = {**mark, "at": time.time()}
    await session.aset("waiting", waiting)
    # Saved at once: the worker may be gone before this request ends, and the write not undone.
    await save(request)


async def save(request: ResidentRequest) -> None:
    """Write the session now. Raises NotSignedIn when it has been ended in the meantime."""
    try:
        await request.session.asave()
    except UpdateError:
        raise NotSignedIn("session") from None


async def forget(request: ResidentRequest, user_id: str) -> None:
    """Expect nothing of this user any more."""
    session = request.session
    waiting = dict(await session.aget("waiting", {}))
    if waiting.pop(user_id, None):
        await session.aset("waiting", waiting)


async def state_of(request: ResidentRequest, user: UnitUser) -> State:
    """Return how far a change has come: CONFIRMED only once, when it is first read back."""
    mark = (await request.session.aget("waiting", {})).get(user.id)
    if mark is None:
        return State.SETTLED
    if time.time() - mark["at"] > FORGET:
        await forget(request, user.id)
        return State.SETTLED
    now = mark_of(request, user.id, user.passphrase)
    changed = now == mark["is"] if "is" in mark else now != mark["not"]
    if not (changed and user.passphrase):
        return State.WAITING
    await forget(request, user.id)
    return State.CONFIRMED
