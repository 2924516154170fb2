"""However a property's id is spelled, it is one property."""

import itertools
import uuid

import pytest

from common.models import Session
from common.property.ids import served_property
from tests.residents.browser import Browser
from tests.residents.conftest import seeded

HOME = seeded("full branding")
HEX = "0123456789abcdef"
ID = "3098b445-38af-5850-babe-972f4cae43e6"


@pytest.mark.parametrize(
    "written", [ID, ID.upper(), ID.replace("af", "aF"), ID.replace("-", ""), "0" * 32]
)
def test_a_property_id_is_a_uuid_with_or_without_dashes(written):
    assert served_property(written) == str(uuid.UUID(written))


@pytest.mark.parametrize(
    "written",
    [
        ID.replace("-", "", 1),
        "-" + ID.replace("-", ""),
        ID.replace("-", "--"),
        ID + "-",
        ID.replace("0", "٠"),
        ID + "\n",
        "",
    ],
)
def test_other_spellings_are_no_property(written):
    with pytest.raises(ValueError, match="not the id of a property"):
        served_property(written)


async def test_a_stranger_cannot_multiply_a_property_by_spelling_it_differently(visitor, sandbox):
    digits = HOME.property_id.replace("-", "")
    spelled = set()
    for upper in itertools.product([False, True], repeat=6):
        letters = iter(upper + (False,) * 32)
        spelled.add("".join(c.upper() if c.isalpha() and next(letters) else c for c in digits))
    for place in range(33):
        spelled.add(f"{digits[:place]}-{digits[place:]}")
    for written in spelled | {HOME.property_id, HOME.property_id.upper(), digits.upper()}:
        await visitor.get(f"/p/{written}/")
    assert {call["property"] for call in sandbox.state.calls} == {HOME.property_id}


@pytest.mark.parametrize("spelling", ["upper", "without dashes"])
async def test_signing_out_everywhere_finds_who_spelled_the_property_differently(
    resident, sandbox, spelling
):
    written = HOME.property_id
    written = written.upper() if spelling == "upper" else written.replace("-", "")
    phone, stranger = await resident(), Browser()
    page = await stranger.get(f"/p/{written}/{HOME.secret}/")
    assert (await stranger.follow(await stranger.submit(page, "Open my Wi-Fi"))).status == 200
    await phone.submit(await phone.get("/sign-out-everywhere/"), "Sign out everywhere")
    assert not await Session.objects.aexists()
    assert (await stranger.get("/contact/")).status == 401
