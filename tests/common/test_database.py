"""The thread of the database: one call after the other, and no wait without end."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, connection

from common import database
from common.database import Call, DatabaseThread, Worker

pytestmark = pytest.mark.django_db

# Seconds, far more than a busy machine needs for what takes none.
LONG = 20.0
# And what a call may take that will not end.
SHORT = 0.4


@pytest.fixture
def thread(settings: Any) -> DatabaseThread:
    settings.DATABASE_TIMEOUT = LONG
    return DatabaseThread()


def name() -> str:
    return f"{threading.current_thread().name} {threading.get_ident()}"


async def made(thread: DatabaseThread, function: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.wait_for(
        asyncio.get_running_loop().run_in_executor(thread, function, *args), LONG
    )


def raises(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


def connected_then(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        connection.ensure_connection()
        raise error

    return function


@asynccontextmanager
async def stuck(thread: DatabaseThread, settings: Any) -> AsyncIterator[Worker]:
    """Let the thread stand still for as long as this is the context."""
    over = threading.Event()
    worker, settings.DATABASE_TIMEOUT = thread.worker, SHORT
    try:
        with pytest.raises(OperationalError, match=r"no answer within 0\.4 s"):
            await made(thread, over.wait)
        yield worker
    finally:
        over.set()
        await asyncio.to_thread(worker.join, LONG)


async def test_all_calls_are_made_in_one_thread(thread):
    names = await asyncio.gather(*(made(thread, name) for _ in range(20)))
    assert len(set(names)) == 1
    assert names[0].startswith("database ")
    assert await made(thread, max, 1, 2) == 2


@pytest.mark.parametrize("error", [ZeroDivisionError(), asyncio.CancelledError()])
async def test_what_a_call_raises_is_raised(thread, error):
    with pytest.raises(type(error)):
        await made(thread, raises(error))
    assert thread.resting_until == 0.0
    assert await made(thread, name)


async def test_a_call_that_nobody_waits_for_is_not_made(thread):
    over, calls = threading.Event(), []
    first = asyncio.ensure_future(made(thread, over.wait))
    second = asyncio.ensure_future(made(thread, calls.append, "second"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    over.set()
    assert await first
    assert await made(thread, name)
    assert calls == []


async def test_a_call_whose_asker_leaves_meanwhile_leaves_the_thread_as_it_was(thread):
    begun, over = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        over.wait()

    for end in (slow, lambda: (slow(), 1 / 0)):
        call = asyncio.ensure_future(made(thread, end))
        await asyncio.to_thread(begun.wait)
        call.cancel()
        await asyncio.sleep(0)
        over.set()
        assert await made(thread, name)
        begun.clear()
        over.clear()


async def test_a_stuck_thread_is_given_up_and_another_takes_its_place(thread, settings, caplog):
    settings.DATABASE_TIMEOUT = SHORT
    before = await made(thread, name)
    async with stuck(thread, settings) as worker:
        assert worker.is_alive()
        # For a moment all calls fail at once.
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(OperationalError, match="left alone"):
                await made(thread, name)
        assert time.monotonic() - began < LONG / 2
        thread.resting_until = 0.0
        assert await made(thread, name) != before
    assert not worker.is_alive()
    assert caplog.messages == ["The database can't be used: no answer within 0.4 s"]


async def test_what_waits_in_line_behind_a_stuck_thread_fails_with_it(thread, settings):
    over = threading.Event()
    settings.DATABASE_TIMEOUT = SHORT
    try:
        found = await asyncio.gather(
            made(thread, over.wait),
            *(made(thread, name) for _ in range(5)),
            return_exceptions=True,
        )
    finally:
        over.set()
    assert [type(error) for error in found] == [OperationalError] * 6


async def test_a_slow_line_is_not_taken_for_a_stuck_thread(thread, settings):
    settings.DATABASE_TIMEOUT = 0.5
    # Together far longer, each for itself far shorter.
    await asyncio.gather(*(made(thread, time.sleep, 0.02) for _ in range(40)))
    assert thread.resting_until == 0.0
    assert thread.stuck == []
    # It is looked after only while there is something to do.
    await asyncio.sleep(1.1)
    assert thread.watch is None
    assert await made(thread, name)
    assert thread.watch is asyncio.get_running_loop()


async def test_a_call_that_is_about_to_be_made_is_looked_after(thread, settings):
    settings.DATABASE_TIMEOUT = LONG
    thread.watch = asyncio.get_running_loop()
    thread.line.put(Call(name, Future(), time.monotonic()))
    thread.look()
    assert thread.watch is asyncio.get_running_loop()
    assert thread.stuck == []


async def test_nobody_waits_in_line_past_the_deadline_of_a_request(thread, settings):
    over = threading.Event()
    settings.RUCKUS_DEADLINE = 0.05
    first = asyncio.ensure_future(made(thread, over.wait))
    second = asyncio.ensure_future(made(thread, name))
    await asyncio.sleep(0.2)
    over.set()
    assert await first
    with pytest.raises(OperationalError, match="too many"):
        await second


async def test_no_more_threads_are_made_than_may_be_stuck(thread, settings, monkeypatch):
    monkeypatch.setattr(database, "MOST_STUCK", 1)
    async with stuck(thread, settings) as first:
        assert thread.stuck == [first]
        thread.resting_until = 0.0
        over, second = threading.Event(), thread.worker
        try:
            found = await asyncio.gather(
                made(thread, over.wait), made(thread, name), return_exceptions=True
            )
            assert [type(error) for error in found] == [OperationalError] * 2
            assert thread.worker is second
        finally:
            over.set()
    thread.resting_until = 0.0
    assert await made(thread, name)


@pytest.mark.parametrize("error", [OperationalError("no\n\troute"), InterfaceError("no route")])
async def test_a_connection_that_fails_is_not_tried_again_at_once(thread, error, caplog):
    with pytest.raises(type(error)):
        await made(thread, raises(error))
    with pytest.raises(OperationalError, match="left alone"):
        await made(thread, name)
    assert caplog.messages == ["The database can't be used: no route"]
    assert caplog.records[0].name == "portal.limits"


async def test_a_query_that_fails_is_no_reason_to_leave_the_database_alone(thread, caplog):
    with pytest.raises(OperationalError):
        await made(thread, connected_then(OperationalError("disk is full")))
    assert await made(thread, name)
    assert caplog.messages == ["The database can't be used: disk is full"]


async def test_what_a_thread_that_was_given_up_comes_to_is_not_told(thread, settings, caplog):
    over = threading.Event()

    def late() -> None:
        over.wait()
        raise OperationalError("late")

    worker, settings.DATABASE_TIMEOUT = thread.worker, SHORT
    with pytest.raises(OperationalError, match="no answer"):
        await made(thread, late)
    over.set()
    await asyncio.to_thread(worker.join, LONG)
    assert not worker.is_alive()
    assert len(caplog.messages) == 1


# PostgreSQL, of which tests/portal/test_databases.py has a real one --------------------------------


def postgresql(wire: Any) -> Any:
    closed: list[bool] = []
    return SimpleNamespace(
        vendor="postgresql",
        connection=wire,
        closed=closed,
        close=lambda: closed.append(True),
        settings_dict={"OPTIONS": {}},
    )


def wire_of(end: socket.socket) -> Any:
    return SimpleNamespace(fileno=end.fileno, closed=False)


def test_a_connection_that_the_database_has_closed_is_not_used_again():
    ours, theirs = socket.socketpair()
    with ours:
        open_one = postgresql(wire_of(ours))
        database.look_after(open_one)
        assert open_one.closed == []
        theirs.close()
        database.look_after(open_one)
        assert open_one.closed == [True]
    known = postgresql(SimpleNamespace(closed=True))
    database.look_after(known)
    assert known.closed == [True]
    none = postgresql(None)
    database.look_after(none)
    assert none.closed == []


def test_a_connection_that_is_cut_wakes_who_reads_from_it():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        database.cut(postgresql(wire_of(ours)))
        assert ours.recv(1) == b""
        assert ours.fileno() >= 0


def test_a_connection_that_is_gone_cannot_be_cut():
    database.cut(postgresql(None))
    database.cut(postgresql(SimpleNamespace(fileno=lambda: os.dup(-1))))
    database.cut(SimpleNamespace(vendor="sqlite", connection=object()))


def test_queries_are_limited_where_nobody_has_set_a_limit(settings):
    settings.DATABASE_TIMEOUT = 5.0
    wrapper = postgresql(None)
    database.limit_queries(wrapper)
    assert wrapper.settings_dict["OPTIONS"] == {"options": "-c statement_timeout=4000"}
    wrapper.settings_dict["OPTIONS"]["options"] = "-c search_path=portal"
    database.limit_queries(wrapper)
    assert wrapper.settings_dict["OPTIONS"] == {"options": "-c search_path=portal"}


# Django's own calls ---------------------------------------------------------------------------------


def test_what_django_sends_to_a_thread_comes_to_this_one(monkeypatch, settings):
    settings.DATABASE_TIMEOUT = LONG
    own = DatabaseThread()
    monkeypatch.setattr(database, "thread", own)

    async def asked() -> list[str]:
        database.use_thread()
        later = asyncio.ensure_future(sync_to_async(name)())
        return [await sync_to_async(name)(), await later]

    # Outside of a test's own thread, as a server is.
    found: list[list[str]] = []
    outside = threading.Thread(target=lambda: found.append(asyncio.run(asked())))
    outside.start()
    outside.join(LONG)
    assert {word.split()[0] for word in found[0]} == {"database"}
    assert len(set(found[0])) == 1
    assert own.worker.is_alive()
