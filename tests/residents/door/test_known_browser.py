"""Browsers that were signed in before, and for how long they are known."""

import time
from types import SimpleNamespace

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory

from residents.door.known_browser import remember, who_asks

PROPERTY = "3098b445-38af-5850-babe-972f4cae43e6"
YEAR = 365 * 24 * 3600


def test_a_browser_is_known_for_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    response = HttpResponse()
    remember(response, PROPERTY, "the mark of a home")
    cookie = response.cookies["known"]
    assert cookie["max-age"] == YEAR
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    request.COOKIES["known"] = cookie.value
    now = time.time()

    def asks_after(seconds: float) -> str:
        monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda: now + seconds))
        return who_asks(request, PROPERTY)

    assert asks_after(YEAR - 60) == "the mark of a home"
    # Whatever the browser makes of the age.
    assert asks_after(YEAR + 60) == "203.0.113.7"
