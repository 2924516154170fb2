"""Signing in and out: the only code that puts a member of staff into a session, or ends it."""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import alogin
from django.contrib.auth.models import User
from django.utils import timezone

from common import sessions
from common.keys import digest
from staff import audit
from staff.request import StaffRequest

# Between password and code.
PENDING_SECONDS = 300
# For how long a typed password is asked for no second time.
TYPED_SECONDS = 300


@dataclass(frozen=True)
class Pending:
    """Somebody who has typed the password and owes the code."""

    user: User
    after: str
    typed: float


def mark_of(user: User) -> str:
    """Return the keyed hash by which all sessions of a member of staff are found."""
    return digest("sessions of staff", str(user.pk))


async def begin(request: StaffRequest, user: User, after: str) -> None:
    """Start a session that knows who has typed the password, and opens nothing yet."""
    session = request.session
    await session.aflush()
    now = time.time()
    values = {
        # The column by which residents' sessions of one home are ended.
        "home": mark_of(user),
        "pending": user.pk,
        "password": user.get_session_auth_hash(),
        "next": after,
        "typed": now,
    }
    for name, value in values.items():
        await session.aset(name, value)
    await session.aset_expiry(timezone.now() + timedelta(seconds=PENDING_SECONDS))


async def pending(request: StaffRequest) -> Pending | None:
    """Return who owes the code in this browser, or None once that has taken too long."""
    session = request.session
    if not session.session_key:
        return None
    user_id, typed = await session.aget("pending"), await session.aget("typed", 0)
    if not user_id or time.time() - typed >= PENDING_SECONDS:
        return None
    user = await User.objects.filter(pk=user_id, is_active=True).afirst()
    # Another password, or another second factor, begins anew.
    if user is None or user.get_session_auth_hash() != await session.aget("password"):
        return None
    return Pending(user, await session.aget("next", ""), typed)


async def sign_in(request: StaffRequest, user: User, typed: float) -> None:
    """Start a new session for who has shown both factors, leaving nothing of an earlier one."""
    session = request.session
    await session.aflush()
    await alogin(request, user)
    await session.aset("home", mark_of(user))
    await session.aset("second_factor", True)
    await session.aset("typed", typed)
    # A moment, not a number of seconds: saving the session must not make it longer.
    await session.aset_expiry(timezone.now() + timedelta(hours=settings.STAFF_SESSION_HOURS))
    await sessions.sweep()
    await audit.sweep()


async def sign_out(request: StaffRequest) -> None:
    """End this browser's session on the server."""
    await request.session.aflush()


async def end_all(user: User) -> None:
    """End every session of a member of staff, signed in or about to."""
    await sessions.end_all(mark_of(user))


async def typed_lately(request: StaffRequest) -> bool:
    """Return whether the password was typed in this browser within the last five minutes."""
    typed: float = await request.session.aget("typed", 0)
    return time.time() - typed < TYPED_SECONDS


async def remember_typed(request: StaffRequest) -> None:
    await request.session.aset("typed", time.time())
