"""What can be done with a link, and where it is written down: before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from common.diary import Event
from common.keys import ready
from staff import audit
from staff.audit import What
from staff.homes.marks import mark_handed_out
from staff.links.diary import tell_all
from staff.links.reading import StaffLink
from staff.models import Home, Property
from staff.request import Member


@dataclass(frozen=True)
class Deed:
    """A thing to do with a link: what the audit log and the diary call it, and the mark it leaves."""

    what: What
    event: Event
    way: Home.Way
    by: str = ""


SHOW = Deed(What.LINK_SHOWN, Event.STAFF_OPENED_LINK, Home.Way.SHOWN)
COPY = Deed(What.LINK_COPIED, Event.STAFF_OPENED_LINK, Home.Way.COPIED)
EMAIL = Deed(What.LINK_EMAILED, Event.STAFF_SENT_LINK, Home.Way.EMAIL, "email")
TEXT = Deed(What.LINK_TEXTED, Event.STAFF_SENT_LINK, Home.Way.TEXT_MESSAGE, "sms")
LETTER = Deed(What.LETTER_PRINTED, Event.STAFF_PRINTED_LINK, Home.Way.LETTER)
CARD = Deed(What.CARD_PRINTED, Event.STAFF_PRINTED_LINK, Home.Way.CARD)
EXPORT = Deed(What.LINK_EXPORTED, Event.STAFF_EXPORTED_LINK, Home.Way.CSV)


async def write_down(
    by: Member | User | None,
    property: Property,
    deed: Deed,
    links: Sequence[StaffLink],
    *,
    is_handed_out: bool = True,
) -> None:
    """Write down what is about to be done with the links. Raise DatabaseError: then it must not be.

    What may still fail is not handed out yet: who does it marks the homes once it is.
    """
    homes = [link.home for link in links]
    await audit.note_all(by, deed.what, property, homes)
    if is_handed_out:
        await mark_handed_out(homes, deed.way, by)
    await ready()
    details = {"by": deed.by} if deed.by else {}
    await tell_all([(link.home, link.code) for link in links], deed.event, **details)
