"""What staff see while the portal's own database is out of order."""

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import AsyncRequestFactory

from common import keys
from ruckus.errors import Unavailable
from staff.door.signed_in import NotSignedIn
from staff.middleware import StaffPages
from tests.residents.test_database_down import Down, down

__all__ = ["down"]

WORDS = "The portal’s own database can’t be used right now"


async def test_a_worker_that_has_not_read_its_key_says_so(staff, down: Down, monkeypatch):
    browser = await staff()
    monkeypatch.setattr(keys, "digest_secret", "")
    async with down():
        page = await browser.get("/staff/")
    assert page.status == 503
    assert page.headers["Retry-After"] == "10"
    assert WORDS in page.words
    assert (await browser.get("/staff/")).status == 200


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotSignedIn(), 302, ""),
        (Unavailable("anOperation", "timeout"), 503, "We can’t reach RUCKUS One"),
        (OperationalError("down"), 503, WORDS),
        (None, 200, "a page"),
    ],
)
async def test_what_a_view_does_not_catch_becomes_a_page(staff, error, status, words):
    async def view(request: Any) -> HttpResponse:
        if error:
            raise error
        return HttpResponse("a page")

    request = AsyncRequestFactory().get("/staff/")
    response = await StaffPages(view).process_view(request, view, (), {})
    assert response.status_code == status
    assert words in response.content.decode()
