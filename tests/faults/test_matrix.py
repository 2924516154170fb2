"""The fault matrix: whatever the vendor's end does, the page is honest, soon there, and ours."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common import upstream as upstreams
from common.logs import Line
from common.upstream import close_upstream
from tests.faults.catalogue import DEADLINE
from tests.faults.cells import FLOWS, Cell, Crossroads, Flow, look
from tests.faults.report import PROPERTY, row
from tests.faults.vendor import VENDOR_WORDS, Vendor

# Waiting costs nothing; of what does not wait, many at once would hold each other up for longer
# than the deadline.
WAITING_AT_ONCE = 16
AT_ONCE = 3


class Lines(logging.Handler):
    """Keeps what the portal logs, before anything redacts it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Line())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # The test's own browser logs its requests; the portal has no client that does.
        if record.name != "httpx":
            self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[list[str]]:
    handler = Lines()
    # In front of those that redact: the portal's own code is to log no secret in the first place.
    logging.root.handlers.insert(0, handler)
    yield handler.lines
    logging.root.removeHandler(handler)


@pytest.fixture
def app(db: None, settings: Any) -> Any:
    settings.RUCKUS_DEADLINE = DEADLINE
    from portal.asgi import Portal

    return Portal()


@pytest.mark.parametrize("flow", FLOWS, ids=str)
async def test_a_page_is_honest_and_soon_there_whatever_fails(
    flow: Flow,
    app: Any,
    lines: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    record_property: Any,
):
    async with Vendor() as vendor:
        places = {
            "refused": vendor.refusing(),
            "no such name": "http://ruckus.invalid",
            "self-signed": await vendor.self_signed(tmp_path),
            "no TLS": await vendor.plain(),
            "no handshake": vendor.accepting(),
        }
        # Without the breaker, which would make a cell depend on those before it.
        monkeypatch.setattr(
            upstreams,
            "make_upstream",
            lambda: Crossroads(
                vendor, places, deadline=DEADLINE, connect_timeout=DEADLINE / 2, breaker=False
            ),
        )
        try:
            cells, again = await look_at_all(vendor, app, flow)
        finally:
            await close_upstream()
        assert vendor.strays == 0, "A redirect was followed"

    record_property(PROPERTY, row(flow, cells, again))
    wrong = [str(cell) for cell in cells if cell.wrong]
    assert not wrong, f"{len(wrong)} of {len(cells)} cells:\n" + "\n".join(wrong)
    log = "\n".join(lines)
    assert "hush" not in log.lower()
    assert VENDOR_WORDS not in log
    assert not [cell.token for cell in cells if cell.token and cell.token in log]


async def look_at_all(vendor: Vendor, app: Any, flow: Flow) -> tuple[list[Cell], int]:
    """All cells of a flow, and how many of them were looked at again.

    On a busy machine a cell may be held up for longer than its deadline: what looks wrong is looked
    at once more, alone.
    """
    turns = {True: asyncio.Semaphore(WAITING_AT_ONCE), False: asyncio.Semaphore(AT_ONCE)}

    async def one(fault: Any) -> Cell:
        async with turns[fault.waits]:
            return await look(vendor, app, flow, fault)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(fault)) for fault in flow.faults]
    cells = [task.result() for task in tasks]
    again = 0
    for n, cell in enumerate(cells):
        if cell.wrong:
            again += 1
            cells[n] = await look(vendor, app, flow, cell.fault)
    return cells, again
