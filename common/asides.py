"""What is written beside an action of somebody's: it neither fails the action nor holds it up."""

import asyncio
import logging
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.db import Error, close_old_connections

log = logging.getLogger("portal")

# Seconds that an action waits for what is written, which goes on all the same.
PATIENCE = 0.5
# A task that nobody holds may be gone before its end.
under_way: set[asyncio.Task[None]] = set()


async def write_aside(what: str, work: Callable[[], object]) -> None:
    """Do the work, which is sync; if the database fails, the log says what was not written."""
    task = asyncio.create_task(attempt(what, work))
    under_way.add(task)
    task.add_done_callback(under_way.discard)
    await asyncio.wait({task}, timeout=PATIENCE)


async def attempt(what: str, work: Callable[[], object]) -> None:
    try:
        await sync_to_async(with_good_connection)(work)
    except Error as error:
        log.warning("%s was not written: %s", what, type(error).__name__)


def with_good_connection(work: Callable[[], object]) -> None:
    close_old_connections()
    work()
