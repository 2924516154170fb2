"""What keeps a home's link from being replaced for a while, by the home's keyed hash.

Once a day is enough, and the right to do it is given to one of all who ask at once: it is claimed
before anything is sent. And who has just pointed the home's messages at themselves must not have a
new link sent there: so a change of the contact is noted before it is sent, too. Each of the two
looks for the other after it has been written down, so that of two at the same moment at least one
sees the other.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from common.models import LinkHold

Reason = LinkHold.Reason

BETWEEN_LINKS = timedelta(days=1)
AFTER_CONTACT = timedelta(days=7)
# A reset that was accepted may take effect later, and its message goes to who is the contact then.
UNSETTLED = timedelta(minutes=10)


async def claim(home: str) -> LinkHold | None:
    """Return the right to replace the link of a home now, None where somebody had it lately."""
    now = timezone.now()
    await LinkHold.objects.filter(ends__lte=now).adelete()
    hold, claimed = await LinkHold.objects.aget_or_create(
        home=home, reason=Reason.REPLACED, defaults={"ends": now + BETWEEN_LINKS}
    )
    return hold if claimed else None


async def give_up(hold: LinkHold) -> None:
    """Give the right back: nothing was sent."""
    await LinkHold.objects.filter(pk=hold.pk).adelete()


async def note_contact(home: str) -> None:
    """Note that the contact of a home is about to be changed."""
    await LinkHold.objects.aupdate_or_create(
        home=home, reason=Reason.CONTACT, defaults={"ends": timezone.now() + AFTER_CONTACT}
    )


async def held_until(home: str) -> dict[str, datetime]:
    """Return until when the link of a home can't be replaced, for each reason that there is."""
    holds = LinkHold.objects.filter(home=home, ends__gt=timezone.now())
    return {hold.reason: hold.ends async for hold in holds}


async def is_unsettled(home: str) -> bool:
    """Return whether the link of a home was replaced so lately that its message may be yet to come."""
    ends = (await held_until(home)).get(Reason.REPLACED)
    return ends is not None and ends > timezone.now() + BETWEEN_LINKS - UNSETTLED
