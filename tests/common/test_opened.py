"""Homes that were opened."""

import pytest
from django.db import DatabaseError

from common import opened
from common.models import OpenedHome


async def test_the_first_sign_in_is_what_counts(db):
    await opened.remember("a home")
    first = await OpenedHome.objects.aget()
    await opened.remember("a home")
    again = await OpenedHome.objects.aget()
    assert (again.home, again.at) == ("a home", first.at)


async def test_a_database_that_is_down_is_nobodys_trouble(monkeypatch: pytest.MonkeyPatch):
    async def down(*_: object, **__: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(OpenedHome.objects, "abulk_create", down)
    await opened.remember("a home")
