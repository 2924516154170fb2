"""What residents read of what staff did with their link."""

from common import diary
from common.diary import Event
from common.homes import link_mark
from staff.links.diary import tell


async def test_who_has_the_code_writes_to_its_diary(building):
    home = await building.home("103")
    await tell(home, Event.STAFF_SENT_LINK, "a code", by="email")
    [entry], _ = await diary.read(link_mark(home.mark, "a code"))
    assert (entry.event, entry.details) == (Event.STAFF_SENT_LINK, {"by": "email"})


async def test_who_has_not_writes_for_the_home(building):
    home = await building.home("103")
    await diary.signed_in(home.mark, link_mark(home.mark, "a code"), "phone")
    await tell(home, Event.STAFF_SENT_LINK, by="")
    entries, _ = await diary.read(link_mark(home.mark, "a code"))
    assert Event.STAFF_SENT_LINK in [entry.event for entry in entries]
