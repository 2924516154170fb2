"""What residents see while our own database is out of order, and that nobody is signed out by it."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection

from common import keys
from common.models import Session
from portal import middleware
from residents.door import session
from residents.home import checklists, device_names
from tests.faults.waiting import until
from tests.residents.browser import View
from tests.residents.conftest import seeded

HOME = seeded("full branding")
HEADING = "We can’t look anything up right now"
UNSURE = "We don’t know if this was saved"

Down = Callable[..., AbstractAsyncContextManager[list[str]]]


@pytest.fixture
def down() -> Down:
    """A context in which the database fails at queries that have one of these words, or at all.

    It may stand still before, until something is set, and be well after that.
    """

    @asynccontextmanager
    async def down(
        *words: str, until: threading.Event | None = None, fails: bool = True
    ) -> AsyncIterator[list[str]]:
        failed: list[str] = []

        def fail(execute: Any, sql: str, *more: Any) -> Any:
            # Transactions are the test's own.
            if "SAVEPOINT" in sql or (words and not any(word in sql for word in words)):
                return execute(sql, *more)
            if until:
                assert until.wait(20)
            if not fails:
                return execute(sql, *more)
            failed.append(sql)
            raise OperationalError("out of reach")

        # In the thread whose connection the portal uses.
        await sync_to_async(lambda: connection.execute_wrappers.append(fail))()
        try:
            yield failed
        finally:
            await sync_to_async(lambda: connection.execute_wrappers.remove(fail))()

    return down


def tells(view: View) -> None:
    assert view.status == 503
    assert view.response.headers["Retry-After"] == "10"
    assert HEADING in view.words


async def test_a_page_says_so_and_is_there_again_afterwards(resident, down):
    browser = await resident()
    async with down():
        page = await browser.get("/")
    tells(page)
    assert page.heading == "There is a problem"
    # Nobody has to come in again.
    assert "use the link from your building" not in page.words
    assert UNSURE not in page.words
    assert (await browser.get("/")).heading == "Unit 2338"


async def test_under_htmx_it_is_a_notice(resident, down):
    browser = await resident()
    async with down():
        part = await browser.htmx("/devices/")
    tells(part)
    assert part.response.headers["HX-Retarget"] == "#notice"


async def test_a_form_stays_as_it_was_typed(resident, down):
    browser = await resident()
    page = await browser.get("/contact/")
    async with down("common_awaitedwrite"):
        answer = await browser.submit(page, "Save contact details", name="Robin Newname")
    tells(answer)
    assert UNSURE in answer.words
    assert "Robin Newname" in answer.text


async def test_an_address_that_does_not_exist_is_told_as_ever(resident, down):
    browser = await resident()
    async with down():
        page = await browser.get("/nothing/")
    assert page.status == 404
    assert "There’s nothing here" in page.words


async def test_to_look_at_a_page_nothing_need_be_written_down(resident, down, monkeypatch):
    monkeypatch.setattr(session, "SEEN_EVERY", -1)
    browser = await resident()
    cookie = browser.cookie
    async with down("UPDATE") as failed:
        assert (await browser.get("/")).heading == "Unit 2338"
        assert failed
        page = await browser.get("/contact/")
        tells(await browser.submit(page, "Save contact details", name="Robin Newname"))
    assert browser.cookie == cookie
    assert (await browser.get("/")).heading == "Unit 2338"


async def test_a_page_does_not_wait_for_long_until_its_session_was_written_down(
    resident, down, monkeypatch
):
    monkeypatch.setattr(session, "SEEN_EVERY", -1)
    browser = await resident()
    monkeypatch.setattr(middleware, "PATIENCE", 0.05)
    for fails in (False, True):
        before = (await Session.objects.aget()).session_data
        async with down("UPDATE", until=(looked := threading.Event()), fails=fails) as failed:
            assert (await browser.get("/")).heading == "Unit 2338"
            assert middleware.saving
            looked.set()
            await until(lambda: not middleware.saving)
        assert bool(failed) is fails
        assert ((await Session.objects.aget()).session_data == before) is fails


async def test_a_worker_that_ends_leaves_sessions_unsaved():
    task = asyncio.ensure_future(asyncio.sleep(60))
    middleware.saving.add(task)
    task.add_done_callback(middleware.saved)
    task.cancel()
    await asyncio.wait({task})
    await asyncio.sleep(0)
    assert task not in middleware.saving


@pytest.mark.parametrize("table", ["residents_session", "common_knownproperty"])
async def test_nobody_is_signed_in_to_a_session_that_is_not_kept(visitor, down, table):
    page = await visitor.get(f"/p/{HOME.property_id}/guess/")
    async with down(f'INTO "{table}"') as failed:
        tells(await visitor.submit(page, "Open my Wi-Fi", secret=HOME.secret))
        assert failed
    assert not visitor.cookie
    assert not await Session.objects.aexists()
    assert (await visitor.sign_in(HOME)).heading == "Unit 2338"


@pytest.mark.django_db(transaction=True)
async def test_nobody_is_told_that_a_session_has_ended_which_has_not(resident, down):
    browser = await resident()
    page = await browser.get("/")
    async with down("DELETE"):
        tells(await browser.submit(page, "Sign out"))
    assert (await browser.get("/")).heading == "Unit 2338"


@pytest.mark.django_db(transaction=True)
async def test_a_token_that_is_over_is_told_when_the_session_can_be_ended(resident, sandbox, down):
    browser = await resident()
    sandbox.fault(status=401)
    async with down("DELETE"):
        tells(await browser.get("/"))
    assert (await browser.get("/")).status == 401


async def test_a_worker_that_has_not_read_its_key_says_so(visitor, down, monkeypatch):
    monkeypatch.setattr(keys, "digest_secret", "")
    async with down():
        tells(await visitor.get(f"/p/{HOME.property_id}/"))
    assert (await visitor.get(f"/p/{HOME.property_id}/")).status == 200


async def test_a_list_of_devices_does_not_wait_for_long_for_their_names(resident, monkeypatch):
    browser = await resident()
    monkeypatch.setattr(device_names, "PATIENCE", 0.05)
    monkeypatch.setattr(device_names, "stored", lambda link: time.sleep(1) or {})
    page = await browser.get("/devices/")
    assert page.status == 200
    assert page.devices


async def test_a_list_of_devices_does_not_wait_for_long_for_what_has_to_join_again(
    resident, monkeypatch
):
    browser = await resident()
    monkeypatch.setattr(checklists, "PATIENCE", 0.05)
    monkeypatch.setattr(checklists, "stored_lists", lambda link: time.sleep(1) or [])
    page = await browser.get("/devices/")
    assert page.status == 200
    assert page.devices
