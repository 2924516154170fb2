"""What residents read in their home's diary of what staff did with its link."""

from collections.abc import Iterable

from common import diary
from common.diary import Event
from common.homes import link_mark
from staff.models import Home


async def tell(home: Home, event: Event, code: str = "", **details: str) -> None:
    """Write in the home's diary what staff did: that of the link with this code, where it is known.

    Nothing is failed or held up by it.
    """
    if code:
        await diary.write(link_mark(home.mark, code), event, **details)
    else:
        await diary.write_for_home(home.mark, event, **details)


async def tell_all(links: Iterable[tuple[Home, str]], event: Event, **details: str) -> None:
    """Write the same in the diaries of many homes, given each with its access code."""
    marks = [link_mark(home.mark, code) for home, code in links]
    await diary.write_to_all(marks, event, **details)
