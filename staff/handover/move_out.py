"""A move-out: what has to be done to a home before somebody else moves in, a step at a time.

The steps' rows are all that is kept between two requests. A request does one step at most: it claims
it first, so that no two browsers do it at once, and each step begins by reading whether it is done
already. One whose process has ended stays as it was: nobody knows what came of it, so staff look.
"""

from asyncio import sleep
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from common import diary
from common.diary import Event
from common.keys import digest
from common.sessions import end_all
from ruckus.errors import ApiError, NotSignedIn
from ruckus.resident import ResidentApi
from ruckus.resident_types import Contact, Listed, Unit, UnitUser, Written
from staff import audit
from staff.audit import What
from staff.handover import replacing
from staff.handover.opening import NotOpened, OpenHome, open_home, was_refused
from staff.handover.replacing import LATE, LONGEST, Answer
from staff.models import AuditEntry, Home, LinkReplacement, MoveOut, MoveOutStep, Property
from staff.request import Member

State = MoveOutStep.State

CONTACT, LINK, OLD_LINK, FORGET, LETTER = "contact", "link", "old link", "forget", "letter"
PASSPHRASES = ("UNIT", "GUEST")
# Whoever has the old link can read a passphrase that was reset before it was refused.
AGAIN_OF = {"UNIT again": "UNIT", "GUEST again": "GUEST"}
# Seconds before each look at whether a change shows.
WAITS = (0.0, 1.0, 2.0, 3.0)
# How long a page waits before it looks again for a change that was taken and doesn't show yet.
AGAIN = timedelta(seconds=10)

# What has to be proved before a step.
NEEDS: dict[str, tuple[str, ...]] = {
    LINK: (CONTACT,),
    OLD_LINK: (LINK,),
    **dict.fromkeys(AGAIN_OF, (LINK, OLD_LINK)),
    FORGET: (OLD_LINK,),
}

# What the audit log calls a step that is sent, and one that ends unproved.
WORDS = {
    CONTACT: gettext_noop("Contact details"),
    "UNIT": gettext_noop("Home Wi-Fi passphrase"),
    "GUEST": gettext_noop("Guest Wi-Fi passphrase"),
    "UNIT again": gettext_noop("Home Wi-Fi passphrase, once more"),
    "GUEST again": gettext_noop("Guest Wi-Fi passphrase, once more"),
    LINK: gettext_noop("New link"),
    OLD_LINK: gettext_noop("Test of the old link"),
    FORGET: gettext_noop("Names and diary, sessions"),
}
UNPROVED = {
    CONTACT: gettext_noop("Not proved: contact details"),
    "UNIT": gettext_noop("Not proved: home Wi-Fi passphrase"),
    "GUEST": gettext_noop("Not proved: guest Wi-Fi passphrase"),
    "UNIT again": gettext_noop("Not proved: home Wi-Fi passphrase, once more"),
    "GUEST again": gettext_noop("Not proved: guest Wi-Fi passphrase, once more"),
    LINK: gettext_noop("Not proved: new link"),
    OLD_LINK: gettext_noop("The old link may still work"),
    FORGET: gettext_noop("Not proved: names and diary, sessions"),
}
STILL_IN = gettext_noop("The former resident may still get in")
ALL_PROVED = gettext_noop("All steps proved")


class Unproved(Exception):
    """The step can't be proved now, for a reason in a word of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# Beginning and ending --------------------------------------------------------------------------------


async def under_way(home: Home) -> MoveOut | None:
    """Return the move-out of a home that has not ended."""
    return await home.move_outs.filter(ended=None).afirst()


async def start(opened: OpenHome, member: Member) -> MoveOut:
    """Write down a move-out and its steps, and return it; the one that is under way if there is one.

    Raise ApiError.
    """
    api = opened.api()
    users = await api.fetch_unit_users()
    separate_guests = (await api.fetch_property()).allow_separate_guest_secret
    steps = plan(users, guests=separate_guests is not False)
    await audit.note(member, What.MOVE_OUT_STARTED, property=opened.place, home=opened.home)
    return await sync_to_async(write_down)(opened.home, member, steps)


def plan(users: Listed[UnitUser], *, guests: bool) -> list[tuple[str, str]]:
    """Return what is to be done, each with the id of a user or "".

    Wi-Fi whose passphrase RUCKUS One hides has a step, too: it can't be proved.
    """
    steps = [(CONTACT, "")]
    for kind in PASSPHRASES:
        own = [(kind, user.id) for user in users if user.type == kind]
        hidden = kind == "UNIT" or guests
        steps += own or ([(kind, "")] if hidden else [])
    again = [(kind, user.id) for kind, of in AGAIN_OF.items() for user in users if user.type == of]
    return [*steps, (LINK, ""), (OLD_LINK, ""), *again, (FORGET, ""), (LETTER, "")]


def write_down(home: Home, member: Member, steps: Sequence[tuple[str, str]]) -> MoveOut:
    with transaction.atomic():
        move_out, created = MoveOut.objects.get_or_create(
            home=home, ended=None, defaults={"by": member.user}
        )
        if created:
            MoveOutStep.objects.bulk_create(
                MoveOutStep(move_out=move_out, number=number, what=what, user_id=user_id)
                for number, (what, user_id) in enumerate(steps, 1)
            )
    return move_out


async def steps_of(move_out: MoveOut) -> list[MoveOutStep]:
    """Return the steps in their order."""
    return [step async for step in move_out.steps.all()]


async def conclude(move_out: MoveOut, property: Property, home: Home, member: Member) -> None:
    """Take note of the letter, and end the move-out when every step of it is proved."""
    steps = {step.what: step for step in await steps_of(move_out)}
    letter, link = steps[LETTER], steps[LINK]
    if letter.state == State.WAITING and link.state == State.PROVED:
        printed = AuditEntry.objects.filter(
            property_id=property.id,
            unit_id=home.unit_id,
            what=What.LETTER_PRINTED,
            at__gte=link.at,
        )
        if await printed.aexists():
            await change(letter, State.PROVED)
    if not await move_out.steps.exclude(state=State.PROVED).aexists():
        await close(move_out, property, home, member)


async def close(move_out: MoveOut, property: Property, home: Home, member: Member) -> bool:
    """End the move-out, and return whether every step that keeps the former resident out is proved."""
    unproved = move_out.steps.exclude(state=State.PROVED).exclude(what=LETTER)
    all_proved = not await unproved.aexists()
    if await MoveOut.objects.filter(pk=move_out.pk, ended=None).aupdate(ended=timezone.now()):
        detail = ALL_PROVED if all_proved else STILL_IN
        await audit.note(member, What.MOVE_OUT_ENDED, property=property, home=home, detail=detail)
    return all_proved


# Which step is next ----------------------------------------------------------------------------------


def is_running(step: MoveOutStep) -> bool:
    """Return whether a request is at the step now."""
    return step.state == State.RUNNING and not is_abandoned(step)


def is_abandoned(step: MoveOutStep) -> bool:
    """Return whether the process that was at the step has ended: nobody knows what came of it."""
    return step.state == State.RUNNING and since(step.at) > LONGEST


def is_late(step: MoveOutStep) -> bool:
    """Return whether it is worth looking whether what was sent for the step shows by now."""
    awaited = step.state == State.NOT_PROVED and step.reason in ("late", "outage")
    return awaited and since(step.sent) < LATE


def since(moment: datetime | None) -> timedelta:
    return timezone.now() - moment if moment else timedelta.max


def held_up_by(step: MoveOutStep, steps: Sequence[MoveOutStep]) -> MoveOutStep | None:
    """Return the step that has to be proved before this one, if it is not.

    RUCKUS One would send the new link to the former resident, who would sign in again with the old
    one after names were deleted, or read the new passphrases with it.
    """
    needs = NEEDS.get(step.what, ())
    unproved = (each for each in steps if each.what in needs and each.state != State.PROVED)
    return next(unproved, None)


def next_of(steps: Sequence[MoveOutStep]) -> MoveOutStep | None:
    """Return the step that can be done now without being asked for, if there is one."""
    if any(map(is_running, steps)):
        return None
    for step in steps:
        if step.what in (LETTER, OLD_LINK):
            continue
        if step.state == State.WAITING and held_up_by(step, steps) is None:
            return step
        if is_late(step) and since(step.at) > AGAIN:
            return step
    return None


def is_moving(steps: Sequence[MoveOutStep]) -> bool:
    """Return whether something goes on without anybody's doing."""
    at_work = any(is_running(step) or is_late(step) for step in steps)
    return at_work or next_of(steps) is not None


def may_be_asked(step: MoveOutStep, steps: Sequence[MoveOutStep]) -> bool:
    """Return whether staff may have the step done now, or done again."""
    if any(map(is_running, steps)) or step.what == LETTER:
        return False
    if step.state == State.WAITING:
        held_up = held_up_by(step, steps)
        return held_up is not None and held_up.state == State.NOT_PROVED and step.what != OLD_LINK
    return step.state == State.NOT_PROVED or is_abandoned(step)


# Doing a step ----------------------------------------------------------------------------------------


@dataclass
class Work:
    """A step that belongs to this request, and a link that was pasted for it."""

    step: MoveOutStep
    property: Property
    home: Home
    member: Member
    pasted: str = ""

    async def open(self) -> OpenHome:
        """Open the home. Raise NotOpened or ApiError."""
        return await open_home(self.property, self.home, self.pasted)

    async def note(self, detail: str) -> None:
        """Write it into the audit log. Raise DatabaseError: what can't be noted must not be done."""
        await audit.note(
            self.member, What.MOVE_OUT_STEP, property=self.property, home=self.home, detail=detail
        )

    async def begin_sending(self, before: str = "") -> None:
        """Write down what is about to be sent, and by what is seen that it took effect.

        Raise Unproved where something was sent that may yet do so.
        """
        if since(self.step.sent) < LATE:
            raise Unproved("late")
        await self.note(WORDS[self.step.what])
        self.step.before = before
        await self.mark_sent(timezone.now())

    async def mark_sent(self, at: datetime | None) -> None:
        """Write down when something was last sent; None where nothing is to be awaited."""
        self.step.sent = at
        await self.step.asave(update_fields=["sent", "before"])

    async def send(self, write: Awaitable[Written]) -> bool:
        """Send a change, and return whether it was refused. Raise ApiError if it could not be sent."""
        try:
            return await was_refused(write)
        except ApiError:
            await self.mark_sent(None)
            raise

    async def prove(self, shows: Callable[[], Awaitable[bool]], *, refused: bool) -> None:
        """Look whether what was sent shows. Raise Unproved."""
        for wait in WAITS:
            await sleep(wait)
            with suppress(ApiError):
                if await shows():
                    return
        if refused:
            await self.mark_sent(None)
        raise Unproved("refused" if refused else "late")


async def do(
    step: MoveOutStep, property: Property, home: Home, member: Member, pasted: str = ""
) -> None:
    """Do a step, unless another request has it; what came of it is in its row."""
    was = step.reason
    if not await change(step, State.RUNNING):
        return
    work = Work(step, property, home, member, pasted)
    try:
        await WORKS[step.what](work)
    except Unproved as error:
        reason = error.reason
    except NotOpened as error:
        is_other = error.link.code or error.link.other
        reason = "other home" if is_other else f"link {error.link.state}"
    except NotSignedIn:
        reason = "account"
    except ApiError:
        reason = "outage"
    else:
        await change(step, State.PROVED)
        return
    if await change(step, State.NOT_PROVED, reason) and reason != was:
        await work.note(UNPROVED[step.what])


async def change(step: MoveOutStep, state: State, reason: str = "") -> bool:
    """Bring a step from the state in which it was read into another; return False if it is in that no more."""
    same = MoveOutStep.objects.filter(pk=step.pk, state=step.state, at=step.at)
    now = timezone.now()
    if not await same.aupdate(state=state, at=now, reason=reason):
        return False
    step.state, step.at, step.reason = state, now, reason
    return True


async def clear_contact(work: Work) -> None:
    """Leave nobody for RUCKUS One to write to, and the home's name in place of the resident's."""
    opened = await work.open()
    api = opened.api()
    unit, owners = await reached(api)
    name = f"Unit {unit.number}"
    if is_clear(unit, owners, name):
        return
    if not unit.number:
        # It has to be sent along, and what was not read must not be.
        raise Unproved("no number")
    await work.begin_sending()
    contact = Contact(name=name, email="", phone_number="")
    number = unit.raw.get("number", unit.number)
    refused = await work.send(api.update_unit(number, contact))
    for user in owners:
        cleared = replace(user, email="", phone_number="")
        refused = await work.send(api.update_unit_user(cleared)) or refused

    async def shows() -> bool:
        return is_clear(*await reached(api), name)

    await diary.write(opened.mark, Event.STAFF_CLEARED_CONTACT)
    await work.prove(shows, refused=refused)


async def reached(api: ResidentApi) -> tuple[Unit, list[UnitUser]]:
    """Return the unit, and those of its own users to whom RUCKUS One could write."""
    unit, users = await api.fetch_unit(), await api.fetch_unit_users()
    own = (user for user in users if user.type in PASSPHRASES)
    return unit, [user for user in own if user.email or user.phone_number]


def is_clear(unit: Unit, owners: Sequence[UnitUser], name: str) -> bool:
    contact = unit.contact
    return not (contact.email or contact.phone_number or owners) and contact.name == name


async def reset_passphrase(work: Work) -> None:
    """Have RUCKUS One make a new passphrase."""
    step = work.step
    if not step.user_id:
        raise Unproved("hidden")
    if step.what in AGAIN_OF and await is_unread(step):
        return
    opened = await work.open()
    api = opened.api()
    user = await api.fetch_unit_user(step.user_id)
    now = passphrase_mark(work.home, user)
    if not now:
        raise Unproved("hidden")
    if step.before and now != step.before:
        return
    await work.begin_sending(now)
    refused = await work.send(api.update_unit_user(replace(user, passphrase="")))

    async def shows() -> bool:
        mark = passphrase_mark(work.home, await api.fetch_unit_user(step.user_id))
        return mark not in ("", now)

    await diary.write(opened.mark, Event.STAFF_RESET_PASSPHRASES)
    await work.prove(shows, refused=refused)


async def is_unread(step: MoveOutStep) -> bool:
    """Return whether the passphrase was reset after the old link was refused: then nobody read it."""
    steps = step.move_out.steps
    first = await steps.filter(what=AGAIN_OF[step.what], user_id=step.user_id).afirst()
    old = await steps.filter(what=OLD_LINK, state=State.PROVED).afirst()
    sent = first.sent if first and first.state == State.PROVED else None
    return bool(sent and old and old.at and sent > old.at)


def passphrase_mark(home: Home, user: UnitUser) -> str:
    """Return a keyed hash of the passphrase, "" where none is shown."""
    return digest("passphrase", home.mark, user.passphrase) if user.passphrase else ""


async def replacement_in(work: Work) -> LinkReplacement | None:
    """Return the replacement of the link that this move-out has made, or found."""
    row = await replacing.latest(work.home)
    begun = work.step.move_out.started
    return row if row and row.started >= begun and row.answer != Answer.NOT_SENT else None


async def made_replacement(work: Work) -> LinkReplacement:
    """Return the replacement that this step follows. Raise Unproved if there was none."""
    row = await replacement_in(work)
    if row is None:
        raise Unproved("not replaced")
    return row


async def replace_link(work: Work) -> None:
    """Replace the link, and prove the new one; the next step has what is known of the old one."""
    row = await replacement_in(work)
    if row is not None:
        if replacing.is_under_way(row):
            raise Unproved("late")
        if row.new_proved or await replacing.look(work.property, work.home, row, work.pasted):
            await pass_on(work, row)
            return
    opened = await work.open()
    await work.begin_sending(opened.mark)
    number = await replacing.next_number(work.home)
    row = await replacing.begin(opened, number, work.member)
    if row is None:
        # Somebody else was faster.
        raise Unproved("late")
    try:
        await replacing.replace(opened, row)
    except ApiError:
        await work.mark_sent(None)
        raise
    await pass_on(work, row)
    if row.new_proved:
        return
    if row.answer == Answer.REFUSED and not row.old_refused:
        await work.mark_sent(None)
        raise Unproved("refused")
    raise Unproved("late" if opened.given else "not given")


async def pass_on(work: Work, row: LinkReplacement) -> None:
    """Write into the next step whether the old link is refused."""
    old = await work.step.move_out.steps.aget(what=OLD_LINK)
    if old.state == State.PROVED:
        return
    if row.old_refused:
        await change(old, State.PROVED)
    elif row.answer != Answer.REFUSED and await change(old, State.NOT_PROVED, "works"):
        await work.note(UNPROVED[OLD_LINK])


async def test_old_link(work: Work) -> None:
    """Try the old link, which has to be pasted: it was not kept."""
    row = await made_replacement(work)
    if row.old_refused:
        return
    await work.note(WORDS[OLD_LINK])
    refused = await replacing.test_old(work.property, work.home, row, work.pasted)
    if not refused:
        raise Unproved("works" if refused is False or not work.pasted else "other link")


async def forget(work: Work) -> None:
    """Delete what residents left under the old link, and sign everybody out."""
    await made_replacement(work)
    await work.note(WORDS[FORGET])
    # Those that were replaced before are the former resident's as well.
    async for former in work.home.replacements.values_list("former", flat=True):
        await diary.forget(former)
    await diary.forget_home(work.home.mark)
    await end_all(work.home.mark)


WORKS: dict[str, Callable[[Work], Awaitable[None]]] = {
    CONTACT: clear_contact,
    "UNIT": reset_passphrase,
    "GUEST": reset_passphrase,
    "UNIT again": reset_passphrase,
    "GUEST again": reset_passphrase,
    LINK: replace_link,
    OLD_LINK: test_old_link,
    FORGET: forget,
}
