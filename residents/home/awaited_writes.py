"""Writes of a user that were sent and are not read back yet: one at a time.

RUCKUS One may apply writes late, each as it was sent: one that was made before a reset took place
would bring the former passphrase back. So a write is claimed before anything is read for it, for
all browsers of the home, and as long as it is awaited no other one of that user is sent.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from common import metrics
from common.homes import Home
from common.keys import digest
from common.models import AwaitedWrite
from common.property.ids import bare_id
from common.request import ResidentRequest
from common.sessions import read_anew
from ruckus.resident_types import UnitUser

Expects = AwaitedWrite.Expects

# Seconds after which a write is awaited no longer: one that is not sent yet, one that was sent and
# of which nobody knows more, and a new passphrase that RUCKUS One has promised.
UNSENT, SENT, PROMISED = 60, 120, 600


class WriteAwaited(Exception):
    """An earlier write of this user is awaited: nothing was sent."""

    def __init__(self, write: AwaitedWrite) -> None:
        super().__init__(write)
        self.write = write


def user_mark(home: Home, user_id: str) -> str:
    return digest("user", home.mark, bare_id(user_id))


def passphrase_mark(home: Home, user: UnitUser) -> str:
    """Return a keyed hash of the user's passphrase, "" without one."""
    if not user.passphrase:
        return ""
    return digest("passphrase", home.mark, bare_id(user.id), user.passphrase)


def contact_mark(home: Home, user: UnitUser) -> str:
    """Return a keyed hash of the user's details; null and "" mean the same."""
    values = (user.name or "", user.email or "", user.phone_number or "")
    return digest("contact", home.mark, bare_id(user.id), *values)


def shows(home: Home, user: UnitUser, expects: str, mark: str) -> bool:
    """Return whether a user who was read after a write proves that it took place."""
    if expects == Expects.CONTACT:
        return mark == contact_mark(home, user)
    now = passphrase_mark(home, user)
    if not mark or not now:
        return False
    return (now == mark) is (expects == Expects.PASSPHRASE)


def kind_of(write: AwaitedWrite) -> str:
    """Return what is written, in a word for operators."""
    return "passphrase" if write.is_of_passphrase else "contact"


def minutes_left(write: AwaitedWrite) -> int:
    """Return for how many minutes, at most, the write is awaited."""
    return max(1, -int(-(write.ends - timezone.now()).total_seconds() // 60))


def end_in(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


async def still_awaited(request: ResidentRequest, user: UnitUser) -> AwaitedWrite | None:
    """Return what is awaited of a user who was just read; what has taken place is forgotten."""
    write = request.session.awaited.get(user_mark(request.home, user.id))
    if write is not None and shows(request.home, user, write.expects, write.mark):
        await end(write)
        metrics.count(metrics.WRITES_SEEN[kind_of(write)])
        return None
    return write


async def claim(home: Home, user_id: str) -> tuple[AwaitedWrite, bool]:
    """Return the awaited write of a user, and whether it has just been claimed."""
    await AwaitedWrite.objects.filter(ends__lte=timezone.now()).adelete()
    return await AwaitedWrite.objects.aget_or_create(
        home=home.mark, user=user_mark(home, user_id), defaults={"ends": end_in(UNSENT)}
    )


async def change(write: AwaitedWrite, expects: str = "", mark: str = "") -> None:
    """Write down what is expected now. Raise WriteAwaited if somebody else was quicker."""
    same = AwaitedWrite.objects.filter(pk=write.pk, ends=write.ends)
    ends = end_in(SENT if expects else UNSENT)
    if not await same.aupdate(expects=expects, mark=mark, ends=ends):
        raise WriteAwaited(write)
    write.expects, write.mark, write.ends = expects, mark, ends
    if expects:
        metrics.count(metrics.WRITES_SENT[kind_of(write)])
        await read_anew(write.home)


async def promise(write: AwaitedWrite) -> None:
    """Await a write for longer, unless somebody has seen it take place already."""
    same = AwaitedWrite.objects.filter(pk=write.pk, ends=write.ends)
    write.ends = end_in(PROMISED)
    await same.aupdate(ends=write.ends)


async def end(write: AwaitedWrite) -> None:
    """Await this write no longer; one that has taken its place stays."""
    await AwaitedWrite.objects.filter(pk=write.pk, ends=write.ends).adelete()
