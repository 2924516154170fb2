"""Homes that are selected in the list, and what is asked of them."""

from tests.residents.browser import View
from tests.staff.browser import StaffBrowser
from tests.staff.conftest import ConnectedBuilding


async def ask(
    browser: StaffBrowser, building: ConnectedBuilding, do: str, *numbers: str, **more: str
) -> View:
    """The page that asks before it does something with homes: with all where none is named."""
    ids = [building.unit(number).guid for number in numbers]
    page = await browser.get(f"/staff/p/{building.property.id}/homes/{building.units[1].guid}/")
    token = page.root.all("input", name="csrfmiddlewaretoken")[0].attrs["value"]
    chosen = {"unit": ids} if ids else {"all": "1"}
    data = {"do": do, "csrfmiddlewaretoken": token, **chosen, **more}
    return await browser.send("POST", f"/staff/p/{building.property.id}/selection/", data)
