"""The database's thread: nobody waits for long for a database that is silent.

All that a worker asks of its database runs in one thread, one call after the other, over one
connection that stays open: a thread and a connection for each request cost as much as half a page.
A pool would have nobody to share its connections, and would add threads of its own.

A call that takes DATABASE_TIMEOUT is given up: its thread is left to itself, another one takes its
place, and for two seconds all calls fail at once. So they do after a connection that failed.
"""

import asyncio
import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connections,
)

from common import metrics

limits = logging.getLogger("portal.limits")

# What the database raises for what is no mistake in a query: out of reach, too slow, full, read-only.
DOWN = (OperationalError, InterfaceError)
REST = 2.0
# The database itself gives up a query after this share of DATABASE_TIMEOUT, which leaves its
# connection as good as before.
OWN_SHARE = 0.8
# Threads that are stuck on a disk come back when they like; with so many no further one is made.
MOST_STUCK = 8


def report(error: BaseException) -> None:
    """Write down that the database failed; of many times in a minute the log's filter keeps one."""
    metrics.count(metrics.DATABASE_FAILURES)
    limits.warning("The database can't be used: %s", " ".join(str(error).split()))


class Call(NamedTuple):
    function: Callable[[], Any]
    future: "Future[Any]"
    asked: float


def fail(call: Call, error: BaseException) -> None:
    # It may have been made just now, or nobody waits for it any more.
    with suppress(InvalidStateError):
        call.future.set_exception(error)


class Worker(threading.Thread):
    """A thread that makes one call after the other, until it is replaced."""

    def __init__(self, owner: "DatabaseThread") -> None:
        # A process does not wait at its end for a thread that is stuck.
        super().__init__(name="database", daemon=True)
        self.owner = owner
        self.is_replaced = False
        # The call that is being made, and since when.
        self.call: Call | None = None
        self.began = 0.0
        self.connection: Any = None

    def run(self) -> None:
        # Django has one for each thread.
        self.connection = connections[DEFAULT_DB_ALIAS]
        while not self.is_replaced:
            call = self.owner.line.get()
            # Whoever asked may be gone.
            if not call.future.done():
                self.began, self.call = time.monotonic(), call
                with suppress(InvalidStateError):
                    self.make(call)
                self.call = None
            del call
        connections.close_all()

    def make(self, call: Call) -> None:
        metrics.note(metrics.DATABASE_WAIT_SECONDS, self.began - call.asked)
        if self.began < self.owner.resting_until:
            call.future.set_exception(OperationalError("left alone for a moment"))
            return
        if self.began - call.asked > settings.RUCKUS_DEADLINE:
            call.future.set_exception(OperationalError("too many are waiting for it"))
            return
        try:
            look_after(self.connection)
            result = call.function()
        except BaseException as error:  # noqa: BLE001
            if isinstance(error, DOWN) and not self.is_replaced:
                report(error)
                if self.connection.connection is None:
                    self.owner.rest()
            call.future.set_exception(error)
        else:
            call.future.set_result(result)


class DatabaseThread(Executor):
    """Where sync_to_async has its calls made, see above."""

    def __init__(self) -> None:
        self.line: SimpleQueue[Call] = SimpleQueue()
        self.worker = Worker(self)
        self.stuck: list[Worker] = []
        self.resting_until = 0.0
        # The event loop that looks after the worker, while there is something to look after.
        self.watch: asyncio.AbstractEventLoop | None = None

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> "Future[Any]":
        call = Call(partial(function, *args, **more), Future(), time.monotonic())
        if self.worker.ident is None:
            # Not before: of commands such as `migrate`, which never come here, a query may take its
            # time, and a fork leaves a thread behind.
            limit_queries(connections[DEFAULT_DB_ALIAS])
            self.worker.start()
        self.line.put(call)
        loop = asyncio.get_running_loop()
        if self.watch is not loop:
            self.watch = loop
            loop.call_later(settings.DATABASE_TIMEOUT, self.look)
        return call.future

    def look(self) -> None:
        """Give up the call that is being made if it takes too long, else look again when it might."""
        call = self.worker.call
        if call is None and self.line.empty():
            self.watch = None
            return
        left = settings.DATABASE_TIMEOUT
        if call is not None:
            left -= time.monotonic() - self.worker.began
            if left <= 0:
                self.give_up(self.worker, call)
                left = settings.DATABASE_TIMEOUT
        asyncio.get_running_loop().call_later(left, self.look)

    def give_up(self, worker: Worker, call: Call) -> None:
        error = OperationalError(f"no answer within {settings.DATABASE_TIMEOUT:g} s")
        self.stuck = [thread for thread in self.stuck if thread.is_alive()]
        self.rest()
        if len(self.stuck) < MOST_STUCK:
            worker.is_replaced = True
            self.stuck.append(worker)
            self.worker = Worker(self)
            self.worker.start()
        else:
            # Nobody waits in line for a thread that may never come back.
            with suppress(Empty):
                while True:
                    fail(self.line.get_nowait(), error)
        report(error)
        fail(call, error)
        cut(worker.connection)

    def rest(self) -> None:
        """Make no call for a moment."""
        self.resting_until = time.monotonic() + REST


def look_after(connection: Any) -> None:
    """Close a connection that is too old, or that the database has closed: its next query would fail."""
    close_old_connections()
    wire = connection.connection
    # Nothing was asked, so there is nothing to read but an end.
    if connection.vendor == "postgresql" and wire and (wire.closed or has_input(wire.fileno())):
        connection.close()


def has_input(descriptor: int) -> bool:
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    return bool(ready.poll(0))


def cut(connection: Any) -> None:
    """End the network connection that a stuck thread waits for, which frees the thread."""
    if connection.vendor == "postgresql" and connection.connection is not None:
        # It may have been closed just now.
        with (
            suppress(Exception),
            socket.socket(fileno=os.dup(connection.connection.fileno())) as wire,
        ):
            wire.shutdown(socket.SHUT_RDWR)


def limit_queries(connection: Any) -> None:
    """Have PostgreSQL itself end a query that takes too long, from the next connection on."""
    if connection.vendor == "postgresql":
        milliseconds = round(1000 * OWN_SHARE * settings.DATABASE_TIMEOUT)
        options = connection.settings_dict["OPTIONS"]
        options.setdefault("options", f"-c statement_timeout={milliseconds}")


thread = DatabaseThread()
context = ThreadSensitiveContext()


def use_thread() -> None:
    """Have what this task, and all that it starts, asks of the database asked in the thread above."""
    # As a context manager, which is the public way, it would end with each request, and refuse what
    # a request leaves behind to run to its end.
    SyncToAsync.context_to_thread_executor[context] = thread
    SyncToAsync.thread_sensitive_context.set(context)
