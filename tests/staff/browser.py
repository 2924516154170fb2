"""A browser of a member of staff."""

from typing import Any

from django.conf import settings

from tests.residents import html
from tests.residents.browser import Browser, View


class StaffBrowser(Browser):
    """Opens staff's pages, follows links, fills in forms."""

    @property
    def cookie(self) -> str:
        """The session cookie, "" without one."""
        morsel = self.client.cookies.get(settings.STAFF_COOKIE_NAME)
        return morsel.value if morsel else ""

    async def press(self, view: View, button: str, **typed: Any) -> View:
        """Presses a button, which may have a value and an address of its own."""
        form = view.form(button)
        pressed = next(each for each in form.all("button") if each.words == button)
        data = html.values(form) | typed
        if name := pressed.attrs.get("name"):
            data[name] = pressed.attrs["value"]
        address = pressed.attrs.get("formaction") or form.attrs["action"]
        return await self.send(form.attrs.get("method", "get").upper(), address, data)
