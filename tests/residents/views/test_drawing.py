"""Very long pages are drawn where nobody waits for them, and are what short ones are."""

import dataclasses
import threading
import uuid

import pytest

from common import drawing
from tests.residents.conftest import seeded

HOME = seeded("full branding")


@pytest.fixture
def drawn_in(monkeypatch) -> list[threading.Thread]:
    """The threads in which pages were drawn."""
    threads = []
    render = drawing.render

    def noted(*args, **more):
        threads.append(threading.current_thread())
        return render(*args, **more)

    monkeypatch.setattr(drawing, "render", noted)
    return threads


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("page", ["/", "/devices/", "devices/", "reset/"])
async def test_a_page_with_very_many_rows_leaves_the_loop_to_others(
    resident, sandbox, drawn_in, page, many
):
    browser = await resident()
    unit = sandbox.state.units[HOME.unit_guid]
    user = sandbox.user(HOME)
    number = 1_000 if many else 2
    new = {"type": "LINKED", "devices": []}
    unit.users += [
        dataclasses.replace(user, id=str(uuid.uuid4()), name=f"Guest {n}", **new)
        for n in range(number)
    ]
    device = dataclasses.replace(user.devices[0], type="Laptop")
    user.devices = [
        dataclasses.replace(
            device, guid=str(uuid.uuid4()), mac=f"02:00:00:00:{n // 256:02X}:{n % 256:02X}"
        )
        for n in range(number)
    ]
    drawn_in.clear()
    path = page if page[0] == "/" else f"/wifi/unit/{user.id}/{page}"
    view = await browser.get(path, **{"Accept-Language": "de"})
    assert view.status == 200
    assert "Sprache" in view.root.one("footer").words
    assert len(drawn_in) == 1
    assert (drawn_in[0] is threading.current_thread()) is not many
    assert ("Guest 1" if page == "/" else "Laptop") in view.text


async def test_a_home_has_few_identities_of_its_own(resident, sandbox):
    browser = await resident()
    user = sandbox.user(HOME)
    sandbox.state.units[HOME.unit_guid].users += [
        dataclasses.replace(user, id=str(uuid.uuid4()), devices=[]) for _ in range(50)
    ]
    assert (await browser.get("/")).sections == ["Home Wi-Fi"] * 4
