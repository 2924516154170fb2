"""Replacing the link of a home: once, however often it is asked for, and with what is known of it."""

from datetime import timedelta

from django.utils import timezone

from common import diary, link_holds
from common.diary import Event
from common.homes import link_mark
from common.models import OpenedHome
from common.sessions import end_all
from ruckus.errors import NotSignedIn, Unavailable
from ruckus.link_replacement import Replacement, is_refused, replace_link
from ruckus.links import property_id as dashed
from ruckus.unit_links import UnitLink, same_id
from staff.accounts.api import save_shape, unit_links
from staff.handover.opening import OpenHome, api_of, open_home
from staff.links.reading import codes_in
from staff.models import Home, LinkReplacement, Property
from staff.request import Member

Answer = LinkReplacement.Answer

LONGEST = timedelta(seconds=90)
"""After so long without an end the process of a replacement has ended."""

LATE = timedelta(minutes=5)
"""For so long a change that was sent may still take effect; nothing is sent again before."""


async def latest(home: Home) -> LinkReplacement | None:
    """Return the latest replacement of a home's link by staff."""
    return await home.replacements.select_related("by").afirst()


def is_under_way(row: LinkReplacement) -> bool:
    """Return whether a request is at it now, as far as can be told."""
    return row.ended is None and row.started > timezone.now() - LONGEST


async def next_number(home: Home) -> int:
    """Return which replacement the next one is."""
    row = await latest(home)
    return row.number + 1 if row else 1


async def begin(opened: OpenHome, number: int, member: Member) -> LinkReplacement | None:
    """Return the right to replace the link for this number, None if it is not the next or was given."""
    row = await latest(opened.home)
    if number != (row.number + 1 if row else 1) or (row and is_under_way(row)):
        return None
    row, created = await LinkReplacement.objects.aget_or_create(
        home=opened.home, number=number, defaults={"by": member.user, "former": opened.mark}
    )
    return row if created else None


async def replace(opened: OpenHome, row: LinkReplacement) -> None:
    """Replace the link, find out what came of it, and write that down. Raise ApiError if nothing was sent."""
    place, home = opened.place, opened.home
    links = unit_links(place.account) if opened.given else None
    old = UnitLink(
        home.unit_id,
        dashed(place.venue_id),
        opened.code,
        proved=True,
        other_unit_id=opened.unit_id or None,
    )
    # Residents may not do it themselves right after.
    hold = await link_holds.claim(home.mark)
    try:
        found = await replace_link(api_of(place), old, links, venue_id=place.venue_id)
    except Exception:
        if hold:
            await link_holds.give_up(hold)
        await end(row, Answer.NOT_SENT)
        raise
    if links is not None:
        await save_shape(place.account, links)
    new = found.new
    if new is not None and not same_id(new.other_unit_id or new.unit_id, opened.unit_id):
        # It opens another home: nobody should be given it.
        new = None
    row.new_proved, row.old_refused = new is not None, found.old_refused
    await end(row, answer_of(found))
    if is_settled(row):
        marks = [row.former]
        if new is not None:
            marks.append(link_mark(home.mark, new.code or ""))
        await settle(home, row, marks)
    elif row.answer == Answer.UNKNOWN:
        await end_all(home.mark)


def answer_of(found: Replacement) -> Answer:
    """Return what RUCKUS One said to it."""
    if found.taken:
        return Answer.TAKEN
    if isinstance(found.failure, (NotSignedIn, Unavailable)):
        return Answer.UNKNOWN
    return Answer.REFUSED


def is_settled(row: LinkReplacement) -> bool:
    """Return whether the link was replaced, or is going to be."""
    return row.new_proved or row.old_refused or row.answer == Answer.TAKEN


async def end(row: LinkReplacement, answer: Answer) -> None:
    """Write down that nobody is at it any more, and what is known."""
    row.answer, row.ended = answer, timezone.now()
    await row.asave(update_fields=["answer", "ended", "new_proved", "old_refused"])


async def settle(home: Home, row: LinkReplacement, marks: list[str]) -> None:
    """Forget what was known of the old link, and sign out everybody who came in with it."""
    await Home.objects.filter(pk=home.pk).aupdate(
        link=Home.Link.READY if row.new_proved else Home.Link.UNKNOWN,
        link_checked=timezone.now() if row.new_proved else None,
        link_proved=row.new_proved,
        handed_out=None,
        handed_out_how="",
        handed_out_by=None,
    )
    await OpenedHome.objects.filter(home=home.mark).adelete()
    await end_all(home.mark)
    await diary.write_to_all(marks, Event.STAFF_REPLACED_LINK)


async def look(property: Property, home: Home, row: LinkReplacement, pasted: str = "") -> bool:
    """Look for the new link, and return whether it is there and opens the home. Raise NotOpened or ApiError."""
    opened = await open_home(property, home, pasted)
    if opened.mark == row.former:
        return False
    if not row.new_proved:
        settled, row.new_proved = is_settled(row), True
        await end(row, Answer(row.answer))
        if settled:
            # It may have been handed out since.
            await diary.write(opened.mark, Event.STAFF_REPLACED_LINK)
        else:
            await settle(home, row, [row.former, opened.mark])
    return True


async def test_old(
    property: Property, home: Home, row: LinkReplacement, pasted: str
) -> bool | None:
    """Return whether the old link, which was pasted, is refused now; None for any other link. Raise ApiError."""
    for code in codes_in(property, pasted, home.unit_id):
        if link_mark(home.mark, code) == row.former:
            refused = await is_refused(api_of(property), dashed(property.venue_id), code)
            if refused:
                settled, row.old_refused = is_settled(row), True
                await end(row, Answer(row.answer))
                if not settled:
                    await settle(home, row, [row.former])
            return refused
    return None
