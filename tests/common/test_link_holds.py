"""What keeps a home's link from being replaced for a while."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common import link_holds
from common.link_holds import Reason
from common.models import LinkHold

pytestmark = pytest.mark.django_db


async def pass_by(**time: float) -> None:
    """Let every hold be so much older."""
    async for hold in LinkHold.objects.all():
        assert str(hold) == hold.reason
        hold.ends -= timedelta(**time)
        await hold.asave()


async def test_the_right_is_given_to_one_for_a_day():
    assert await link_holds.claim("home")
    assert await link_holds.claim("home") is None
    assert await link_holds.claim("another home")
    await pass_by(hours=23, minutes=59)
    assert await link_holds.claim("home") is None
    await pass_by(minutes=1)
    assert await link_holds.claim("home")


async def test_a_right_that_is_given_back_can_be_had_again():
    hold = await link_holds.claim("home")
    assert hold is not None
    await link_holds.note_contact("home")
    await link_holds.give_up(hold)
    assert list(await link_holds.held_until("home")) == [Reason.CONTACT]
    assert await link_holds.claim("home")


async def test_a_change_of_the_contact_holds_for_seven_days_from_the_last():
    await link_holds.note_contact("home")
    await pass_by(days=6)
    await link_holds.note_contact("home")
    held = await link_holds.held_until("home")
    assert held[Reason.CONTACT] - timezone.now() > timedelta(days=6)
    await pass_by(days=7)
    assert await link_holds.held_until("home") == {}


async def test_a_link_is_unsettled_for_ten_minutes():
    await link_holds.note_contact("home")
    assert not await link_holds.is_unsettled("home")
    await link_holds.claim("home")
    await pass_by(minutes=9)
    assert await link_holds.is_unsettled("home")
    await pass_by(minutes=1)
    assert not await link_holds.is_unsettled("home")
